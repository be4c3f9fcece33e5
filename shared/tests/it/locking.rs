//! The write lock: who waits for it, who is told, and that nobody keeps it by accident.

use std::{sync::Arc, time::Duration};

use shared::store::{StoreError, runs};
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
