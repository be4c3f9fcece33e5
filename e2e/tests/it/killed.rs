//! Killed workers: days that were interrupted again and again leave the same behind.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use e2e::{
    days::Days,
    dice::Dice,
    ledger::{dump, ensure_same, wrong_books},
};
use serde_json::Value;

use crate::history::{SHORT, history};

/// Lives through a day; the worker is killed once or twice, each time a little after a phase has begun.
async fn disturbed(days: &mut Days, dice: &mut Dice) -> Value {
    let api = days.api();
    let run = api.start().await.unwrap().run_id();
    for _ in 0..=dice.roll(2) {
        let (phase, pause) = (1 + dice.roll(8), Duration::from_millis(dice.roll(120)));
        let ended = |status: &Value| !status["completed_at"].is_null();
        let begun = |status: &Value| ended(status) || status["phase_index"].as_u64().unwrap_or(0) >= phase;
        api.wait_until(run, begun).await.unwrap();
        let since = Instant::now();
        api.wait_until(run, |status| ended(status) || since.elapsed() >= pause)
            .await
            .unwrap();
        days.replace_worker().unwrap();
    }
    api.wait_for_end(run).await.unwrap();
    let run = days.completed(run).await.unwrap();
    assert_eq!(wrong_books(days.stack()).unwrap(), [""; 0], "{run}");
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn days_whose_workers_are_killed_leave_the_same_behind_as_quiet_ones() {
    let terms = [
        ("ANALYZE_LEASE", "2s"),
        ("ANALYZE_LEASE_RENEW", "500ms"),
        ("ANALYZE_SAMPLE_LATENCY", "4ms"),
    ];
    let mut days = Days::start(&terms).await.unwrap();
    let (mut dice, mut attempts, mut met) = (Dice::new(5), 0, BTreeSet::new());
    for _ in 0..SHORT {
        let run = disturbed(&mut days, &mut dice).await;
        attempts += run["attempt"].as_u64().unwrap();
        let phases = run["phases"].as_array().unwrap().iter();
        met.extend(
            phases
                .filter(|one| one["crashes"] != 0)
                .map(|one| one["key"].to_string()),
        );
    }
    assert!(attempts >= 18 && met.len() >= 4, "{attempts} {met:?}");
    ensure_same(&history().await.short, &dump(days.stack()).unwrap()).unwrap();
}
