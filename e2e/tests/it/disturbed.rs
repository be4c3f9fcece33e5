//! Deaths at chosen places, zombies, and everything at once: what is left behind is that of an undisturbed run.
//!
//! The places are fault points, which exist in what is built with `--features e2e/faults`, as `make test` does.

use e2e::{
    ledger::{self, Dump},
    oracle,
    stack::{Settings, Stack},
};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// A day that passes every phase with few units.
fn small() -> Value {
    json!({ "options": { "post_limit": 2, "comments_per_post": 30, "top_comments": 4 } })
}

async fn start(stack: &Stack) -> i64 {
    let answer = stack.api().post("/analyze", small()).await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.run_id()
}

/// What the day leaves behind when nobody disturbs it.
async fn undisturbed() -> &'static Dump {
    static DUMP: OnceCell<Dump> = OnceCell::const_new();
    DUMP.get_or_init(quiet_day).await
}

async fn quiet_day() -> Dump {
    let stack = Stack::new(&[]).unwrap();
    let (_server, _worker) = (stack.server().await.unwrap(), stack.worker().unwrap());
    completed(&stack, start(&stack).await).await;
    ledger::dump(&stack).unwrap()
}

async fn completed(stack: &Stack, run: i64) -> Value {
    let end = stack.api().wait_for_end(run).await.unwrap();
    assert_eq!(end["status"], "completed", "{end}");
    end
}

/// The run has completed and left behind what an undisturbed one does.
async fn assert_same(stack: &Stack, run: i64) {
    completed(stack, run).await;
    oracle::judge(stack, Some(undisturbed().await))
        .unwrap()
        .ensure_clean()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a19_workers_that_die_around_every_commit_leave_the_same_behind_as_one_that_lives() {
    let stack = Stack::new(&[("ANALYZE_MAX_CRASHES", "100000")]).unwrap();
    let _server = stack.server().await.unwrap();
    let run = start(&stack).await;
    let (mut deaths, mut ended) = (0, false);
    // The first commit of a worker starts the phase anew, the second may be nothing but progress.
    for place in ["committed#1", "ready#2", "committed#2", "ready#3", "committed#3"]
        .iter()
        .cycle()
    {
        let place = format!("unit.{place}");
        let mut worker = stack.worker_with(&[("ANALYZE_FAULT", &place)]).unwrap();
        if !stack.api().dies_before_end(&mut worker, run).await.unwrap() {
            ended = true;
            break;
        }
        deaths += 1;
        assert!(deaths < 1000, "the run does not move on");
    }
    assert!(ended && deaths >= 24, "{deaths}");
    let crashed = stack.texts("select key from run_phases where crashes > 0").unwrap();
    assert_eq!(crashed.len(), 8, "{crashed:?}");
    assert_same(&stack, run).await;
}

/// The command that starts nearly every run. Without its queue row only the bell tells of the run.
#[tokio::test(flavor = "multi_thread")]
async fn a19_a_worker_that_dies_around_the_opening_of_a_run_leaves_all_of_it_or_nothing() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    stack
        .execute(
            "insert into system_config (key, value, updated_at)
             values ('system_start_date', '2026-01-05', '2026-01-05T00:00:00.000000+00:00')",
        )
        .unwrap();
    let run = start(&stack).await;
    stack.execute("delete from Jobs").unwrap();
    let state = "select status || ' ' || attempt || ' ' || event_seq || ' ' ||
                        (select count(*) from run_phases where crashes = 0) || ' ' ||
                        (select count(*) from run_phases where crashes = 1)
                 from analysis_runs";
    for (moment, left) in [("begun", "queued 0 1 0 0"), ("committed", "running 1 3 8 0")] {
        let place = format!("opening.{moment}#1");
        let mut worker = stack.worker_with(&[("ANALYZE_FAULT", &place)]).unwrap();
        assert!(stack.api().dies_before_end(&mut worker, run).await.unwrap(), "{place}");
        assert_eq!(stack.texts(state).unwrap(), [left]);
    }
    let _worker = stack.worker().unwrap();
    assert_same(&stack, run).await;
    assert_eq!(
        stack.texts("select key from run_phases where crashes = 1").unwrap(),
        ["acquisition"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a02_a_server_that_dies_around_the_commit_of_a_post_leaves_one_run_or_none() {
    let stack = Stack::new(&[]).unwrap();
    let _worker = stack.worker().unwrap();
    for (number, (place, runs)) in [("post.ready#1", 0), ("post.committed#1", 1)].into_iter().enumerate() {
        let key = format!("key-{number}");
        let headers = [("idempotency-key", key.as_str())];
        let mut server = stack.server_with(&[("ANALYZE_FAULT", place)]).await.unwrap();
        let before = stack.texts("select id from analysis_runs").unwrap().len();
        let api = stack.api();
        let answer = api.send(Method::POST, "/analyze", &headers, Some(small())).await;
        assert!(answer.is_err(), "{place}: {answer:?}");
        assert!(!server.wait().unwrap().success());
        let left = stack.texts("select id from analysis_runs").unwrap().len();
        assert_eq!(left - before, runs, "{place}");
        let _server = stack.server().await.unwrap();
        let again = api
            .send(Method::POST, "/analyze", &headers, Some(small()))
            .await
            .unwrap();
        assert!(matches!(again.status, 200 | 202), "{place}: {}", again.body);
        completed(&stack, again.run_id()).await;
        let left = stack.texts("select id from analysis_runs").unwrap().len();
        assert_eq!(left - before, 1, "{place}");
        oracle::judge(&stack, None).unwrap().ensure_clean().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a22_server_and_worker_killed_at_once_come_back_to_the_same_run() {
    let stack = Stack::new(&[("ANALYZE_SAMPLE_LATENCY", "20ms")]).unwrap();
    let (server, worker) = (stack.server().await.unwrap(), stack.worker().unwrap());
    let run = start(&stack).await;
    let moving = |status: &Value| status["phase_key"] == "analysis";
    stack.api().wait_until(run, moving).await.unwrap();
    worker.kill().unwrap();
    server.kill().unwrap();
    let _worker = stack.worker().unwrap();
    let _server = stack.server().await.unwrap();
    assert_eq!(completed(&stack, run).await["attempt"], 2);
    assert_same(&stack, run).await;
}

/// Short leases, so that one runs out within a second.
const SHORT: Settings<'_> = &[
    ("ANALYZE_LEASE", "600ms"),
    ("ANALYZE_LEASE_RENEW", "200ms"),
    ("ANALYZE_WAKE_FALLBACK", "100ms"),
    ("ANALYZE_SAMPLE_LATENCY", "20ms"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a20_a_worker_that_wakes_up_after_its_lease_changes_nothing_any_more() {
    let stack = Stack::new(SHORT).unwrap();
    let _server = stack.server().await.unwrap();
    let zombie = stack.worker().unwrap();
    let run = start(&stack).await;
    let moving = |status: &Value| status["phase_key"] == "analysis";
    stack.api().wait_until(run, moving).await.unwrap();
    stack.pause(&zombie).unwrap();
    let _worker = stack.worker().unwrap();
    assert_eq!(completed(&stack, run).await["attempt"], 2);
    let before = ledger::raw(&stack).unwrap();
    zombie.signal("CONT").unwrap();
    zombie.logged("the claim on the run is lost").await.unwrap();
    assert_eq!(ledger::differences(&before, &ledger::raw(&stack).unwrap()), [""; 0]);
    assert_same(&stack, run).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a20_a_live_worker_keeps_its_run_when_the_clock_is_stepped_by_an_hour() {
    for step in [3600, -3600] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        let path = file.display().to_string();
        let settings = [&[("ANALYZE_FAULT_CLOCK", path.as_str())], SHORT].concat();
        let stack = Stack::new(&settings).unwrap();
        let _server = stack.server().await.unwrap();
        let _worker = stack.worker().unwrap();
        let run = start(&stack).await;
        let moving = |status: &Value| status["status"] != "queued";
        stack.api().wait_until(run, moving).await.unwrap();
        let _other = stack.worker().unwrap();
        let analysing = |status: &Value| status["phase_key"] == "analysis";
        stack.api().wait_until(run, analysing).await.unwrap();
        std::fs::write(&file, step.to_string()).unwrap();
        assert_eq!(completed(&stack, run).await["attempt"], 1, "{step}");
        assert_same(&stack, run).await;
    }
}
