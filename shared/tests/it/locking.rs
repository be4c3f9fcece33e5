//! The write lock: who waits for it, who is told, and that nobody keeps it by accident.

use std::{sync::Arc, time::Duration};

use shared::{
    run::state::RunStatus,
    store::{Store, StoreError, runs},
};
use tokio::sync::Barrier;

use crate::fixture::{Fixture, PATIENCE};

#[tokio::test(flavor = "multi_thread")]
async fn a24_a_write_is_busy_after_the_busy_timeout_while_reads_go_on() {
    let fixture = Fixture::with(&[("ANALYZE_BUSY_TIMEOUT", "100ms")]).await;
    let run = fixture.submit("stocks").await;
    let before = fixture.rows().await;
    let lock = fixture.raw.begin_with("begin immediate").await.unwrap();
    for _ in 0..3 {
        assert!(matches!(fixture.store.begin().await, Err(StoreError::Busy(_))));
        let busy = fixture.try_submit("options").await;
        assert!(matches!(&busy, Err(error) if error.is_busy()), "{busy:?}");
        let found = runs::find(&mut fixture.store.read().await.unwrap(), run.id).await;
        assert!(found.unwrap().is_some());
    }
    lock.rollback().await.unwrap();
    assert_eq!(fixture.rows().await, before);
    fixture.submit("options").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a24_a_patient_write_outlasts_the_lock_of_somebody_else() {
    let fixture = Fixture::with(&[("ANALYZE_BUSY_TIMEOUT", "10ms")]).await;
    let running = fixture.running("stocks").await;
    let lock = fixture.raw.begin_with("begin immediate").await.unwrap();
    let (fence, store) = (running.fence(), fixture.store.clone());
    let waiting = tokio::spawn(async move { fence.begin(&store).await?.commit().await });
    let busy = Barrier::new(1);
    for _ in 0..5 {
        assert!(fixture.store.begin().await.is_err());
        busy.wait().await;
    }
    assert!(!waiting.is_finished());
    lock.rollback().await.unwrap();
    tokio::time::timeout(PATIENCE, waiting).await.unwrap().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_begin_that_was_given_up_leaves_no_lock_behind() {
    let fixture = Fixture::with(&[("ANALYZE_BUSY_TIMEOUT", "2s")]).await;
    for round in 0..40 {
        let lock = fixture.raw.begin_with("begin immediate").await.unwrap();
        let barrier = Arc::new(Barrier::new(4));
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let (store, barrier) = (fixture.store.clone(), Arc::clone(&barrier));
                tokio::spawn(async move {
                    barrier.wait().await;
                    store.begin().await
                })
            })
            .collect();
        barrier.wait().await;
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        if round % 2 == 0 {
            lock.rollback().await.unwrap();
            waiting.iter().for_each(tokio::task::JoinHandle::abort);
        } else {
            waiting.iter().for_each(tokio::task::JoinHandle::abort);
            lock.rollback().await.unwrap();
        }
        for task in waiting {
            drop(task.await);
        }
        let free = tokio::time::timeout(PATIENCE, fixture.raw.begin_with("begin immediate")).await;
        free.unwrap().unwrap().rollback().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a24_reads_go_on_while_more_writers_wait_than_there_are_connections() {
    let fixture = Fixture::with(&[("ANALYZE_BUSY_TIMEOUT", "1500ms")]).await;
    let run = fixture.submit("stocks").await;
    let lock = fixture.raw.begin_with("begin immediate").await.unwrap();
    let store = fixture.store.clone();
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.begin_patiently().await?.commit().await })
        })
        .collect();
    for _ in 0..4 {
        let found = runs::find(&mut store.read().await.unwrap(), run.id).await;
        assert!(found.unwrap().is_some());
    }
    lock.rollback().await.unwrap();
    for writer in writers {
        tokio::time::timeout(PATIENCE + Duration::from_secs(1), writer)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a24_a_patient_read_waits_for_a_connection_and_another_one_is_busy() {
    let settings = [("ANALYZE_BUSY_TIMEOUT", "10ms")];
    let fixture = Fixture::with(&settings).await;
    let patient = Store::open_patiently(&fixture.config).await.unwrap();
    for (store, waits) in [(&fixture.store, false), (&patient, true)] {
        let held = [store.read().await, store.read().await, store.read().await];
        let waiting = tokio::spawn({
            let store = store.clone();
            async move { store.read().await.map(drop) }
        });
        if waits {
            // As long as the other one's patience lasted.
            let same = [
                fixture.store.read().await,
                fixture.store.read().await,
                fixture.store.read().await,
            ];
            assert!(fixture.store.read().await.is_err() && same.iter().all(Result::is_ok));
            assert!(!waiting.is_finished());
            drop(held);
            tokio::time::timeout(PATIENCE, waiting).await.unwrap().unwrap().unwrap();
        } else {
            assert!(waiting.await.unwrap().is_err_and(|error| error.is_busy()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_of_a_snapshot_are_of_one_instant() {
    let fixture = Fixture::new().await;
    let id = fixture.submit("stocks").await.id;
    let mut snapshot = fixture.store.snapshot().await.unwrap();
    assert_eq!(
        runs::find(&mut snapshot, id).await.unwrap().unwrap().status,
        RunStatus::Queued
    );
    fixture.claim(id, "first").await;
    assert_eq!(
        runs::find(&mut snapshot, id).await.unwrap().unwrap().status,
        RunStatus::Queued
    );
    drop(snapshot);
    let mut snapshot = fixture.store.snapshot().await.unwrap();
    assert_eq!(
        runs::find(&mut snapshot, id).await.unwrap().unwrap().status,
        RunStatus::Running
    );
}
