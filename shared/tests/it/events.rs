//! Event numbers under concurrent writers.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use shared::{
    run::{
        event::{Actor, EventPayload, EventType},
        ids::RunId,
    },
    store::{
        Store, StoreError, cancel, events,
        fence::Fence,
        phases::{self, Progress},
    },
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::fixture::{Fixture, result};

const ROUNDS: i64 = 15;

async fn note(store: &Store, fence: &Fence) -> Result<(), StoreError> {
    let mut unit = fence.begin(store).await?;
    events::append(
        unit.tx(),
        fence.run,
        EventType::Slow,
        Actor::Worker,
        &EventPayload::default(),
    )
    .await?;
    unit.commit().await
}

async fn progress(store: &Store, fence: &Fence, current: i64) -> Result<(), StoreError> {
    let mut unit = fence.begin(store).await?;
    let standing = Progress {
        current,
        total: ROUNDS,
        percent: current,
    };
    phases::advance(&mut unit, "reading", standing).await?;
    unit.commit().await
}

/// Reads on as a client does until the writers are done: every event once, in order, none missing.
async fn follow(store: Store, run: RunId, done: Arc<AtomicBool>) -> i64 {
    let mut last = 0;
    loop {
        let finished = done.load(Ordering::SeqCst);
        let page = events::page(&mut store.read().await.unwrap(), run, last, 7)
            .await
            .unwrap();
        for event in &page {
            assert_eq!(event.event_seq, last + 1, "a reader met a gap");
            last = event.event_seq;
        }
        if finished && page.is_empty() {
            return last;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_event_numbers_have_no_gap_under_concurrent_writers() {
    let fixture = Fixture::with(&[("ANALYZE_BUSY_TIMEOUT", "30s")]).await;
    let other = fixture.another_store().await;
    let running = fixture.running("stocks").await;
    let (fence, before) = (running.fence(), fixture.run(running.run().id).await.event_seq);
    let (barrier, done) = (Arc::new(Barrier::new(6)), Arc::new(AtomicBool::new(false)));
    let reader = tokio::spawn(follow(other.clone(), fence.run, Arc::clone(&done)));
    let mut tasks = JoinSet::new();
    for kind in 0..5 {
        let (fence, barrier) = (fence.clone(), Arc::clone(&barrier));
        let store = if kind % 2 == 0 {
            fixture.store.clone()
        } else {
            other.clone()
        };
        tasks.spawn(async move {
            barrier.wait().await;
            for round in 0..ROUNDS {
                match kind {
                    0 => assert!(
                        fence
                            .renew(&store, std::time::Duration::from_mins(1), round)
                            .await
                            .unwrap()
                    ),
                    1 => progress(&store, &fence, round).await.unwrap(),
                    2 => drop(cancel::request(&store, fence.run, None, "test").await.unwrap()),
                    _ => note(&store, &fence).await.unwrap(),
                }
            }
        });
    }
    barrier.wait().await;
    for round in 0..ROUNDS {
        running.publish(&result(round)).await.unwrap();
    }
    tasks.join_all().await;
    done.store(true, Ordering::SeqCst);
    let types = fixture.event_types(fence.run).await;
    // Two tasks note, one publishes, and only the first request to cancel is an event.
    assert_eq!(i64::try_from(types.len()).unwrap(), before + 3 * ROUNDS + 1);
    assert_eq!(fixture.run(fence.run).await.event_seq, before + 3 * ROUNDS + 1);
    assert_eq!(reader.await.unwrap(), before + 3 * ROUNDS + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_unit_that_is_not_committed_leaves_no_number_behind() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let before = fixture.rows().await;
    for kind in EventType::ALL {
        let mut unit = running.begin().await.unwrap();
        let run = unit.run();
        events::append(unit.tx(), run, kind, Actor::System, &EventPayload::default())
            .await
            .unwrap();
    }
    assert_eq!(fixture.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_events_begin_after_the_number_last_seen() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    let mut conn = fixture.store.read().await.unwrap();
    let all = events::page(&mut conn, id, 0, 100).await.unwrap();
    assert_eq!(all.len(), 3);
    let rest = events::page(&mut conn, id, 1, 100).await.unwrap();
    assert_eq!(rest.iter().map(|e| e.event_seq).collect::<Vec<_>>(), [2, 3]);
    let newest = events::newest(&mut conn, id, 2).await.unwrap();
    assert_eq!(newest.iter().map(|e| e.event_seq).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(events::totals(&mut conn, id).await.unwrap(), (3, 3));
    assert!(events::has(&mut conn, id, EventType::PhaseStarted).await.unwrap());
    assert!(!events::has(&mut conn, id, EventType::Slow).await.unwrap());
}
