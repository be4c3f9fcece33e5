//! What every end of a run has in common: warnings written once, checkpoints gone, one terminal event last.

use serde_json::{Map, Value, json};
use shared::{
    clock,
    run::{
        failure::ErrorCode,
        ids::RunId,
        state::RunStatus,
        warning::{Warning, WarningType},
    },
    store::{
        cancel, checkpoints,
        claim::{self, RunningRun},
        phases, signals_read,
    },
};

use crate::fixture::{Fixture, claimant, instant, prepare, result};

fn warning(kind: WarningType, ticker: Option<&str>, context: &[(&str, Value)]) -> Warning {
    Warning {
        kind,
        message: "less well".to_owned(),
        phase: 1,
        timestamp: clock::now(),
        ticker: ticker.map(str::to_owned),
        context: context
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect::<Map<_, _>>(),
    }
}

async fn warn(running: &RunningRun, key: &str, warnings: &[Warning]) {
    let mut unit = running.begin().await.unwrap();
    phases::add_warnings(&mut unit, key, warnings).await.unwrap();
    unit.commit().await.unwrap();
}

/// Ends the run in one of the five ways.
async fn end(fixture: &Fixture, running: RunningRun, way: &str) {
    let id = running.run().id;
    match way {
        "completed" => running.complete(&result(1), 9).await.map(drop).unwrap(),
        "failed" => running.fail(ErrorCode::RedditApiError, "gone", 9).await.unwrap(),
        "canceled" => running.cancel(9).await.unwrap(),
        "abandoned" => {
            fixture.expire_lease(id).await;
            cancel::request(&fixture.store, id, None, "test").await.unwrap();
        }
        _ => {
            for _ in 0..3 {
                fixture.expire_lease(id).await;
                claim::claim(&fixture.store, id, &claimant("next")).await.unwrap();
            }
        }
    }
}

const WAYS: [(&str, RunStatus); 5] = [
    ("completed", RunStatus::Completed),
    ("failed", RunStatus::Failed),
    ("canceled", RunStatus::Canceled),
    ("abandoned", RunStatus::Canceled),
    ("crashing", RunStatus::Failed),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_end_writes_the_warnings_and_drops_the_checkpoints_and_comes_last() {
    let fixture = Fixture::new().await;
    for (way, status) in WAYS {
        let running = fixture.running(way).await;
        let id = running.run().id;
        let mut unit = running.begin().await.unwrap();
        checkpoints::put(&mut unit, "reading", 0, &json!(["a"])).await.unwrap();
        unit.commit().await.unwrap();
        warn(
            &running,
            "writing",
            &[warning(WarningType::InsufficientCash, Some("TSLA"), &[])],
        )
        .await;
        warn(
            &running,
            "reading",
            &[warning(WarningType::ImageAnalysisFailed, None, &[])],
        )
        .await;
        assert!(fixture.run(id).await.warnings.is_none());
        end(&fixture, running, way).await;
        let run = fixture.run(id).await;
        assert_eq!(run.status, status, "{way}");
        assert!(run.completed_at.is_some() && run.lease_expires_at.is_none(), "{way}");
        let kinds: Vec<_> = run.parsed_warnings().unwrap().iter().map(|w| w.kind).collect();
        let in_order = [WarningType::ImageAnalysisFailed, WarningType::InsufficientCash];
        assert_eq!(kinds, in_order, "{way}");
        assert_eq!(fixture.count("select count(*) from run_checkpoints").await, 0, "{way}");
        let last = fixture.event_types(id).await.pop().unwrap();
        assert_eq!(last, format!("job.{status}"), "{way}");
        assert_eq!(run.progress_percent == 100, status == RunStatus::Completed, "{way}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_a_run_without_warnings_has_null_and_never_an_empty_list() {
    let fixture = Fixture::new().await;
    for (way, _) in WAYS {
        let running = fixture.running(way).await;
        let id = running.run().id;
        warn(&running, "reading", &[]).await;
        end(&fixture, running, way).await;
        let sql = format!("select typeof(warnings) from analysis_runs where id = {id}");
        assert_eq!(fixture.texts(&sql).await, ["null"], "{way}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_a_warning_that_says_the_same_again_is_dropped() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    let stock = |ticker| {
        warning(
            WarningType::SchwabStockUnavailable,
            Some(ticker),
            &[("attempts", json!(3))],
        )
    };
    let option = |position| {
        warning(
            WarningType::SchwabOptionsUnavailable,
            Some("TSLA"),
            &[("position_id", position)],
        )
    };
    let distinct = [
        stock("TSLA"),
        stock("GME"),
        option(json!(1)),
        option(json!(2)),
        warning(
            WarningType::InsufficientCash,
            Some("TSLA"),
            &[("portfolio", json!("a"))],
        ),
        warning(
            WarningType::InsufficientCash,
            Some("TSLA"),
            &[("portfolio", json!("b"))],
        ),
        warning(WarningType::ImageAnalysisFailed, None, &[("post_id", json!(1))]),
        warning(WarningType::ImageAnalysisFailed, None, &[("post_id", json!(2))]),
    ];
    for _ in 0..2 {
        warn(&running, "reading", &distinct).await;
        warn(&running, "reading", &[distinct[0].clone(), distinct[0].clone()]).await;
    }
    running.fail(ErrorCode::Internal, "broken", 1).await.unwrap();
    let stored = fixture.run(id).await.parsed_warnings().unwrap();
    assert_eq!(stored, distinct);
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_a_stored_warning_has_its_type_message_phase_time_and_context() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    warn(
        &running,
        "reading",
        &[warning(WarningType::MarketHoursSkipped, None, &[])],
    )
    .await;
    running.cancel(1).await.unwrap();
    let stored: Value = serde_json::from_str(&fixture.run(id).await.warnings.unwrap()).unwrap();
    let keys: Vec<_> = stored[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["type", "message", "phase", "timestamp", "context"]);
    assert_eq!(stored[0]["type"], "market_hours_skipped");
    assert_eq!(stored[0]["context"], json!({}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_is_read_back_replaced_and_unknown_parts_are_none() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    let large = "🚀".repeat(100_000);
    for (part, text) in [(3, "x"), (1, "old"), (1, large.as_str())] {
        let mut unit = running.begin().await.unwrap();
        checkpoints::put(&mut unit, "reading", part, &text).await.unwrap();
        unit.commit().await.unwrap();
    }
    let get = |run: RunId, part| checkpoints::get::<String>(&fixture.store, run, "reading", part);
    assert_eq!(get(id, 1).await.unwrap(), Some(large));
    assert_eq!(get(id, 2).await.unwrap(), None);
    assert_eq!(get(RunId(77), 1).await.unwrap(), None);
    assert_eq!(checkpoints::parts(&fixture.store, id, "reading").await.unwrap(), [1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_subreddit_calls_today_is_the_clock_of_its_newest_run() {
    let fixture = Fixture::new().await;
    fixture
        .running("stocks")
        .await
        .fail(ErrorCode::Internal, "lost", 1)
        .await
        .unwrap();
    let run = fixture.submit("stocks").await;
    let mut running = fixture.claim(run.id, "first").await;
    prepare(&mut running, "2025-12-01T16:00:00Z").await;
    let mut conn = fixture.store.read().await.unwrap();
    let of = async |conn: &mut _, name| signals_read::market_now(conn, name).await.unwrap();
    assert_eq!(of(&mut conn, "stocks").await, Some(instant("2025-12-01T16:00:00Z")));
    assert_eq!(of(&mut conn, "wallstreetbets").await, None);
}
