//! Who may take a run, and what a claim writes.

use std::sync::Arc;

use shared::{
    clock,
    run::{ids::RunId, state::RunStatus},
    store::{
        Store,
        claim::{self, Claimed},
        pipeline_config,
        runs::WorkerState,
    },
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::fixture::{Fixture, MARKET_NOW, claimant, instant, prepare, result};

async fn is_refused(store: &Store, id: RunId) -> bool {
    matches!(
        claim::claim(store, id, &claimant("other")).await.unwrap(),
        Claimed::Refused
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_claim_starts_the_run() {
    let fixture = Fixture::new().await;
    let queued = fixture.submit("stocks").await;
    let seen = claim::candidates(&fixture.store).await.unwrap();
    assert_eq!(
        seen.iter().map(|one| (one.id, one.lease)).collect::<Vec<_>>(),
        [(queued.id, None)]
    );
    let running = fixture.claim(queued.id, "first").await;
    let run = running.run();
    assert_eq!(
        (run.status, run.attempt, run.worker_id.as_deref()),
        (RunStatus::Running, 1, Some("first"))
    );
    assert!(run.started_at.is_some() && run.market_now.is_none());
    assert_eq!(run.worker_state(clock::now()), WorkerState::Live);
    assert_eq!(fixture.event_types(run.id).await, ["job.queued", "job.running"]);
    let held = claim::candidates(&fixture.store).await.unwrap();
    assert_eq!((held[0].lease, held[0].attempt), (run.lease_expires_at, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_a_live_lease_an_ended_and_an_unknown_one_are_not_given_out() {
    let fixture = Fixture::new().await;
    let live = fixture.running("live").await;
    let ended = fixture.running("ended").await;
    let id = ended.run().id;
    ended.complete(&result(1), 1).await.unwrap();
    let before = fixture.rows().await;
    for id in [live.run().id, id, RunId(77)] {
        assert!(is_refused(&fixture.store, id).await, "{id}");
    }
    assert_eq!(fixture.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_workers_that_claim_at_once_one_gets_the_run() {
    let fixture = Fixture::with(&[("ANALYZE_BUSY_TIMEOUT", "30s")]).await;
    let stores = [fixture.store.clone(), fixture.another_store().await];
    let id = fixture.submit("stocks").await.id;
    let barrier = Arc::new(Barrier::new(20));
    let mut tasks = JoinSet::new();
    for index in 0..20 {
        let (store, barrier) = (stores[index % 2].clone(), Arc::clone(&barrier));
        tasks.spawn(async move {
            barrier.wait().await;
            is_refused(&store, id).await
        });
    }
    let refused = tasks.join_all().await.into_iter().filter(|refused| *refused).count();
    assert_eq!(refused, 19);
    assert_eq!(fixture.run(id).await.attempt, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resume_keeps_status_start_and_market_clock_and_says_why() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    running.publish(&result(1)).await.unwrap();
    let before = fixture.run(id).await;
    fixture.expire_lease(id).await;
    let resumed = fixture.claim(id, "second").await;
    let run = resumed.run();
    assert_eq!((run.status, run.attempt), (RunStatus::Partial, 2));
    assert_eq!((run.started_at, run.market_now), (before.started_at, before.market_now));
    let events = shared::store::events::newest(&mut fixture.store.read().await.unwrap(), id, 1)
        .await
        .unwrap();
    let payload = events[0].parsed_payload().unwrap();
    assert_eq!(
        (
            events[0].event_type.as_str(),
            payload.attempt,
            payload.reason.as_deref()
        ),
        ("job.resumed", Some(2), Some("lease expired"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_market_clock_is_set_once_and_gives_the_system_its_start() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    running.hand_over(1).await.unwrap();
    let mut again = fixture.claim(id, "second").await;
    let phases = prepare(&mut again, "2027-01-01T00:00:00Z").await;
    assert_eq!(
        phases.iter().map(|p| p.status.as_str()).collect::<Vec<_>>(),
        ["running", "pending"]
    );
    assert_eq!(fixture.run(id).await.market_now, Some(instant(MARKET_NOW)));
    assert_eq!(again.run().market_now, Some(instant(MARKET_NOW)));
    again.complete(&result(1), 1).await.unwrap();
    let queued = fixture.submit("stocks").await;
    let mut later = fixture.claim(queued.id, "second").await;
    prepare(&mut later, "2026-02-01T16:00:00Z").await;
    for time in [MARKET_NOW, "2026-02-01T16:00:00Z"] {
        let mut unit = later.begin().await.unwrap();
        let stored = pipeline_config::load(unit.tx(), instant(time)).await.unwrap();
        assert!(pipeline_config::parse(&stored).is_ok());
        unit.commit().await.unwrap();
    }
    let start = fixture
        .texts("select value from system_config where key = 'system_start_date'")
        .await;
    assert_eq!(start, ["2026-01-05"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lease_of_a_dead_process_can_be_ended_before_its_time() {
    use shared::store::processes;
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    assert!(is_refused(&fixture.store, id).await);
    assert!(
        processes::expire_leases_of(&fixture.store, "somebody else")
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        processes::expire_leases_of(&fixture.store, "first").await.unwrap(),
        [id]
    );
    assert!(
        processes::expire_leases_of(&fixture.store, "first")
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(fixture.claim(id, "second").await.run().attempt, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_lies_ahead_is_taken_over_as_it_was_seen_and_not_once_it_is_renewed() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let seen = claim::candidates(&fixture.store).await.unwrap().remove(0);
    assert!(seen.lease.unwrap() > clock::now());
    let (fence, minute) = (running.fence(), std::time::Duration::from_mins(1));
    assert!(fence.renew(&fixture.store, minute, 1).await.unwrap());
    let refused = claim::take_over(&fixture.store, &seen, &claimant("other"))
        .await
        .unwrap();
    assert!(matches!(refused, Claimed::Refused));
    let seen = claim::candidates(&fixture.store).await.unwrap().remove(0);
    let taken = claim::take_over(&fixture.store, &seen, &claimant("other"))
        .await
        .unwrap();
    assert!(matches!(taken, Claimed::Run(run) if run.run().attempt == 2));
}
