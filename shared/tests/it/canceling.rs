//! Requests to cancel, in every state of a run.

use shared::{
    run::{failure::ErrorCode, ids::RunId, state::RunStatus},
    store::{
        cancel::{self, CancelOutcome},
        fence::Stop,
    },
};

use crate::fixture::{Fixture, result};

async fn ask(fixture: &Fixture, id: RunId, reason: &str) -> CancelOutcome {
    cancel::request(&fixture.store, id, Some(reason), reason)
        .await
        .unwrap()
        .unwrap()
}

/// Asking again changes nothing at all.
async fn assert_settled(fixture: &Fixture, id: RunId) {
    let before = fixture.rows().await;
    ask(fixture, id, "again").await;
    assert_eq!(fixture.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_queued_run_is_canceled_at_once() {
    let fixture = Fixture::new().await;
    let id = fixture.submit("stocks").await.id;
    let CancelOutcome::Canceled(run) = ask(&fixture, id, "first").await else {
        panic!("not canceled")
    };
    assert_eq!(
        (run.status, run.cancel_reason.as_deref(), run.canceled_by.as_deref()),
        (RunStatus::Canceled, Some("first"), Some("first"))
    );
    assert!(run.completed_at.is_some() && run.started_at.is_none() && run.cancel_requested_at.is_some());
    assert_eq!(fixture.event_types(id).await, ["job.queued", "job.canceled"]);
    assert_settled(&fixture, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_live_run_is_only_asked_and_keeps_the_first_reason() {
    let fixture = Fixture::new().await;
    for partial in [false, true] {
        let running = fixture.running(&format!("live_{partial}")).await;
        let id = running.run().id;
        if partial {
            running.publish(&result(1)).await.unwrap();
        }
        let status = fixture.run(id).await.status;
        let CancelOutcome::Requested(run) = ask(&fixture, id, "first").await else {
            panic!("not asked")
        };
        assert_eq!((run.status, run.cancel_reason.as_deref()), (status, Some("first")));
        assert_eq!(running.fence().must_stop(&fixture.store).await.unwrap(), Stop::Canceled);
        assert_settled(&fixture, id).await;
        running.cancel(3).await.unwrap();
        let run = fixture.run(id).await;
        assert_eq!(
            (run.status, run.cancel_reason.as_deref(), run.active_ms),
            (RunStatus::Canceled, Some("first"), 3)
        );
        let types = fixture.event_types(id).await;
        assert_eq!(types[types.len() - 2..], ["job.cancel_requested", "job.canceled"]);
        assert_eq!(run.result_id.is_some(), partial, "partial results stay");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_run_without_a_live_lease_is_canceled_at_once() {
    let fixture = Fixture::new().await;
    for (name, given_back) in [("stale", false), ("handed", true)] {
        let running = fixture.running(name).await;
        let id = running.run().id;
        if given_back {
            running.hand_over(1).await.unwrap();
        } else {
            fixture.expire_lease(id).await;
        }
        assert!(matches!(ask(&fixture, id, "first").await, CancelOutcome::Canceled(_)));
        let types = fixture.event_types(id).await;
        assert_eq!(types.last().unwrap(), "job.canceled");
        assert!(!types.contains(&"job.cancel_requested".to_owned()));
        assert_settled(&fixture, id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_request_that_outlives_its_worker_is_carried_out_with_the_first_reason() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    ask(&fixture, id, "first").await;
    fixture.expire_lease(id).await;
    let CancelOutcome::Canceled(run) = ask(&fixture, id, "second").await else {
        panic!("not canceled")
    };
    assert_eq!(run.cancel_reason.as_deref(), Some("first"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_request_after_the_end_changes_nothing() {
    let fixture = Fixture::new().await;
    let completed = fixture.running("completed").await;
    let failed = fixture.running("failed").await;
    let ids = [completed.run().id, failed.run().id];
    completed.complete(&result(1), 1).await.unwrap();
    failed.fail(ErrorCode::Internal, "broken", 1).await.unwrap();
    for id in ids {
        let before = fixture.rows().await;
        let outcome = ask(&fixture, id, "late").await;
        assert!(matches!(outcome, CancelOutcome::Ended(_)), "{outcome:?}");
        assert_eq!(fixture.rows().await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_run_that_completes_first_keeps_the_request_beside_its_result() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    ask(&fixture, id, "too late").await;
    running.complete(&result(1), 1).await.unwrap();
    let run = fixture.run(id).await;
    assert!(run.status == RunStatus::Completed && run.cancel_requested_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_an_unknown_run_is_not_there() {
    let fixture = Fixture::new().await;
    let outcome = cancel::request(&fixture.store, RunId(77), None, "test").await.unwrap();
    assert!(outcome.is_none());
}
