//! A worker that lost its claim changes nothing any more.

use std::time::Duration;

use shared::{
    clock,
    run::failure::ErrorCode,
    store::{StoreError, claim::RunningRun, fence::Stop},
};

use crate::fixture::{Fixture, result};

/// What an executor may try to write; its phases write in the units that `begin` yields.
const WRITES: [&str; 6] = ["begin", "publish", "complete", "fail", "cancel", "hand_over"];

async fn write(zombie: RunningRun, name: &str) -> Result<(), StoreError> {
    match name {
        "begin" => zombie.begin().await.map(drop),
        "publish" => zombie.publish(&result(1)).await.map(drop),
        "complete" => zombie.complete(&result(1), 1).await.map(drop),
        "fail" => zombie.fail(ErrorCode::Internal, "late", 1).await,
        "cancel" => zombie.cancel(1).await,
        "hand_over" => zombie.hand_over(1).await,
        other => panic!("{other}"),
    }
}

/// After somebody else's claim, and after the run's end by somebody else.
#[tokio::test(flavor = "multi_thread")]
async fn a20_no_write_of_an_old_attempt_changes_a_row() {
    let fixture = Fixture::new().await;
    for name in WRITES {
        for ended in [false, true] {
            let zombie = fixture.running(&format!("{name}_{ended}")).await;
            let id = zombie.run().id;
            fixture.expire_lease(id).await;
            let holder = fixture.claim(id, "second").await;
            if ended {
                holder.complete(&result(1), 1).await.unwrap();
            }
            let before = fixture.rows().await;
            let refused = write(zombie, name).await;
            assert!(matches!(refused, Err(StoreError::ClaimLost)), "{name}: {refused:?}");
            assert_eq!(fixture.rows().await, before, "{name} left a trace");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_a_worker_that_claims_its_own_run_again_cannot_use_the_old_handle() {
    let fixture = Fixture::new().await;
    let zombie = fixture.running("stocks").await;
    let id = zombie.run().id;
    fixture.expire_lease(id).await;
    let again = fixture.claim(id, "first").await;
    assert!(matches!(zombie.begin().await, Err(StoreError::ClaimLost)));
    again.begin().await.unwrap().commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_a_lease_is_renewed_after_its_expiry_unless_somebody_else_has_claimed() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let (id, old) = (running.run().id, running.fence());
    fixture.expire_lease(id).await;
    let minute = Duration::from_mins(1);
    assert!(old.renew(&fixture.store, minute, 5).await.unwrap());
    assert!(fixture.run(id).await.lease_expires_at.unwrap() > clock::now());
    assert_eq!(old.must_stop(&fixture.store).await.unwrap(), Stop::No);
    fixture.expire_lease(id).await;
    let holder = fixture.claim(id, "second").await;
    let before = fixture.rows().await;
    assert!(!old.renew(&fixture.store, minute, 900).await.unwrap());
    assert_eq!(old.must_stop(&fixture.store).await.unwrap(), Stop::Lost);
    assert_eq!(fixture.rows().await, before);
    holder.complete(&result(1), 1).await.unwrap();
    let before = fixture.rows().await;
    assert!(!old.renew(&fixture.store, minute, 900).await.unwrap());
    assert_eq!(fixture.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_is_dropped_or_fails_leaves_no_trace() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let before = fixture.rows().await;
    let mut unit = running.begin().await.unwrap();
    shared::store::checkpoints::put(&mut unit, "reading", 1, &"text")
        .await
        .unwrap();
    shared::store::phases::set_cursor(&mut unit, "reading", &serde_json::json!(7))
        .await
        .unwrap();
    drop(unit);
    assert_eq!(fixture.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn execution_time_of_a_renewal_never_falls() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let fence = running.fence();
    for (told, stored) in [(500, 500), (200, 500), (700, 700)] {
        assert!(fence.renew(&fixture.store, Duration::from_mins(1), told).await.unwrap());
        assert_eq!(fixture.run(fence.run).await.active_ms, stored);
    }
}
