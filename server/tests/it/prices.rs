use serde_json::json;
use server::prices::sources::Prices;

use crate::market::{Bars, with_bars};
use crate::trading::Trading;

#[tokio::test]
async fn closes_come_ascending_from_what_runs_have_seen() {
    let app = Trading::new(Prices::default()).await.app;
    let answer = app.get("/prices/gme?days=4").await.body;
    assert_eq!(
        answer["data"],
        json!([{"date": "2026-01-05", "close": 24.5}, {"date": "2026-01-06", "close": 24.8}])
    );
    let meta = &answer["meta"];
    assert_eq!(
        (&meta["ticker"], &meta["days"], &meta["total"], &meta["complete"]),
        (&json!("GME"), &json!(4), &json!(2), &json!(true))
    );
    let later = app.get("/prices/GME?days=3").await.body;
    assert_eq!(
        later["data"],
        json!([{"date": "2026-01-06", "close": 24.8}]),
        "today counts as one"
    );
    let earlier = app.get("/prices/GME?days=2&subreddit=stocks").await.body;
    assert_eq!(earlier["meta"]["total"], 1, "another subreddit has another today");
}

#[tokio::test]
async fn missing_days_are_filled_from_daily_bars_and_kept() {
    let bars = Bars::of(&[(
        "GME",
        &[("2026-01-02", 24.0), ("2026-01-05", 1.0), ("2026-01-07", 25.0)],
    )]);
    let trading = Trading::new(with_bars(&bars)).await;
    for _ in 0..2 {
        let answer = trading.app.get("/prices/GME?days=8").await.body;
        let closes: Vec<_> = answer["data"]
            .as_array()
            .expect("closes")
            .iter()
            .map(|point| point["close"].clone())
            .collect();
        assert_eq!(closes, [24.0, 24.5, 24.8, 25.0]);
        assert_eq!(answer["meta"]["complete"], true);
        let kept = "select count(*) from price_history where ticker = 'GME'";
        while trading.number(kept).await < 4 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(bars.asked(), 1);
}

#[tokio::test]
async fn an_unknown_ticker_has_no_prices_and_a_source_that_hangs_is_not_waited_for() {
    let bars = Bars::of(&[]);
    let app = Trading::new(with_bars(&bars)).await.app;
    let unknown = app.get("/prices/NOPE").await;
    assert_eq!(
        (unknown.status, &unknown.body["data"], &unknown.body["meta"]["complete"]),
        (200, &json!([]), &json!(true))
    );
    let stuck = app.get("/prices/STUCK").await;
    assert_eq!(
        (stuck.status, &stuck.body["data"], &stuck.body["meta"]["complete"]),
        (200, &json!([]), &json!(false))
    );
    let nothing = Trading::new(Prices::default()).await.app;
    assert_eq!(nothing.get("/prices/NOPE").await.body["meta"]["complete"], false);
    assert_eq!(nothing.get("/prices/A%20B").await.status, 404);
}
