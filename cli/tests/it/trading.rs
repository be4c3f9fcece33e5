//! Trades: what is asked, what is printed, and what is sent to sell.

use serde_json::{Value, json};

use crate::analyze::analyze;
use crate::fake::{Fake, error, ok, page};

fn exit() -> Value {
    json!({
        "id": 5, "position_id": 11, "run_id": null, "exit_date": "2026-01-08", "exit_price": 26.0,
        "exit_reason": "manual", "quantity_pct": 50.0, "shares_exited": 40, "contracts_exited": null,
        "realized_pnl": 60.0, "triggered_at": "2026-01-08T20:00:00.000000Z",
        "created_at": "2026-01-08T20:00:00.000000Z", "notes": "half is enough"
    })
}

fn position() -> Value {
    let mut position = json!({
        "id": 11, "subreddit": "stocks", "portfolio_id": 1, "signal_id": 7, "run_id": 42, "ticker": "GME",
        "instrument_type": "stock", "signal_type": "quality", "direction": "long", "confidence": 0.72,
        "position_size": 1960.0, "entry_date": "2026-01-05", "entry_price": 24.5,
        "opened_at": "2026-01-05T20:00:00.000000Z", "status": "open", "shares": 80, "shares_remaining": 40,
        "trailing_stop_active": false, "time_extension": "base", "current_price": 25.0,
        "unrealized_return_pct": 2.04, "nearest_exit_distance_pct": 11.8, "hold_days": 3, "position_exits": [exit()]
    });
    for name in [
        "stop_loss_price",
        "take_profit_price",
        "peak_price",
        "option_type",
        "strike_price",
        "expiration_date",
        "contract_symbol",
        "contracts",
        "contracts_remaining",
        "premium_paid",
        "peak_premium",
        "underlying_price_at_entry",
        "last_price",
        "last_priced_at",
        "last_checked_at",
        "last_checked_run_id",
        "exit_date",
        "exit_reason",
        "realized_return_pct",
        "dte",
        "premium_change_pct",
    ] {
        position[name] = Value::Null;
    }
    position
}

fn prediction() -> Value {
    json!({
        "id": 21, "subreddit": "stocks", "comment_id": 301, "author": "alice", "analysis_run_id": 42,
        "ticker": "GME", "sentiment": "bullish", "option_type": "call", "strike_price": 25.0,
        "expiration_date": "2026-01-23", "entry_premium": 1.6, "current_premium": 2.0, "status": "tracking",
        "simulated_return_pct": null, "is_correct": true, "hitl_override": "correct",
        "created_at": "2026-01-05T20:00:00.000000Z", "entry_date": "2026-01-05", "contract_symbol": null,
        "contracts": 12, "contracts_remaining": 12, "peak_premium": 2.1, "trailing_stop_active": false,
        "resolved_at": null, "hitl_override_at": "2026-01-06T20:00:00.000000Z", "accuracy_applied_at": null,
        "outcomes": [{"day_offset": 3, "premium": 2.0, "underlying_price": null, "pnl_pct": 25.0}], "exits": []
    })
}

fn words(text: &str) -> Vec<String> {
    let row = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(row).collect()
}

#[test]
fn positions_are_asked_for_with_their_filters_and_shown_as_a_table() {
    let fake = Fake::new(vec![page(&json!([position()]))]);
    let finished = analyze(&[
        "positions",
        "--status",
        "open",
        "--ticker",
        "GME",
        "--portfolio",
        "1",
        "--server",
        &fake.url,
    ]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!(
        words(&finished.out)[1],
        "11 1 GME long open 2026-01-05 40 24.50 25.00 +2.04 3 11.80"
    );
    assert!(finished.out.ends_with("  1 of 1 position\n"), "{}", finished.out);
    let request = &fake.requests()[0];
    for part in ["GET /positions?", "portfolio_id=1", "status=open", "ticker=GME"] {
        assert!(request.contains(part), "{part} is not in {request}");
    }
}

#[test]
fn a_position_is_shown_with_its_exits() {
    let fake = Fake::new(vec![ok(&position())]);
    let finished = analyze(&["position", "11", "--server", &fake.url]);
    assert!(
        finished.out.contains("80 units at 24.50 for 1,960.00"),
        "{}",
        finished.out
    );
    assert!(finished.out.contains("Exits (1)") && finished.out.contains("half is enough"));
}

#[test]
fn a_close_sends_reason_fraction_and_key_and_says_what_was_sold() {
    let fake = Fake::new(vec![ok(&json!({"position": position(), "exit": exit()}))]);
    let finished = analyze(&[
        "close",
        "11",
        "--reason",
        "half is enough",
        "--fraction",
        "0.5",
        "--idempotency-key",
        "k",
        "--server",
        &fake.url,
    ]);
    assert_eq!(
        finished.out,
        "sold 40 of GME at 26.00, profit 60.00; position 11 is open, 40 left\n"
    );
    let request = &fake.requests()[0];
    assert!(request.starts_with("POST /positions/11/close "), "{request}");
    assert!(
        request.to_ascii_lowercase().contains("idempotency-key: k\r\n"),
        "{request}"
    );
    let sent: Value = serde_json::from_str(request.split("\r\n\r\n").nth(1).expect("a body")).expect("JSON");
    assert_eq!(sent, json!({"reason": "half is enough", "quantity_fraction": 0.5}));
}

#[test]
fn a_close_without_a_price_is_a_failure_with_its_reason() {
    let away = "there is no price for this position now; nothing changed";
    let fake = Fake::new(vec![error(503, "PRICE_UNAVAILABLE", away, &Value::Null)]);
    let finished = analyze(&["close", "11", "--reason", "enough", "--server", &fake.url]);
    assert_eq!(finished.code, Some(1));
    assert!(finished.complaint().contains(away), "{finished:?}");
    assert!(
        fake.requests()[0].ends_with(r#"{"reason":"enough"}"#),
        "an absent fraction is not sent"
    );
}

#[test]
fn a_word_over_a_prediction_is_sent_and_the_prediction_shown() {
    let fake = Fake::new(vec![ok(&prediction())]);
    let finished = analyze(&["override", "21", "correct", "--server", &fake.url]);
    assert!(
        finished.out.contains("alice says GME will be up (call), tracking"),
        "{}",
        finished.out
    );
    assert!(
        finished.out.contains("right yes  overridden correct"),
        "{}",
        finished.out
    );
    let request = &fake.requests()[0];
    assert!(request.starts_with("PATCH /predictions/21/override "), "{request}");
    assert!(request.ends_with(r#"{"override_result":"correct"}"#), "{request}");
}

#[test]
fn json_is_the_data_as_it_came() {
    for (command, answer, data) in [
        (vec!["prediction", "21"], ok(&prediction()), prediction()),
        (vec!["predictions", "--author", "alice"], page(&json!([])), json!([])),
        (vec!["portfolios"], page(&json!([])), json!([])),
    ] {
        let fake = Fake::new(vec![answer]);
        let line: Vec<&str> = command
            .iter()
            .copied()
            .chain(["--json", "--server", &fake.url])
            .collect();
        let finished = analyze(&line);
        assert_eq!(finished.out, format!("{data:#}\n"), "{command:?}");
    }
}
