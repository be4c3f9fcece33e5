//! Exits: every reason that a position is sold for, and what its exits say.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use e2e::{days::Days, ledger};
use serde_json::{Value, json};

use crate::history::history;

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
        check_reason(position, exit);
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

/// The level whose touch sells, for the reasons that have one.
fn level(position: &Value, reason: &str) -> Option<f64> {
    let (entry, stock) = (number(position, "entry_price"), position["instrument_type"] == "stock");
    match (reason, stock) {
        ("stop_loss", true) => Some(entry * 0.9),
        ("stop_loss", false) => Some(entry * 0.5),
        ("take_profit", true) => Some(entry * 1.15),
        ("take_profit", false) => Some(entry * 2.0),
        ("breakeven_stop", true) => Some(entry),
        ("trailing_stop", true) => Some(number(position, "peak_price") * 0.93),
        ("trailing_stop", false) => Some(number(position, "peak_premium") * 0.7),
        _ => None,
    }
}

/// Whether an exit was made at its level: contracts always are; shares may be sold beyond a level that a candle has
/// jumped over, below a stop and above a target.
fn is_at_level(position: &Value, exit: &Value) -> bool {
    let (price, reason) = (number(exit, "exit_price"), exit["exit_reason"].as_str().unwrap());
    let level = level(position, reason);
    let at = level.is_some_and(|level| near(price, level));
    let beyond = level.is_none_or(|level| {
        if reason == "take_profit" {
            price > level
        } else {
            price < level
        }
    });
    assert!(
        at || beyond && (level.is_none() || position["instrument_type"] == "stock"),
        "{exit} of {position}"
    );
    at
}

/// Whether an exit came when its reason says, at a price that it allows.
fn check_reason(position: &Value, exit: &Value) {
    let (price, entry) = (number(exit, "exit_price"), number(position, "entry_price"));
    let held = (day(exit, "exit_date") - day(position, "entry_date")).num_days();
    let stock = position["instrument_type"] == "stock";
    let tier = position["time_extension"].as_str().unwrap();
    is_at_level(position, exit);
    let right = match (exit["exit_reason"].as_str().unwrap(), tier) {
        ("stop_loss" | "manual", _) => price > 0.0,
        ("take_profit" | "trailing_stop", tier) => {
            position["trailing_stop_active"] == true && stock == (tier == "trailing")
        }
        ("breakeven_stop", tier) => stock && held >= 5 && tier == "extended",
        ("time_stop", "base") if stock => held >= 5 && (price < entry * 1.05 || held >= 10),
        ("time_stop", "extended") => held >= 7,
        ("time_stop", _) => held >= 10,
        ("expiration", _) => !stock && (day(position, "expiration_date") - day(exit, "exit_date")).num_days() <= 2,
        ("replaced", _) => price <= entry * 1.05 + 0.000_001 && exit["quantity_pct"] == 100.0,
        _ => false,
    };
    assert!(right, "{exit} of {position}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_days_meet_every_reason_to_sell() {
    let mut met: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for position in &history().await.positions {
        for exit in position["position_exits"].as_array().unwrap() {
            let instrument = position["instrument_type"].as_str().unwrap();
            let reason = exit["exit_reason"].as_str().unwrap();
            met.entry(instrument).or_default().insert(reason);
        }
    }
    let both = ["replaced", "stop_loss", "take_profit", "time_stop", "trailing_stop"];
    let with = |own| both.into_iter().chain([own]).collect::<BTreeSet<_>>();
    assert_eq!(met["stock"], with("breakeven_stop"));
    assert_eq!(met["option"], with("expiration"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exits_say_agrees_with_their_positions() {
    let positions = &history().await.positions;
    positions.iter().for_each(check);
    let exits = |position: &'static Value| position["position_exits"].as_array().unwrap().iter();
    assert!(positions.iter().filter(|one| exits(one).count() > 1).count() > 5);
    let pairs = positions.iter().flat_map(|one| exits(one).map(move |exit| (one, exit)));
    let exact: BTreeSet<_> = pairs
        .filter(|(position, exit)| is_at_level(position, exit))
        .map(|(position, exit)| format!("{} {}", position["instrument_type"], exit["exit_reason"]))
        .collect();
    assert_eq!(exact.len(), 7, "{exact:?}");
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
