//! Counting crashes, and the end of a run that crashes again and again.

use serde_json::json;
use shared::{
    run::{ids::RunId, state::RunStatus},
    store::{
        claim::{self, Claimed, RunningRun},
        phases::{self, Progress},
    },
};

use crate::fixture::{Fixture, HEADS, claimant, start_phase};

const DONE: Progress = Progress {
    current: 1,
    total: 1,
    percent: 50,
};

async fn crash_and_claim(fixture: &Fixture, id: RunId) -> Claimed {
    fixture.expire_lease(id).await;
    claim::claim(&fixture.store, id, &claimant("next")).await.unwrap()
}

async fn finish_reading(running: &RunningRun) {
    let mut unit = running.begin().await.unwrap();
    let attempt = running.run().attempt;
    phases::complete(&mut unit, &HEADS[0], attempt, &json!({}), DONE)
        .await
        .unwrap();
    unit.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_the_third_crash_in_one_phase_fails_the_run_and_names_the_phase() {
    let fixture = Fixture::new().await;
    let id = fixture.running("stocks").await.run().id;
    for crashes in 1..3 {
        assert!(matches!(crash_and_claim(&fixture, id).await, Claimed::Run(_)));
        assert_eq!(fixture.phase(id, 0).await.crashes, crashes);
    }
    let expected = "Recovered from unexpected shutdown: phase 1 (Reading) crashed 3 times";
    match crash_and_claim(&fixture, id).await {
        Claimed::CrashLoop { message } => assert_eq!(message, expected),
        other => panic!("{other:?}"),
    }
    let run = fixture.run(id).await;
    assert_eq!(
        (run.status, run.error_code.as_deref(), run.error_message.as_deref()),
        (RunStatus::Failed, Some("crash_loop"), Some(expected))
    );
    assert!(run.lease_expires_at.is_none() && run.completed_at.is_some());
    assert_eq!(fixture.event_types(id).await.last().unwrap(), "job.failed");
    fixture.submit("stocks").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_crashes_are_counted_for_each_phase_apart() {
    let fixture = Fixture::new().await;
    let id = fixture.running("stocks").await.run().id;
    assert!(matches!(crash_and_claim(&fixture, id).await, Claimed::Run(_)));
    let Claimed::Run(running) = crash_and_claim(&fixture, id).await else {
        panic!("not claimed")
    };
    start_phase(&running, &HEADS[0]).await.unwrap();
    finish_reading(&running).await;
    start_phase(&running, &HEADS[1]).await.unwrap();
    assert!(matches!(crash_and_claim(&fixture, id).await, Claimed::Run(_)));
    assert_eq!(
        (fixture.phase(id, 0).await.crashes, fixture.phase(id, 1).await.crashes),
        (2, 1)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a23_a_hand_over_is_no_crash() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    running.hand_over(1).await.unwrap();
    for _ in 0..5 {
        let seen = claim::candidates(&fixture.store).await.unwrap();
        assert_eq!((seen[0].id, seen[0].lease), (id, None));
        fixture.claim(id, "next").await.hand_over(1).await.unwrap();
    }
    assert_eq!(fixture.phase(id, 0).await.crashes, 0);
    let events = shared::store::events::newest(&mut fixture.store.read().await.unwrap(), id, 1)
        .await
        .unwrap();
    assert_eq!(
        events[0].parsed_payload().unwrap().reason.as_deref(),
        Some("handed over")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_a_run_that_crashes_before_its_first_phase_ends_as_well() {
    let fixture = Fixture::new().await;
    let id = fixture.submit("stocks").await.id;
    fixture.claim(id, "first").await.hand_over(1).await.unwrap();
    fixture.claim(id, "second").await;
    assert_ends_after_three(&fixture, id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_a_run_that_crashes_after_its_last_phase_ends_as_well() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    finish_reading(&running).await;
    start_phase(&running, &HEADS[1]).await.unwrap();
    let mut unit = running.begin().await.unwrap();
    phases::complete(&mut unit, &HEADS[1], 1, &json!({}), DONE)
        .await
        .unwrap();
    unit.commit().await.unwrap();
    assert_ends_after_three(&fixture, id).await;
}

async fn assert_ends_after_three(fixture: &Fixture, id: RunId) {
    for _ in 0..2 {
        assert!(matches!(crash_and_claim(fixture, id).await, Claimed::Run(_)));
    }
    let last = crash_and_claim(fixture, id).await;
    assert!(matches!(last, Claimed::CrashLoop { .. }), "{last:?}");
    let run = fixture.run(id).await;
    assert_eq!(
        (run.status, run.error_code.as_deref()),
        (RunStatus::Failed, Some("crash_loop"))
    );
    let expected = "Recovered from unexpected shutdown: the run outside its phases crashed 3 times";
    assert_eq!(run.error_message.as_deref(), Some(expected));
}
