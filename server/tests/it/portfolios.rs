use serde_json::{Value, json};
use server::prices::sources::Prices;

use crate::market::{Bars, with_bars};
use crate::trading::Trading;

#[tokio::test]
async fn every_subreddit_has_four_portfolios_and_each_knows_what_it_gained() {
    let app = Trading::new(Prices::default()).await.app;
    let all = app.get("/portfolios").await.body;
    assert_eq!(all["meta"]["total"], 8);
    let own = app.get("/portfolios?subreddit=Stocks").await.body;
    let names: Vec<_> = own["data"]
        .as_array()
        .expect("portfolios")
        .iter()
        .map(|one| one["name"].clone())
        .collect();
    assert_eq!(
        names,
        [
            "stocks_quality",
            "stocks_consensus",
            "options_quality",
            "options_consensus"
        ]
    );
    let first = &all["data"][0];
    for (field, expected) in [
        ("starting_capital", json!(100_000.0)),
        ("cash_available", json!(98_040.0)),
        ("current_value", json!(100_040.0)),
        ("total_pnl", json!(40.0)),
        ("total_pnl_pct", json!(0.04)),
        ("open_position_count", json!(1)),
        ("last_valued_at", json!("2026-01-08T20:00:00.000000Z")),
    ] {
        assert_eq!(first[field], expected, "{field}");
    }
    assert_eq!(app.get("/portfolios?subreddit=nowhere").await.body["data"], json!([]));
}

#[tokio::test]
async fn a_portfolio_shows_what_it_holds_and_how_its_value_is_spread() {
    let app = Trading::new(Prices::default()).await.app;
    let data = app.get("/portfolios/3").await.body["data"].clone();
    let held = &data["positions"][0];
    assert_eq!(
        (
            &held["id"],
            &held["quantity"],
            &held["market_value"],
            &held["hold_days"]
        ),
        (&json!(12), &json!(2), &json!(1000.0), &json!(3))
    );
    let parts = data["allocation_breakdown"].as_array().expect("parts");
    assert_eq!(
        (
            &parts[0]["ticker"],
            &parts[0]["market_value"],
            &parts[0]["position_count"]
        ),
        (&json!("GME"), &json!(1000.0), &json!(1))
    );
    assert_eq!(
        (
            &parts[1]["ticker"],
            &parts[1]["market_value"],
            &parts[1]["position_count"]
        ),
        (&json!("cash"), &json!(99_200.0), &json!(0))
    );
    let weights: f64 = parts.iter().filter_map(|part| part["weight"].as_f64()).sum();
    assert!((weights - 1.0).abs() < 1e-9, "{weights}");
    let consensus = app.get("/portfolios/2").await.body["data"].clone();
    assert_eq!(consensus["positions"], json!([]), "closed ones are not held");
}

#[tokio::test]
async fn the_history_has_a_point_a_run() {
    let app = Trading::new(Prices::default()).await.app;
    let history = app.get("/portfolios/1/history").await.body;
    assert_eq!(history["meta"]["total"], 2);
    assert_eq!(
        history["data"][1],
        json!({"run_id": 2, "market_now": "2026-01-08T20:00:00.000000Z", "value": 100_040.0, "cash": 98_040.0})
    );
    assert_eq!(app.get("/portfolios/5/history").await.body["data"], json!([]));
}

#[tokio::test]
async fn an_active_period_is_measured_as_it_stands_and_the_index_is_asked_for_once() {
    let index: &[_] = &[("2026-01-02", 4000.0), ("2026-01-05", 5000.0), ("2026-01-07", 5025.0)];
    let bars = Bars::of(&[("^GSPC", index)]);
    let app = Trading::new(with_bars(&bars)).await.app;
    let periods = app.get("/evaluation-periods?portfolio_id=2").await.body;
    assert_eq!(
        (&periods["meta"]["total"], &periods["meta"]["portfolio_id"]),
        (&json!(2), &json!(2))
    );
    let active = &periods["data"][0];
    for (field, expected) in [
        ("id", json!(2)),
        ("status", json!("active")),
        ("period_start", json!("2026-01-05")),
        ("period_end", json!("2026-02-04")),
        ("portfolio_return_pct", json!(0.055)),
        ("sp500_return_pct", json!(0.5)),
        ("relative_performance", json!(-0.445)),
        ("beat_benchmark", json!(false)),
        ("total_positions_closed", json!(1)),
        ("winning_positions", json!(1)),
        ("losing_positions", json!(0)),
        ("signal_accuracy_pct", json!(100.0)),
        ("avg_return_pct", json!(9.166_666_667)),
        ("value_at_period_start", json!(100_000.0)),
    ] {
        assert_eq!(active[field], expected, "{field}");
    }
    let completed = &periods["data"][1];
    assert_eq!(
        (
            &completed["status"],
            &completed["portfolio_return_pct"],
            &completed["beat_benchmark"]
        ),
        (&json!("completed"), &json!(-1.5), &json!(false))
    );
    app.get("/evaluation-periods?portfolio_id=2").await;
    assert_eq!(bars.asked(), 1);
}

#[tokio::test]
async fn without_the_index_the_rest_of_a_period_is_shown() {
    let app = Trading::new(Prices::default()).await.app;
    let periods = app
        .get("/evaluation-periods?portfolio_id=2&subreddit=wallstreetbets")
        .await
        .body;
    let active = &periods["data"][0];
    for field in ["sp500_return_pct", "relative_performance", "beat_benchmark"] {
        assert_eq!(active[field], Value::Null, "{field}");
    }
    assert_eq!(active["portfolio_return_pct"], 0.055);
    let elsewhere = app
        .get("/evaluation-periods?portfolio_id=2&subreddit=stocks")
        .await
        .body;
    assert_eq!(elsewhere["data"], json!([]));
}
