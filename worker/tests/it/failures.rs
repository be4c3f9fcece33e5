//! Errors and panics of phases, phases nobody knows, and what the warnings of a run become.

use shared::run::state::RunStatus;
use worker::registry::Registry;

use crate::{
    fixture::Fixture,
    stage::{Broken, Quick, Stage, begun, gated, request},
};

#[tokio::test(flavor = "multi_thread")]
async fn a10_an_error_in_a_phase_fails_the_run_and_the_worker_takes_the_next_one() {
    let fixture = Fixture::new(&[]).await;
    let registry = Registry::default().with("broken", 1, "Breaking", 100, Broken::Fails);
    let worker = fixture.worker(registry);
    for _ in 0..2 {
        let run = fixture.submit(&request()).await;
        let run = fixture.wait_for_end(run.id).await;
        assert_eq!(run.status, RunStatus::Failed);
        assert_eq!(run.error_code.as_deref(), Some("reddit_api_error"));
        assert_eq!(run.error_message.as_deref(), Some("the listing is gone"));
        let warnings = run.parsed_warnings().unwrap();
        assert_eq!((warnings.len(), warnings[0].ticker.as_deref()), (1, Some("TSLA")));
        assert!(run.lease_expires_at.is_none());
        let types = fixture.event_types(run.id).await;
        assert_eq!(types, ["job.queued", "job.running", "job.phase_started", "job.failed"]);
    }
    assert_eq!(
        fixture.count("select count(*) from reddit_posts").await,
        0,
        "the open unit was rolled back"
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_a_panic_in_a_phase_fails_the_run_and_leaves_the_worker_alive() {
    let fixture = Fixture::new(&[]).await;
    let registry = Registry::default().with("broken", 7, "Breaking", 100, Broken::Panics);
    let worker = fixture.worker(registry);
    for _ in 0..2 {
        let run = fixture.submit(&request()).await;
        let run = fixture.wait_for_end(run.id).await;
        assert_eq!(
            (run.status, run.error_code.as_deref()),
            (RunStatus::Failed, Some("internal"))
        );
        assert_eq!(
            run.error_message.as_deref(),
            Some("phase 7 (Breaking) panicked: out of cheese")
        );
        assert_eq!(run.parsed_warnings().unwrap().len(), 1);
    }
    assert_eq!(fixture.count("select count(*) from reddit_posts").await, 0);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_warnings_are_written_once_at_the_end_and_null_until_then() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    stage.gate.add_permits(2);
    begun(&fixture, &stage, run.id, 3).await;
    assert!(fixture.run(run.id).await.warnings.is_none());
    assert_eq!(fixture.phases(run.id).await[0].parsed_warnings().unwrap().len(), 2);
    stage.gate.add_permits(1);
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        (run.status, run.parsed_warnings().unwrap().len()),
        (RunStatus::Completed, 3)
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_a_phase_that_this_version_does_not_know_fails_and_names_it() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    begun(&fixture, &stage, run.id, 1).await;
    worker.stop().await;
    let other = fixture.worker(Registry::default().with("other", 1, "Other", 1, Quick));
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        run.error_message.as_deref(),
        Some("the phase `gated` of this run is unknown to this version")
    );
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_result_cannot_be_stored_fails_and_says_so() {
    let fixture = Fixture::new(&[]).await;
    let refuse = "create trigger refuse before insert on run_results when new.kind = 'final'
                  begin select raise(abort, 'not this one'); end";
    assert!(fixture.texts(refuse).await.is_empty());
    let worker = fixture.worker(Registry::default().with("quick", 1, "Being quick", 100, Quick));
    let run = fixture.submit(&request()).await;
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        (run.status, run.error_code.as_deref()),
        (RunStatus::Failed, Some("database_error"))
    );
    let message = run.error_message.unwrap();
    assert!(
        message.starts_with("the result of the run could not be stored"),
        "{message}"
    );
    worker.stop().await;
}
