//! Exits: every reason that a position is sold for, and what its exits say.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use e2e::{days::Days, ledger};
use serde_json::{Value, json};

use crate::history::history;

/// Every reason appears within these days.
const ENOUGH: i64 = 19;

fn number(object: &Value, field: &str) -> f64 {
    object[field].as_f64().unwrap_or_else(|| panic!("{field}: {object}"))
}

fn day(object: &Value, field: &str) -> NaiveDate {
    let text = object[field].as_str().unwrap_or_else(|| panic!("{field}: {object}"));
    text[..10].parse().unwrap()
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.000_001
}

/// The units that a position or an exit has of one of two kinds; the other kind is null.
fn units(object: &Value, shares: &str, contracts: &str) -> f64 {
    assert!(object[shares].is_null() != object[contracts].is_null(), "{object}");
    object[shares].as_f64().or(object[contracts].as_f64()).unwrap()
}

/// What holds of the exits of any position.
fn check(position: &Value) {
    let (entry, opened) = (number(position, "entry_price"), day(position, "entry_date"));
    let factor = if position["instrument_type"] == "stock" {
        1.0
    } else {
        100.0
    };
    let mut remaining = units(position, "shares", "contracts");
    let (exits, mut earned, mut before) = (position["position_exits"].as_array().unwrap(), 0.0, opened);
    assert!(
        near(number(position, "position_size"), entry * remaining * factor),
        "{position}"
    );
    for exit in exits {
        let sold = units(exit, "shares_exited", "contracts_exited");
        let profit = number(exit, "realized_pnl");
        assert_eq!(exit["position_id"], position["id"]);
        assert!(sold >= 1.0 && sold <= remaining, "{exit}");
        assert!(
            (number(exit, "quantity_pct") - sold / remaining * 100.0).abs() < 1e-6,
            "{exit}"
        );
        assert!(
            near(profit, (number(exit, "exit_price") - entry) * sold * factor),
            "{position}"
        );
        assert!(day(exit, "exit_date") >= before, "{position}");
        assert_eq!(day(exit, "exit_date"), day(exit, "triggered_at"), "{exit}");
        assert!(exit["triggered_at"].as_str() <= exit["created_at"].as_str(), "{exit}");
        assert_eq!(exit["run_id"].is_null(), exit["exit_reason"] == "manual", "{exit}");
        check_price(position, exit);
        (remaining, earned, before) = (remaining - sold, earned + profit, day(exit, "exit_date"));
    }
    assert!(
        near(remaining, units(position, "shares_remaining", "contracts_remaining")),
        "{position}"
    );
    assert_eq!(position["status"], if remaining > 0.0 { "open" } else { "closed" });
    if remaining > 0.0 {
        assert!(
            position["exit_reason"].is_null() && position["exit_date"].is_null(),
            "{position}"
        );
        return;
    }
    let last = exits.last().unwrap();
    assert_eq!(
        (&position["exit_reason"], &position["exit_date"]),
        (&last["exit_reason"], &last["exit_date"])
    );
    assert_eq!(
        position["hold_days"],
        (day(last, "exit_date") - opened).num_days(),
        "{position}"
    );
    let returned = earned / number(position, "position_size") * 100.0;
    assert!(
        (number(position, "realized_return_pct") - returned).abs() < 1e-6,
        "{position}"
    );
    let earlier = &exits[..exits.len() - 1];
    assert!(
        earlier.iter().all(|exit| exit["exit_reason"] == "take_profit"),
        "{position}"
    );
}

/// Whether an exit was made at the price and time that its reason names.
fn check_price(position: &Value, exit: &Value) {
    let (price, entry) = (number(exit, "exit_price"), number(position, "entry_price"));
    let held = (day(exit, "exit_date") - day(position, "entry_date")).num_days();
    let stock = position["instrument_type"] == "stock";
    let reason = exit["exit_reason"].as_str().unwrap();
    let right = match reason {
        "stop_loss" => near(price, entry * if stock { 0.9 } else { 0.5 }),
        "take_profit" => {
            near(price, entry * if stock { 1.15 } else { 2.0 }) && position["trailing_stop_active"] == true
        }
        "breakeven_stop" => stock && near(price, entry) && held >= 5 && position["time_extension"] == "extended",
        "trailing_stop" if stock => {
            price <= number(position, "peak_price") * 0.93 + 0.000_001 && position["time_extension"] == "trailing"
        }
        "trailing_stop" => {
            price <= number(position, "peak_premium") * 0.7 + 0.000_001 && position["trailing_stop_active"] == true
        }
        "time_stop" if stock => match position["time_extension"].as_str().unwrap() {
            "base" => held >= 5 && (price < entry * 1.05 || held >= 10),
            "extended" => held >= 7,
            _ => held >= 10,
        },
        "time_stop" => held >= 10,
        "expiration" => !stock && (day(position, "expiration_date") - day(exit, "exit_date")).num_days() <= 2,
        "replaced" => price <= entry * 1.05 + 0.000_001 && exit["quantity_pct"] == 100.0,
        "manual" => price > 0.0,
        _ => false,
    };
    assert!(right, "{exit} of {position}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nineteen_days_meet_every_reason_to_sell() {
    let mut first = BTreeMap::new();
    for position in &history().await.positions {
        for exit in position["position_exits"].as_array().unwrap() {
            let text = |object: &Value, field: &str| object[field].as_str().unwrap().to_owned();
            let kind = (text(position, "instrument_type"), text(exit, "exit_reason"));
            let run = exit["run_id"].as_i64().unwrap();
            let known = first.entry(kind).or_insert(run);
            *known = run.min(*known);
        }
    }
    let found = |instrument: &str| -> Vec<_> {
        let of = first
            .iter()
            .filter(|((kind, _), run)| kind == instrument && **run <= ENOUGH);
        of.map(|((_, reason), _)| reason.as_str()).collect()
    };
    let stocks = [
        "breakeven_stop",
        "replaced",
        "stop_loss",
        "take_profit",
        "time_stop",
        "trailing_stop",
    ];
    assert_eq!(found("stock"), stocks, "{first:?}");
    let options = [
        "expiration",
        "replaced",
        "stop_loss",
        "take_profit",
        "time_stop",
        "trailing_stop",
    ];
    assert_eq!(found("option"), options, "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exits_say_agrees_with_their_positions() {
    let positions = &history().await.positions;
    positions.iter().for_each(check);
    let partly = positions
        .iter()
        .filter(|one| one["position_exits"].as_array().unwrap().len() > 1);
    assert!(partly.count() > 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_by_hand_has_an_exit_like_any_other() {
    let days = Days::start(&[]).await.unwrap();
    days.next().await.unwrap();
    let api = days.api();
    for kind in ["stock", "option"] {
        let held = api
            .get(&format!("/positions?status=open&instrument_type={kind}"))
            .await
            .unwrap();
        let id = &held.data()[0]["id"];
        let closed = api
            .post(&format!("/positions/{id}/close"), json!({"reason": "by hand"}))
            .await
            .unwrap();
        assert_eq!(closed.status, 200, "{}", closed.body);
        let position = api.get(&format!("/positions/{id}")).await.unwrap();
        check(position.data());
        let exit = &position.data()["position_exits"][0];
        assert_eq!(
            (&exit["exit_reason"], &exit["notes"]),
            (&json!("manual"), &json!("by hand"))
        );
        assert_eq!(exit["id"], closed.data()["exit"]["id"]);
    }
    days.next().await.unwrap();
    assert_eq!(ledger::wrong_books(days.stack()).unwrap(), [""; 0]);
}
