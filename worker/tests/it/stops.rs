//! Runs that are canceled, and workers that are stopped.

use shared::{run::state::RunStatus, store::cancel};
use worker::registry::Registry;

use crate::{
    fixture::Fixture,
    stage::{Deaf, Stage, begun, gated, request},
};

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_running_phase_is_canceled_at_its_next_unit_and_keeps_what_it_committed() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    stage.gate.add_permits(1);
    begun(&fixture, &stage, run.id, 2).await;
    let asked = cancel::request(&fixture.store, run.id, Some("enough"), "test")
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(asked, cancel::CancelOutcome::Requested(_)));
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        (run.status, run.cancel_reason.as_deref()),
        (RunStatus::Canceled, Some("enough"))
    );
    assert_eq!(run.parsed_warnings().unwrap().len(), 1);
    let again = cancel::request(&fixture.store, run.id, Some("again"), "test")
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(again, cancel::CancelOutcome::Canceled(run) if run.cancel_reason.as_deref() == Some("enough")));
    let types = fixture.event_types(run.id).await;
    assert_eq!(types[3..], ["job.cancel_requested", "job.canceled"]);
    fixture.submit(&request()).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a23_a_worker_that_stops_hands_the_run_over_without_counting_a_crash() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    stage.gate.add_permits(1);
    begun(&fixture, &stage, run.id, 2).await;
    worker.stop().await;
    let left = fixture.run(run.id).await;
    assert!(left.status.is_active() && left.worker_id.is_none());
    let next = fixture.worker(gated(&stage));
    stage.gate.add_permits(2);
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!((run.status, run.attempt), (RunStatus::Completed, 2));
    let phase = &fixture.phases(run.id).await[0];
    assert_eq!((phase.crashes, phase.attempt), (0, Some(2)));
    assert_eq!(run.parsed_warnings().unwrap().len(), 3, "no unit was repeated");
    assert!(fixture.event_types(run.id).await.contains(&"job.resumed".to_owned()));
    next.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_what_a_phase_warned_of_after_its_last_unit_outlives_a_cancel() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let registry = Registry::default().with("deaf", 1, "Not listening", 100, Deaf(stage.clone()));
    let worker = fixture.worker(registry);
    let run = fixture.submit(&request()).await;
    begun(&fixture, &stage, run.id, 1).await;
    cancel::request(&fixture.store, run.id, None, "test").await.unwrap();
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(run.status, RunStatus::Canceled);
    assert_eq!(run.parsed_warnings().unwrap().len(), 1);
    worker.stop().await;
}
