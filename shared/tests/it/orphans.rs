//! The last resort: runs that no worker will resume are failed, and nobody has to repair anything by hand.

use std::time::Duration;

use shared::{
    clock,
    run::{ids::RunId, state::RunStatus},
    store::{Store, StoreError, orphans, processes},
};

use crate::fixture::{Fixture, process_row};

const TTL: Duration = Duration::from_hours(1);

/// Fails what is found.
async fn sweep(store: &Store, ttl: Duration) -> Result<Vec<RunId>, StoreError> {
    orphans::fail(store, ttl, &orphans::find(store, ttl).await?).await
}

/// The run's lease ended that many minutes ago.
async fn abandon(fixture: &Fixture, minutes: i64) {
    let ended = clock::now() - chrono::Duration::minutes(minutes);
    let sql = format!(
        "update analysis_runs set lease_expires_at = '{}'",
        ended.to_rfc3339_opts(chrono::SecondsFormat::Micros, false)
    );
    fixture.execute(&sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_a_run_abandoned_for_longer_than_its_time_to_live_is_failed_and_its_scope_is_free() {
    let fixture = Fixture::new().await;
    let id = fixture.running("stocks").await.run().id;
    abandon(&fixture, 59).await;
    assert_eq!(sweep(&fixture.store, TTL).await.unwrap(), []);
    abandon(&fixture, 61).await;
    assert_eq!(sweep(&fixture.store, TTL).await.unwrap(), [id]);
    let run = fixture.run(id).await;
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(run.error_code.as_deref(), Some("orphaned"));
    assert_eq!(run.error_message.as_deref(), Some("Recovered from unexpected shutdown"));
    assert_eq!(
        fixture.event_types(id).await.last().map(String::as_str),
        Some("job.failed")
    );
    assert_eq!(sweep(&fixture.store, TTL).await.unwrap(), []);
    fixture.submit("stocks").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_a_run_that_a_worker_can_resume_waits_for_it() {
    let fixture = Fixture::new().await;
    let id = fixture.running("stocks").await.run().id;
    abandon(&fixture, 600).await;
    processes::register(&fixture.store, &process_row("busy")).await.unwrap();
    assert_eq!(sweep(&fixture.store, TTL).await.unwrap(), []);
    processes::stop(&fixture.store, "busy").await.unwrap();
    assert_eq!(sweep(&fixture.store, TTL).await.unwrap(), [id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_a_queued_run_waits_for_a_worker_for_ever_and_a_live_one_is_left_alone() {
    let fixture = Fixture::new().await;
    let queued = fixture.submit("stocks").await;
    let live = fixture.running("options").await;
    assert_eq!(sweep(&fixture.store, Duration::ZERO).await.unwrap(), []);
    assert_eq!(fixture.run(queued.id).await.status, RunStatus::Queued);
    assert_eq!(fixture.run(live.run().id).await.status, RunStatus::Running);
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_a_run_whose_worker_renews_after_it_was_found_is_left_alone() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    abandon(&fixture, 61).await;
    let found = orphans::find(&fixture.store, TTL).await.unwrap();
    assert_eq!(found.len(), 1);
    abandon(&fixture, 62).await;
    assert_eq!(
        orphans::fail(&fixture.store, TTL, &found).await.unwrap(),
        [],
        "another lease"
    );
    abandon(&fixture, 0).await;
    assert_eq!(
        orphans::fail(&fixture.store, TTL, &found).await.unwrap(),
        [],
        "a live lease"
    );
    assert_eq!(fixture.run(running.run().id).await.status, RunStatus::Running);
}
