//! The runtime around phases of the test: failures, panics, limits, cancels, hand-overs, crashes, warnings.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use serde_json::{Map, json};
use shared::{
    run::{failure::ErrorCode, request::RunRequest, state::RunStatus, warning::WarningType},
    store::{cancel, posts, processes},
};
use tokio::sync::Semaphore;
use worker::{
    phase::{Phase, PhaseContext, PhaseError, PhaseReport},
    registry::Registry,
};

use crate::fixture::Fixture;

/// What the phases of a test share with it.
#[derive(Clone)]
struct Stage {
    /// Units that the gated phase may commit.
    gate: Arc<Semaphore>,
    /// Units it has begun, over all attempts.
    begun: Arc<AtomicUsize>,
}

impl Stage {
    fn new() -> Self {
        Self {
            gate: Arc::new(Semaphore::new(0)),
            begun: Arc::default(),
        }
    }
}

/// Three units; each waits for a permit before it commits its cursor and one warning.
struct Gated(Stage);

#[async_trait]
impl Phase for Gated {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        let first: i64 = context.cursor()?;
        for unit in first..3 {
            context.check()?;
            self.0.begun.fetch_add(1, Ordering::SeqCst);
            context.interruptible(self.0.gate.acquire()).await?.unwrap().forget();
            let facts = Map::from_iter([("post_id".to_owned(), json!(unit))]);
            context.warn(WarningType::ImageAnalysisFailed, format!("unit {unit}"), None, facts);
            context.advance(unit + 1, 3);
            let work = context.unit().await?;
            context.commit(work, Some(json!(unit + 1))).await?;
        }
        Ok(PhaseReport {
            output: json!({ "units": 3 }),
            ..PhaseReport::default()
        })
    }
}

/// Ends as it is told, after a warning that no unit has committed.
enum Broken {
    Fails,
    Panics,
}

#[async_trait]
impl Phase for Broken {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        context.warn(
            WarningType::InsufficientCash,
            "no cash".to_owned(),
            Some("TSLA"),
            Map::new(),
        );
        let mut unit = context.unit().await?;
        let post = shared::sources::comments::Post {
            reddit_id: "half".to_owned(),
            subreddit: "stocks".to_owned(),
            title: String::new(),
            selftext: String::new(),
            upvotes: 0,
            total_comments: 0,
            url: None,
        };
        posts::upsert(unit.tx(), &post, None, context.market().now()).await?;
        match self {
            Self::Fails => Err(PhaseError::failed(ErrorCode::RedditApiError, "the listing is gone")),
            Self::Panics => panic!("out of cheese"),
        }
    }
}

/// Does nothing.
struct Quick;

#[async_trait]
impl Phase for Quick {
    async fn run(&self, _: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        Ok(PhaseReport::default())
    }
}

fn gated(stage: &Stage) -> Registry {
    Registry::default()
        .with("gated", 1, "Waiting", 50, Gated(stage.clone()))
        .with("quick", 2, "Hurrying", 50, Quick)
}

fn request() -> RunRequest {
    RunRequest::new("stocks")
}

/// Waits until the phase has begun that many units, over all attempts.
async fn begun(fixture: &Fixture, stage: &Stage, run: shared::run::ids::RunId, units: usize) {
    fixture
        .wait_until(run, |_| stage.begun.load(Ordering::SeqCst) >= units)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_an_error_in_a_phase_fails_the_run_and_the_worker_takes_the_next_one() {
    let fixture = Fixture::new(&[]).await;
    let registry = Registry::default().with("broken", 1, "Breaking", 100, Broken::Fails);
    let worker = fixture.worker(registry);
    for _ in 0..2 {
        let run = fixture.submit(&request()).await;
        let run = fixture.wait_for_end(run.id).await;
        assert_eq!(run.status, RunStatus::Failed);
        assert_eq!(run.error_code.as_deref(), Some("reddit_api_error"));
        assert_eq!(run.error_message.as_deref(), Some("the listing is gone"));
        let warnings = run.parsed_warnings().unwrap();
        assert_eq!((warnings.len(), warnings[0].ticker.as_deref()), (1, Some("TSLA")));
        assert!(run.lease_expires_at.is_none());
        let types = fixture.event_types(run.id).await;
        assert_eq!(types, ["job.queued", "job.running", "job.phase_started", "job.failed"]);
    }
    assert_eq!(
        fixture.count("select count(*) from reddit_posts").await,
        0,
        "the open unit was rolled back"
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a10_a_panic_in_a_phase_fails_the_run_and_leaves_the_worker_alive() {
    let fixture = Fixture::new(&[]).await;
    let registry = Registry::default().with("broken", 7, "Breaking", 100, Broken::Panics);
    let worker = fixture.worker(registry);
    for _ in 0..2 {
        let run = fixture.submit(&request()).await;
        let run = fixture.wait_for_end(run.id).await;
        assert_eq!(
            (run.status, run.error_code.as_deref()),
            (RunStatus::Failed, Some("internal"))
        );
        assert_eq!(
            run.error_message.as_deref(),
            Some("phase 7 (Breaking) panicked: out of cheese")
        );
        assert_eq!(run.parsed_warnings().unwrap().len(), 1);
    }
    assert_eq!(fixture.count("select count(*) from reddit_posts").await, 0);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a13_warnings_are_written_once_at_the_end_and_null_until_then() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    stage.gate.add_permits(2);
    begun(&fixture, &stage, run.id, 3).await;
    assert!(fixture.run(run.id).await.warnings.is_none());
    assert_eq!(fixture.phases(run.id).await[0].parsed_warnings().unwrap().len(), 2);
    stage.gate.add_permits(1);
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        (run.status, run.parsed_warnings().unwrap().len()),
        (RunStatus::Completed, 3)
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_the_events_of_an_undisturbed_run_stand_in_order() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    stage.gate.add_permits(3);
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    fixture.wait_for_end(run.id).await;
    let expected = [
        "job.queued",
        "job.running",
        "job.phase_started",
        "job.phase_completed",
        "job.phase_started",
        "job.phase_completed",
        "job.completed",
    ];
    assert_eq!(fixture.event_types(run.id).await, expected);
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_the_hard_limit_ends_the_run_after_the_phase_in_progress() {
    let fixture = Fixture::new(&[("ANALYZE_HARD_LIMIT", "1ms"), ("ANALYZE_SOFT_LIMIT", "off")]).await;
    let stage = Stage::new();
    // The first phase is let in by a limit that only then passes: it is started with time 0 of execution.
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(run.error_code.as_deref(), Some("timeout"));
    assert_eq!(run.error_message.as_deref(), Some("Pipeline exceeded 1-minute timeout"));
    worker.stop().await;

    let fixture = Fixture::new(&[("ANALYZE_HARD_LIMIT", "500ms")]).await;
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    begun(&fixture, &stage, run.id, 1).await;
    fixture
        .wait_until(run.id, |run| {
            (shared::clock::now() - run.started_at.unwrap_or_else(shared::clock::now)).num_milliseconds() > 600
        })
        .await;
    assert!(
        fixture.run(run.id).await.status.is_active(),
        "the phase in progress is allowed to finish"
    );
    stage.gate.add_permits(3);
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(run.error_message.as_deref(), Some("Pipeline exceeded 1-minute timeout"));
    let phases = fixture.phases(run.id).await;
    assert_eq!(
        (phases[0].status.as_str(), phases[1].status.as_str()),
        ("completed", "pending")
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_a_phase_that_never_returns_is_aborted_after_its_grace() {
    let fixture = Fixture::new(&[("ANALYZE_HARD_LIMIT", "200ms"), ("ANALYZE_PHASE_GRACE", "200ms")]).await;
    let worker = fixture.worker(gated(&Stage::new()));
    let run = fixture.submit(&request()).await;
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        (run.status, run.error_code.as_deref()),
        (RunStatus::Failed, Some("timeout"))
    );
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a11_the_soft_limit_is_noted_once_and_stops_nothing() {
    let fixture = Fixture::new(&[("ANALYZE_SOFT_LIMIT", "50ms")]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    fixture.wait_until(run.id, |run| run.event_seq >= 4).await;
    stage.gate.add_permits(3);
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(run.status, RunStatus::Completed);
    let types = fixture.event_types(run.id).await;
    assert_eq!(types.iter().filter(|kind| *kind == "job.slow").count(), 1, "{types:?}");
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_running_phase_is_canceled_at_its_next_unit_and_keeps_what_it_committed() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    stage.gate.add_permits(1);
    begun(&fixture, &stage, run.id, 2).await;
    let asked = cancel::request(&fixture.store, run.id, Some("enough"), "test")
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(asked, cancel::CancelOutcome::Requested(_)));
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        (run.status, run.cancel_reason.as_deref()),
        (RunStatus::Canceled, Some("enough"))
    );
    assert_eq!(run.parsed_warnings().unwrap().len(), 1);
    let again = cancel::request(&fixture.store, run.id, Some("again"), "test")
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(again, cancel::CancelOutcome::Canceled(run) if run.cancel_reason.as_deref() == Some("enough")));
    let types = fixture.event_types(run.id).await;
    assert_eq!(types[3..], ["job.cancel_requested", "job.canceled"]);
    fixture.submit(&request()).await;
    worker.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a23_a_worker_that_stops_hands_the_run_over_without_counting_a_crash() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    stage.gate.add_permits(1);
    begun(&fixture, &stage, run.id, 2).await;
    worker.stop().await;
    let left = fixture.run(run.id).await;
    assert!(left.status.is_active() && left.worker_id.is_none());
    let next = fixture.worker(gated(&stage));
    stage.gate.add_permits(2);
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!((run.status, run.attempt), (RunStatus::Completed, 2));
    let phase = &fixture.phases(run.id).await[0];
    assert_eq!((phase.crashes, phase.attempt), (0, Some(2)));
    assert_eq!(run.parsed_warnings().unwrap().len(), 3, "no unit was repeated");
    assert!(fixture.event_types(run.id).await.contains(&"job.resumed".to_owned()));
    next.stop().await;
}

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

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_a_phase_that_this_version_does_not_know_fails_and_names_it() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    begun(&fixture, &stage, run.id, 1).await;
    worker.stop().await;
    let other = fixture.worker(Registry::default().with("other", 1, "Other", 1, Quick));
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        run.error_message.as_deref(),
        Some("the phase `gated` of this run is unknown to this version")
    );
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a09_progress_of_a_run_never_goes_back() {
    let fixture = Fixture::new(&[]).await;
    let stage = Stage::new();
    let worker = fixture.worker(gated(&stage));
    let run = fixture.submit(&request()).await;
    let mut seen = vec![(0, 0, 0)];
    for unit in 1..=3 {
        begun(&fixture, &stage, run.id, unit).await;
        let now = fixture.run(run.id).await;
        seen.push((
            now.current_phase.unwrap(),
            now.progress_current.unwrap(),
            now.progress_percent,
        ));
        stage.gate.add_permits(1);
    }
    let end = fixture.wait_for_end(run.id).await;
    seen.push((
        end.current_phase.unwrap(),
        end.progress_current.unwrap(),
        end.progress_percent,
    ));
    let rising = |a: &(i64, i64, i64), b: &(i64, i64, i64)| (a.0, a.1) <= (b.0, b.1) && a.2 <= b.2;
    assert!(seen.windows(2).all(|pair| rising(&pair[0], &pair[1])), "{seen:?}");
    assert_eq!(
        (end.current_phase, end.phase_label.as_deref(), end.progress_percent),
        (Some(2), Some("Hurrying"), 100)
    );
    worker.stop().await;
}
