//! Starting a run: all of it or nothing, and one at a time.

use std::{pin::pin, sync::Arc, task::Poll};

use apalis::prelude::TaskBuilder;
use apalis_sqlite::queries::push_tasks;
use shared::{
    clock,
    config::SingleFlight,
    doorbell::Bell,
    queue::{self, Submission, Submitted},
    run::{failure::ErrorCode, request::RunRequest, state::RunStatus},
    store::cancel,
};
use tokio::{sync::Barrier, task::JoinSet};

use crate::doorbell::{NEVER, quiet};
use crate::fixture::{Fixture, PATIENCE, result, submission};

/// Runs, first events and queue rows at one instant.
const TRIPLE: &str = "select (select count(*) from analysis_runs) || ' ' || (select count(*) from run_events)
                             || ' ' || (select count(*) from Jobs)";

/// Polls the future until it has been pending that often, then drops it.
async fn give_up_after<T>(pauses: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut met) = (pin!(future), 0);
    std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending if met == pauses => Poll::Ready(None),
        Poll::Pending => {
            met += 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_an_accepted_run_has_its_row_its_first_event_and_its_queue_row() {
    let fixture = Fixture::new().await;
    let run = fixture.submit("stocks").await;
    assert_eq!(
        (run.status, run.event_seq, run.progress_percent, run.attempt),
        (RunStatus::Queued, 1, 0, 0)
    );
    assert!(run.started_at.is_none() && run.market_now.is_none() && run.warnings.is_none());
    assert_eq!(run.request_hash, RunRequest::new("stocks").hash());
    assert_eq!(fixture.event_types(run.id).await, ["job.queued"]);
    let jobs = fixture.texts("select cast(job as text) from Jobs").await;
    assert_eq!(jobs, [format!("{{\"run_id\":{}}}", run.id)]);
    assert_eq!(
        fixture
            .count("select count(*) from Jobs where job_type = 'analyze'")
            .await,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_submission_that_fails_at_any_step_leaves_nothing_behind() {
    let fixture = Fixture::new().await;
    let request = RunRequest::new("stocks");
    let keyed = Submission {
        key: Some(("somebody", "key")),
        ..submission(&request)
    };
    let tables = ["analysis_runs", "run_events", "Jobs", "idempotency_keys"];
    let plain = submission(&request);
    let trials = tables.map(|table| (table, &keyed)).into_iter();
    for (table, submission) in trials.chain(tables[..3].iter().map(|table| (*table, &plain))) {
        let before = fixture.rows().await;
        let plant = format!("create trigger planted after insert on {table} begin select raise(abort, 'planted'); end");
        fixture.execute(&plant).await.unwrap();
        queue::submit(&fixture.store, submission).await.unwrap_err();
        fixture.execute("drop trigger planted").await.unwrap();
        assert_eq!(fixture.rows().await, before, "after a failure at {table}");
    }
    assert!(matches!(
        queue::submit(&fixture.store, &keyed).await.unwrap(),
        Submitted::Accepted(_)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_the_queue_row_has_the_form_in_which_the_library_pushes_one() {
    const ROWS: &str = "select cast(job as text) || ' ' || typeof(job) || ' ' || length(id) || ' ' || job_type || ' '
            || status || ' ' || attempts || ' ' || max_attempts || ' ' || typeof(run_at) || ' ' || priority || ' '
            || metadata || ' ' || (coalesce(last_result, lock_at, lock_by, done_at, idempotency_key) is null)
        from Jobs order by rowid";
    let fixture = Fixture::new().await;
    let run = fixture.submit("stocks").await;
    let body = serde_json::to_vec(&queue::Delivery { run_id: run.id }).unwrap();
    let task = TaskBuilder::new(body).max_attempts(1).build();
    let mut conn = fixture.raw.acquire().await.unwrap();
    push_tasks(&mut *conn, queue::QUEUE, &[task]).await.unwrap();
    let rows = fixture.texts(ROWS).await;
    assert_eq!(rows[0], rows[1]);
    let ids = fixture.texts("select id from Jobs").await;
    assert!(ids.iter().all(|id| id.parse::<ulid::Ulid>().is_ok()), "{ids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_submission_given_up_at_any_point_is_there_as_a_whole_and_told_or_not_at_all() {
    let fixture = Fixture::new().await;
    let bell = Bell::open(&fixture.store, NEVER).unwrap();
    let mut listener = bell.listen();
    quiet(&mut listener).await;
    let request = RunRequest::new("stocks");
    for pauses in 0.. {
        let outcome = give_up_after(pauses, queue::submit(&fixture.store, &submission(&request))).await;
        // Waits for the lock, so for the end of whatever was given up.
        drop(fixture.store.begin().await.unwrap());
        let triple = fixture.texts(TRIPLE).await.remove(0);
        if let Some(outcome) = outcome {
            assert!(matches!(outcome.unwrap(), Submitted::Accepted(_)));
            assert!(pauses > 0, "it was never given up in between");
            assert_eq!(triple, "1 1 1");
            return;
        }
        if triple == "1 1 1" {
            assert!(listener.wait(PATIENCE).await, "nobody was told");
            return;
        }
        assert_eq!(triple, "0 0 0", "given up after {pauses} pauses");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_queued_when_it_is_its_turn_and_not_when_it_began_to_wait() {
    let fixture = Fixture::new().await;
    let request = RunRequest::new("stocks");
    let form = submission(&request);
    let mut waiting = pin!(queue::submit(&fixture.store, &form));
    let other = fixture.store.begin().await.unwrap();
    assert!(futures::poll!(waiting.as_mut()).is_pending());
    let turn = clock::now();
    drop(other);
    let Submitted::Accepted(run) = waiting.await.unwrap() else {
        panic!("not accepted")
    };
    assert!(run.queued_at >= turn, "{} {turn}", run.queued_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_of_a_thousand_submissions_through_two_stores_exactly_one_is_accepted() {
    let fixture = Fixture::with(&[("ANALYZE_BUSY_TIMEOUT", "60s")]).await;
    let stores = [fixture.store.clone(), fixture.another_store().await];
    let barrier = Arc::new(Barrier::new(1_000));
    let mut tasks = JoinSet::new();
    for index in 0..1_000 {
        let (store, barrier) = (stores[index % 2].clone(), Arc::clone(&barrier));
        tasks.spawn(async move {
            let request = RunRequest::new("stocks");
            barrier.wait().await;
            queue::submit(&store, &submission(&request)).await.unwrap()
        });
    }
    let outcomes = tasks.join_all().await;
    let accepted: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Submitted::Accepted(run) => Some(run.id),
            _ => None,
        })
        .collect();
    let conflicts = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Submitted::Conflict(run) if run.id == accepted[0]))
        .count();
    assert_eq!((accepted.len(), conflicts), (1, 999));
    assert_eq!(fixture.texts(TRIPLE).await, ["1 1 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_a_conflict_changes_nothing() {
    let fixture = Fixture::new().await;
    let active = fixture.submit("stocks").await;
    let before = fixture.rows().await;
    let outcome = fixture.try_submit("stocks").await.unwrap();
    assert!(matches!(outcome, Submitted::Conflict(run) if run.id == active.id));
    assert_eq!(fixture.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_the_index_itself_refuses_a_second_active_run() {
    let fixture = Fixture::new().await;
    fixture.submit("stocks").await;
    let copy = "insert into analysis_runs (job_id, scope, subreddit, request, request_hash, queued_at, updated_at)
                select 'other', scope, subreddit, request, request_hash, queued_at, updated_at from analysis_runs";
    let refusal = fixture.refusal(copy).await;
    assert!(refusal.contains("analysis_runs_single_flight"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a04_the_end_of_a_run_frees_its_scope_whichever_end_it_is() {
    let fixture = Fixture::new().await;
    fixture.running("stocks").await.complete(&result(1), 1).await.unwrap();
    let failing = fixture.running("stocks").await;
    failing.fail(ErrorCode::Internal, "broken", 1).await.unwrap();
    fixture.running("stocks").await.cancel(1).await.unwrap();
    let queued = fixture.submit("stocks").await;
    cancel::request(&fixture.store, queued.id, None, "test").await.unwrap();
    let left = fixture.running("stocks").await.run().id;
    fixture.expire_lease(left).await;
    cancel::request(&fixture.store, left, None, "test").await.unwrap();
    fixture.submit("stocks").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_runs_of_different_scopes_are_active_side_by_side() {
    let fixture = Fixture::new().await;
    let flight = SingleFlight::Subreddit;
    assert_eq!(
        (flight.scope("stocks"), SingleFlight::Global.scope("stocks")),
        ("stocks", "global")
    );
    fixture.submit("stocks").await;
    fixture.submit("options").await;
    let outcome = fixture.try_submit("options").await.unwrap();
    assert!(matches!(outcome, Submitted::Conflict(run) if run.subreddit == "options"));
}
