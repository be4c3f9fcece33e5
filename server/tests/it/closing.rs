use serde_json::{Value, json};
use server::prices::sources::Prices;

use crate::app::{Answer, send};
use crate::market::{Bars, quoting, with_bars};
use crate::trading::{CLOSED, CONTRACT, OPTION, STOCK, Trading};

async fn close(trading: &Trading, id: i64, body: &Value) -> Answer {
    trading.app.post_json(&format!("/positions/{id}/close"), body).await
}

fn cash(portfolio: &Answer) -> (f64, f64) {
    let data = &portfolio.body["data"];
    let number = |name: &str| data[name].as_f64().expect("a number");
    (number("cash_available"), number("current_value"))
}

#[tokio::test]
async fn a_full_close_sells_everything_at_the_quote() {
    let trading = Trading::new(quoting(&[("GME", 26.0)])).await;
    let answer = close(&trading, STOCK, &json!({"reason": "enough"})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let (position, exit) = (&answer.body["data"]["position"], &answer.body["data"]["exit"]);
    for (field, expected) in [
        ("status", json!("closed")),
        ("shares_remaining", json!(0)),
        ("exit_reason", json!("manual")),
        ("exit_date", json!("2026-01-08")),
        ("hold_days", json!(3)),
        ("current_price", Value::Null),
        ("realized_return_pct", json!(6.122_448_98)),
    ] {
        assert_eq!(position[field], expected, "{field}");
    }
    for (field, expected) in [
        ("exit_reason", json!("manual")),
        ("exit_price", json!(26.0)),
        ("shares_exited", json!(80)),
        ("contracts_exited", Value::Null),
        ("quantity_pct", json!(100.0)),
        ("realized_pnl", json!(120.0)),
        ("run_id", Value::Null),
        ("notes", json!("enough")),
        ("triggered_at", json!("2026-01-08T20:00:00.000000Z")),
    ] {
        assert_eq!(exit[field], expected, "{field}");
    }
    assert_eq!(position["position_exits"], json!([exit]));
    assert_eq!(cash(&trading.app.get("/portfolios/1").await), (100_120.0, 100_120.0));
    trading.assert_money_adds_up().await;
}

#[tokio::test]
async fn a_partial_close_takes_a_fraction_of_what_remains_and_stays_open() {
    let trading = Trading::new(quoting(&[("GME", 26.0)])).await;
    let half = json!({"reason": "half", "quantity_fraction": 0.5});
    let first = close(&trading, STOCK, &half).await.body["data"].clone();
    assert_eq!(first["position"]["shares_remaining"], 40);
    assert_eq!(
        (&first["position"]["status"], &first["position"]["current_price"]),
        (&json!("open"), &json!(26.0))
    );
    let second = close(&trading, STOCK, &json!({"reason": "more", "quantity_fraction": 0.29})).await;
    let second = second.body["data"].clone();
    assert_eq!(
        (&second["exit"]["shares_exited"], &second["exit"]["quantity_pct"]),
        (&json!(11), &json!(27.5))
    );
    assert_eq!(second["position"]["shares_remaining"], 29);
    let rest = close(&trading, STOCK, &json!({"reason": "rest", "quantity_fraction": 1})).await;
    assert_eq!(rest.body["data"]["position"]["status"], "closed");
    assert_eq!(
        rest.body["data"]["position"]["position_exits"].as_array().map(Vec::len),
        Some(3)
    );
    assert_eq!(cash(&trading.app.get("/portfolios/1").await), (100_120.0, 100_120.0));
    trading.assert_money_adds_up().await;
}

#[tokio::test]
async fn an_option_is_sold_by_the_hundred_at_its_premium() {
    let trading = Trading::new(quoting(&[(CONTRACT, 6.5), ("GME", 26.0)])).await;
    let half = json!({"reason": "half", "quantity_fraction": 0.5});
    let answer = close(&trading, OPTION, &half).await.body["data"].clone();
    assert_eq!(
        (&answer["exit"]["contracts_exited"], &answer["exit"]["realized_pnl"]),
        (&json!(1), &json!(250.0))
    );
    assert_eq!(cash(&trading.app.get("/portfolios/3").await), (99_850.0, 100_500.0));
    trading.assert_money_adds_up().await;
    let less_than_one = close(&trading, OPTION, &half).await;
    assert_eq!(
        (less_than_one.status, less_than_one.refused()),
        (422, ("quantity_fraction", "minimum"))
    );
    let position = trading.app.get(&format!("/positions/{OPTION}")).await.body;
    assert_eq!(position["data"]["contracts_remaining"], 1);
}

#[tokio::test]
async fn a_share_without_a_quote_is_sold_at_its_daily_bar_and_an_option_is_not() {
    let bars = Bars::of(&[("GME", &[("2026-01-06", 24.0), ("2026-01-07", 23.5)])]);
    let trading = Trading::new(with_bars(&bars)).await;
    let answer = close(&trading, STOCK, &json!({"reason": "enough"})).await;
    assert_eq!(answer.body["data"]["exit"]["exit_price"], 23.5);
    let answer = close(&trading, OPTION, &json!({"reason": "enough"})).await;
    assert_eq!((answer.status, answer.code()), (503, "PRICE_UNAVAILABLE"));
    trading.assert_money_adds_up().await;
}

#[tokio::test]
async fn without_a_price_nothing_changes_and_the_answer_says_when_to_come_back() {
    for prices in [Prices::default(), quoting(&[]), quoting(&[("GME", 0.0)])] {
        let trading = Trading::new(prices).await;
        let before = trading.app.get(&format!("/positions/{STOCK}")).await.body["data"].clone();
        let answer = close(&trading, STOCK, &json!({"reason": "enough"})).await;
        assert_eq!((answer.status, answer.code()), (503, "PRICE_UNAVAILABLE"));
        assert!(!answer.header("retry-after").is_empty());
        let after = trading.app.get(&format!("/positions/{STOCK}")).await.body["data"].clone();
        assert_eq!(before, after);
    }
}

#[tokio::test]
async fn what_cannot_be_closed_is_refused_in_order() {
    let trading = Trading::new(quoting(&[("GME", 26.0)])).await;
    for (body, field, constraint) in [
        (json!({}), "reason", "required"),
        (json!({"reason": ""}), "reason", "length"),
        (json!({"reason": "  "}), "reason", "length"),
        (json!({"reason": null}), "reason", "type"),
        (json!({"reason": 7}), "reason", "type"),
        (
            json!({"reason": "x", "quantity_fraction": 0}),
            "quantity_fraction",
            "minimum",
        ),
        (
            json!({"reason": "x", "quantity_fraction": -1}),
            "quantity_fraction",
            "minimum",
        ),
        (
            json!({"reason": "x", "quantity_fraction": 1.01}),
            "quantity_fraction",
            "maximum",
        ),
        (
            json!({"reason": "x", "quantity_fraction": "1"}),
            "quantity_fraction",
            "type",
        ),
        (
            json!({"reason": "x", "quantity_fraction": null}),
            "quantity_fraction",
            "type",
        ),
        (json!({"reason": "x", "fraction": 1}), "fraction", "unknown"),
        (json!([]), "body", "type"),
    ] {
        for id in [STOCK, 99] {
            let answer = close(&trading, id, &body).await;
            assert_eq!((answer.status, answer.refused()), (422, (field, constraint)), "{body}");
        }
    }
    let empty = trading.app.post(&format!("/positions/{STOCK}/close")).await;
    assert_eq!((empty.status, empty.refused()), (422, ("body", "required")));
    let good = json!({"reason": "enough"});
    let unknown = close(&trading, 99, &good).await;
    assert_eq!((unknown.status, unknown.code()), (404, "NOT_FOUND"));
    let closed = close(&trading, CLOSED, &good).await;
    assert_eq!((closed.status, closed.code()), (409, "POSITION_ALREADY_CLOSED"));
    assert_eq!(trading.number("select count(*) from position_exits").await, 2);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_sells_once() {
    let trading = Trading::new(quoting(&[("GME", 26.0)])).await;
    let path = format!("/positions/{STOCK}/close");
    let half = json!({"reason": "half", "quantity_fraction": 0.5});
    let again = |body: Value, key: &'static str| {
        let request = trading.app.request("POST", &path).json(&body);
        send(request.header("Idempotency-Key", key))
    };
    let first = again(half.clone(), "k1").await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, ""));
    let repeat = again(half.clone(), "\"k1\"").await;
    assert_eq!((repeat.status, repeat.header("idempotency-replayed")), (200, "true"));
    assert_eq!(first.body["data"], repeat.body["data"]);
    let other = again(json!({"reason": "half"}), "k1").await;
    assert_eq!(
        (other.status, other.refused()),
        (422, ("header.idempotency-key", "conflict"))
    );
    let analysis = send(trading.app.request("POST", "/analyze").header("Idempotency-Key", "k1")).await;
    assert_eq!(analysis.refused(), ("header.idempotency-key", "conflict"));
    let rest = again(json!({"reason": "rest"}), "k2").await;
    assert_eq!(rest.body["data"]["position"]["status"], "closed");
    let replayed = again(half, "k1").await;
    assert_eq!(
        replayed.status, 200,
        "a repeat is answered after the position was closed"
    );
    assert_eq!(replayed.body["data"]["exit"], first.body["data"]["exit"]);
    assert_eq!(trading.number("select count(*) from position_exits").await, 4);
    trading.assert_money_adds_up().await;
}

#[tokio::test]
async fn many_who_close_at_once_sell_once() {
    let trading = Trading::new(quoting(&[("GME", 26.0)])).await;
    let body = json!({"reason": "enough"});
    let asked = (0..8).map(|_| close(&trading, STOCK, &body));
    let mut statuses: Vec<_> = futures::future::join_all(asked)
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    trading.assert_money_adds_up().await;
}
