//! Limits of execution time: soft, hard, and the grace of a phase that does not return.

use shared::run::state::RunStatus;

use crate::{
    fixture::Fixture,
    stage::{Stage, begun, gated, request},
};

#[tokio::test(flavor = "multi_thread")]
async fn a11_the_hard_limit_ends_the_run_after_the_phase_in_progress() {
    // Long enough for the first phase to be let in on a slow disk.
    let fixture = Fixture::new(&[("ANALYZE_HARD_LIMIT", "2s")]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    begun(&fixture, &stage, run.id, 1).await;
    fixture
        .wait_until(run.id, |run| {
            (shared::clock::now() - run.started_at.unwrap_or_else(shared::clock::now)).num_milliseconds() > 2100
        })
        .await;
    assert!(
        fixture.run(run.id).await.status.is_active(),
        "the phase in progress is allowed to finish"
    );
    stage.gate.add_permits(3);
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(run.error_code.as_deref(), Some("timeout"));
    assert_eq!(run.error_message.as_deref(), Some("Pipeline exceeded 1-minute timeout"));
    let phases = fixture.phases(run.id).await;
    assert_eq!(
        (phases[0].status.as_str(), phases[1].status.as_str()),
        ("completed", "pending")
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_a_phase_that_never_returns_is_aborted_after_its_grace() {
    let fixture = Fixture::new(&[("ANALYZE_HARD_LIMIT", "200ms"), ("ANALYZE_PHASE_GRACE", "200ms")]).await;
    let worker = fixture.worker(gated(&Stage::new()));
    let run = fixture.submit(&request()).await;
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        (run.status, run.error_code.as_deref()),
        (RunStatus::Failed, Some("timeout"))
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_the_soft_limit_is_noted_once_and_stops_nothing() {
    let fixture = Fixture::new(&[("ANALYZE_SOFT_LIMIT", "50ms")]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    fixture.wait_until(run.id, |run| run.event_seq >= 4).await;
    stage.gate.add_permits(3);
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(run.status, RunStatus::Completed);
    let types = fixture.event_types(run.id).await;
    assert_eq!(types.iter().filter(|kind| *kind == "job.slow").count(), 1, "{types:?}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_a_soft_limit_that_passes_with_the_hard_one_is_noted_before_the_end() {
    let fixture = Fixture::new(&[("ANALYZE_SOFT_LIMIT", "1ms"), ("ANALYZE_HARD_LIMIT", "1ms")]).await;
    let stage = Stage::new();
    stage.gate.add_permits(3);
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(run.error_code.as_deref(), Some("timeout"));
    let types = fixture.event_types(run.id).await;
    assert_eq!(types.iter().filter(|kind| *kind == "job.slow").count(), 1, "{types:?}");
    assert_eq!(types.last().map(String::as_str), Some("job.failed"));
    worker.stop().await;
}
