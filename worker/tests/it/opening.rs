//! The short way into a run: what an idle worker takes by it, and what it leaves to the long one.

use shared::{
    run::{request::RunRequest, state::RunStatus},
    store::{claim::Claimant, runs::Run},
};
use tokio_util::sync::CancellationToken;
use worker::opening::begin_oldest;

use crate::{
    dump::odd_dump,
    fixture::Fixture,
    stage::{Stage, gated},
};

/// Makes the system one that has had its first run.
const STARTED: &str =
    "insert into system_config (key, value, updated_at) values ('system_start_date', '2026-03-02', '2026-03-02')";

/// Ends the run by a worker that only the bell tells of it: the queue's delivery takes the long way. Yields the run, and
/// whether it was claimed and in its first phase at one and the same instant.
async fn begun_at_once(fixture: &Fixture, request: &RunRequest) -> (Run, bool) {
    let run = fixture.submit(request).await;
    fixture.plant("delete from Jobs").await;
    let stage = Stage::new();
    stage.gate.add_permits(3);
    let worker = fixture.worker(gated(&stage));
    let run = fixture.wait_for_end(run.id).await;
    worker.stop().await;
    assert_eq!(run.status, RunStatus::Completed, "{run:?}");
    let instants = format!(
        "select count(distinct occurred_at) from run_events
         where run_id = {} and event_type in ('job.running', 'job.phase_started') and event_seq <= 3",
        run.id
    );
    let at_once = fixture.count(&instants).await == 1;
    (run, at_once)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_market_time_is_known_is_begun_at_once() {
    let fixture = Fixture::new(&[]).await;
    fixture.plant(STARTED).await;
    let (first, at_once) = begun_at_once(&fixture, &RunRequest::new("stocks")).await;
    assert!(at_once);
    let (second, at_once) = begun_at_once(&fixture, &RunRequest::new("stocks")).await;
    assert!(at_once && second.market_now > first.market_now, "{second:?}");
    let request = RunRequest {
        as_of: second.market_now.map(|at| at + chrono::TimeDelta::days(3)),
        ..RunRequest::new("stocks")
    };
    let (third, at_once) = begun_at_once(&fixture, &request).await;
    assert!(at_once && third.market_now == request.as_of, "{third:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_run_of_a_system_and_one_whose_source_must_be_read_take_the_long_way() {
    let fixture = Fixture::new(&[]).await;
    let (_, at_once) = begun_at_once(&fixture, &RunRequest::new("stocks")).await;
    assert!(!at_once, "nobody would have given the system its start date");
    let fixture = Fixture::new(&[("ANALYZE_SAMPLE_LATENCY", "1ms")]).await;
    fixture.plant(STARTED).await;
    let (_, at_once) = begun_at_once(&fixture, &RunRequest::new("stocks")).await;
    assert!(!at_once, "nobody waits for a source before the claim");
    let fixture = Fixture::over_dump(&odd_dump(), &[]).await;
    fixture.plant(STARTED).await;
    let (run, at_once) = begun_at_once(&fixture, &RunRequest::new("stocks")).await;
    assert!(!at_once && run.market_now.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_closes_while_it_looks_takes_nothing() {
    let fixture = Fixture::new(&[]).await;
    fixture.plant(STARTED).await;
    let run = fixture.submit(&RunRequest::new("stocks")).await;
    let (executor, closing) = (fixture.executor(gated(&Stage::new())).await, CancellationToken::new());
    let claimant = Claimant {
        worker_id: "closing".to_owned(),
        lease: fixture.config.lease,
        max_crashes: 3,
    };
    closing.cancel();
    let taken = begin_oldest(&executor, &fixture.store, &claimant, &closing)
        .await
        .unwrap();
    assert!(taken.is_none());
    let left = fixture.run(run.id).await;
    assert_eq!((left.status, left.attempt), (RunStatus::Queued, 0));
    let open = CancellationToken::new();
    let taken = begin_oldest(&executor, &fixture.store, &claimant, &open).await.unwrap();
    assert!(taken.is_some_and(|taken| taken.begun.is_some()));
}
