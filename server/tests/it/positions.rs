use serde_json::{Value, json};
use server::prices::sources::Prices;

use crate::trading::{CLOSED, OPTION, STOCK, Trading};

fn ids(list: &Value) -> Vec<i64> {
    let data = list["data"].as_array().expect("a list");
    data.iter().map(|one| one["id"].as_i64().expect("an id")).collect()
}

#[tokio::test]
async fn every_filter_narrows_the_list_and_the_newest_entry_comes_first() {
    let app = Trading::new(Prices::default()).await.app;
    for (query, expected) in [
        ("", vec![14, 13, 12, 11]),
        ("?subreddit=WallStreetBets", vec![13, 12, 11]),
        ("?subreddit=nowhere", vec![]),
        ("?portfolio_id=3", vec![12]),
        ("?portfolio_id=99", vec![]),
        ("?status=open", vec![14, 12, 11]),
        ("?status=closed", vec![13]),
        ("?ticker=gme", vec![12, 11]),
        ("?instrument_type=option", vec![12]),
        ("?signal_type=consensus", vec![13]),
        ("?ticker=GME&instrument_type=stock&status=open", vec![11]),
        ("?limit=2&offset=1", vec![13, 12]),
        ("?offset=10", vec![]),
    ] {
        let list = app.get(&format!("/positions{query}")).await;
        assert_eq!((list.status, ids(&list.body)), (200, expected), "{query}");
    }
    let page = app.get("/positions?limit=1&offset=9").await.body;
    let meta = &page["meta"];
    assert_eq!(
        (&meta["total"], &meta["limit"], &meta["offset"]),
        (&json!(4), &json!(1), &json!(9))
    );
}

#[tokio::test]
async fn wrong_parameters_are_refused() {
    let app = Trading::new(Prices::default()).await.app;
    for (path, field, constraint) in [
        ("/positions?status=all", "query.status", "enum"),
        ("/positions?instrument_type=bond", "query.instrument_type", "enum"),
        ("/positions?portfolio_id=0", "query.portfolio_id", "minimum"),
        ("/positions?ticker=A%20B", "query.ticker", "pattern"),
        ("/positions?limit=101", "query.limit", "maximum"),
        ("/predictions?status=open", "query.status", "enum"),
        ("/predictions?author=", "query.author", "length"),
        ("/predictions?analysis_run_id=x", "query.analysis_run_id", "type"),
        ("/evaluation-periods", "query.portfolio_id", "required"),
        ("/prices/GME?days=91", "query.days", "maximum"),
        ("/portfolios?subreddit=a-b", "query.subreddit", "pattern"),
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.refused()), (422, (field, constraint)), "{path}");
    }
    for path in [
        "/positions/99",
        "/positions/abc",
        "/portfolios/99",
        "/portfolios/99/history",
        "/predictions/99",
        "/evaluation-periods?portfolio_id=99",
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.code()), (404, "NOT_FOUND"), "{path}");
    }
}

#[tokio::test]
async fn an_open_stock_shows_its_figures_as_of_the_newest_run() {
    let app = Trading::new(Prices::default()).await.app;
    let stock = app.get(&format!("/positions/{STOCK}")).await.body["data"].clone();
    for (field, expected) in [
        ("subreddit", json!("wallstreetbets")),
        ("entry_price", json!(24.5)),
        ("position_size", json!(1960.0)),
        ("shares_remaining", json!(80)),
        ("stop_loss_price", json!(22.05)),
        ("take_profit_price", json!(28.175)),
        ("current_price", json!(25.0)),
        ("hold_days", json!(3)),
        ("nearest_exit_distance_pct", json!(11.8)),
        ("dte", Value::Null),
        ("premium_change_pct", Value::Null),
        ("contracts", Value::Null),
        ("strike_price", Value::Null),
        ("exit_date", Value::Null),
        ("realized_return_pct", Value::Null),
        ("position_exits", json!([])),
    ] {
        assert_eq!(stock[field], expected, "{field}");
    }
    let gained = stock["unrealized_return_pct"].as_f64().expect("a number");
    assert!((gained - 0.5 / 24.5 * 100.0).abs() < 1e-9, "{gained}");
}

#[tokio::test]
async fn an_option_is_valued_by_its_premium() {
    let app = Trading::new(Prices::default()).await.app;
    let option = app.get(&format!("/positions/{OPTION}")).await.body["data"].clone();
    for (field, expected) in [
        ("current_price", json!(5.0)),
        ("unrealized_return_pct", json!(25.0)),
        ("premium_change_pct", json!(25.0)),
        ("dte", json!(15)),
        ("nearest_exit_distance_pct", json!(60.0)),
        ("premium_paid", json!(800.0)),
        ("shares", Value::Null),
        ("stop_loss_price", Value::Null),
        ("time_extension", json!("base")),
    ] {
        assert_eq!(option[field], expected, "{field}");
    }
}

#[tokio::test]
async fn a_closed_position_has_exits_and_no_price() {
    let app = Trading::new(Prices::default()).await.app;
    let list = app.get("/positions?status=closed").await.body;
    let closed = app.get(&format!("/positions/{CLOSED}")).await.body["data"].clone();
    assert_eq!(list["data"][0], closed);
    for (field, expected) in [
        ("status", json!("closed")),
        ("exit_date", json!("2026-01-08")),
        ("exit_reason", json!("time_stop")),
        ("hold_days", json!(3)),
        ("shares_remaining", json!(0)),
        ("current_price", Value::Null),
        ("unrealized_return_pct", Value::Null),
        ("nearest_exit_distance_pct", Value::Null),
        ("realized_return_pct", json!(9.166_666_667)),
    ] {
        assert_eq!(closed[field], expected, "{field}");
    }
    let exits = closed["position_exits"].as_array().expect("exits");
    let shown = |exit: &Value| {
        [
            "exit_reason",
            "exit_price",
            "quantity_pct",
            "shares_exited",
            "realized_pnl",
            "run_id",
        ]
        .map(|field| exit[field].clone())
    };
    assert_eq!(
        exits.iter().map(shown).collect::<Vec<_>>(),
        [
            [
                json!("take_profit"),
                json!(6.9),
                json!(50.0),
                json!(50),
                json!(45.0),
                json!(2)
            ],
            [
                json!("time_stop"),
                json!(6.2),
                json!(100.0),
                json!(50),
                json!(10.0),
                json!(2)
            ]
        ]
    );
    assert_eq!(exits[0]["created_at"], "2026-01-08T20:00:00.000000Z");
}

#[tokio::test]
async fn forty_open_positions_are_listed_without_a_query_each() {
    let trading = Trading::new(Prices::default()).await;
    trading
        .execute(
            "insert into signals (id, subreddit, signal_date, created_at, updated_at, ticker, signal_type,
                 sentiment_score, prediction, confidence, comment_count, has_reasoning, prior_7d_mentions,
                 distinct_users, run_id)
             with recursive n(i) as (select 100 union all select i + 1 from n where i < 139)
             select i, 'wallstreetbets', '2026-01-06', '2026-01-06T20:00:00+00:00', '2026-01-06T20:00:00+00:00',
                    'T' || i, 'quality', 0.5, 'bullish', 0.6, 3, true, 0, 3, 1 from n",
        )
        .await;
    trading
        .execute(
            "insert into positions (portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction,
                 confidence, position_size_micros, entry_date, entry_price_micros, opened_at, status, shares,
                 shares_remaining, last_price_micros)
             select 1, id, 1, ticker, 'stock', 'quality', 'long', 0.6, 1000000, '2026-01-06', 1000000,
                    '2026-01-06T20:00:00+00:00', 'open', 1, 1, 1100000
             from signals where id >= 100",
        )
        .await;
    let path = "/positions?status=open&portfolio_id=1&limit=41";
    let warm = trading.app.get(path).await.body;
    assert_eq!((ids(&warm).len(), &warm["meta"]["total"]), (41, &json!(41)));
    let start = std::time::Instant::now();
    trading.app.get(path).await;
    assert!(start.elapsed().as_millis() < 500, "{:?}", start.elapsed());
}
