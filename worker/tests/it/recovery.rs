//! Leases that run out: runs are resumed, and ended when they crash too often.

use shared::{run::state::RunStatus, store::processes};

use crate::{
    fixture::Fixture,
    stage::{Stage, begun, gated, request},
};

#[tokio::test(flavor = "multi_thread")]
async fn a19_a_run_whose_lease_ran_out_is_resumed_at_its_cursor() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    stage.gate.add_permits(1);
    begun(&fixture, &stage, run.id, 2).await;
    let holder = fixture.run(run.id).await.worker_id.unwrap();
    let other = fixture.worker(gated(&stage));
    // What the rescuer does once it knows that the process is gone; the worker of the first claim is now a zombie.
    assert_eq!(
        processes::expire_leases_of(&fixture.store, &holder).await.unwrap(),
        [run.id]
    );
    let resumed = fixture.wait_until(run.id, |run| run.attempt >= 2).await;
    assert!(resumed.status.is_active());
    // One more than the units that are left: the zombie may take one before it learns that it is one.
    stage.gate.add_permits(3);
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(run.status, RunStatus::Completed);
    assert_eq!(run.parsed_warnings().unwrap().len(), 3);
    assert_eq!(fixture.phases(run.id).await[0].crashes, 1);
    worker.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_three_crashes_in_one_phase_end_the_run() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let workers = [fixture.worker(gated(&stage)), fixture.worker(gated(&stage))];
    let run = fixture.submit(&request()).await;
    for attempt in 1..=3 {
        begun(&fixture, &stage, run.id, attempt).await;
        let claimed = fixture
            .wait_until(run.id, |run| run.attempt == i64::try_from(attempt).unwrap())
            .await;
        processes::expire_leases_of(&fixture.store, &claimed.worker_id.unwrap())
            .await
            .unwrap();
    }
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        (run.status, run.error_code.as_deref()),
        (RunStatus::Failed, Some("crash_loop"))
    );
    let expected = "Recovered from unexpected shutdown: phase 1 (Waiting) crashed 3 times";
    assert_eq!(run.error_message.as_deref(), Some(expected));
    for worker in workers {
        worker.stop().await;
    }
}
