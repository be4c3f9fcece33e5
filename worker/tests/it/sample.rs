//! The real phases over the sample: the same day twice, day after day, interrupted, canceled.

use shared::{
    run::{
        ids::RunId,
        request::RunRequest,
        state::RunStatus,
        warning::{Warning, WarningType},
    },
    store::{cancel, runs::Run},
};
use worker::phases;

use crate::{
    domain::{Domain, assert_same, domain},
    fixture::Fixture,
};

fn request() -> RunRequest {
    RunRequest::new("wallstreetbets")
}

/// A day that nobody disturbed.
async fn undisturbed() -> Domain {
    let fixture = Fixture::new(&[]).await;
    fixture.analyse(&request()).await;
    domain(&fixture).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_day_from_two_empty_databases_is_the_same() {
    let (one, other) = tokio::join!(undisturbed(), undisturbed());
    assert!(one["comments"].len() > 100 && !one["signals"].is_empty());
    assert!(one["predictions"].len() > 50 && !one["positions"].is_empty());
    assert_same(&one, &other);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_run_is_a_trading_day_further_and_emergence_is_judged_after_a_week() {
    let fixture = Fixture::new(&[]).await;
    let mut days = Vec::new();
    for number in 1..=8 {
        let (run, _) = fixture.analyse(&request()).await;
        let day = run.market_now.unwrap();
        days.push(day.to_rfc3339());
        let judged: Vec<(i64, i64)> = fixture
            .rows(&format!(
                "select count(*), count(is_emergence) from signals where run_id = {}",
                run.id
            ))
            .await;
        let (signals, with_emergence) = judged[0];
        assert!(signals > 0, "run {number}");
        let young = number <= 5;
        assert_eq!(with_emergence, if young { 0 } else { signals }, "run {number} on {day}");
    }
    let expected: Vec<_> = ["05", "06", "07", "08", "09", "12", "13", "14"]
        .iter()
        .map(|day| format!("2026-01-{day}T16:00:00+00:00"))
        .collect();
    assert_eq!(days, expected);
    assert_eq!(
        fixture
            .texts("select value from system_config where key = 'system_start_date'")
            .await,
        ["2026-01-05"]
    );
    let prior = "select count(*) from signals where signal_date > '2026-01-05' and prior_7d_mentions = 0";
    let later = fixture
        .count("select count(*) from signals where signal_date > '2026-01-05'")
        .await;
    assert!(fixture.count(prior).await < later, "nobody remembers the days before");
}

/// Warnings of a run about pictures.
fn blind(run: &Run) -> usize {
    let warnings = run.parsed_warnings().unwrap();
    let of_pictures = |warning: &&Warning| warning.kind == WarningType::ImageAnalysisFailed;
    warnings.iter().filter(of_pictures).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_are_described_and_one_of_the_second_day_cannot_be() {
    let fixture = Fixture::new(&[]).await;
    let (first, _) = fixture.analyse(&request()).await;
    let described = "select count(*) from reddit_posts where image_analysis like '(synthetic) %'";
    assert_eq!((fixture.count(described).await, blind(&first)), (2, 0));
    let (second, _) = fixture.analyse(&request()).await;
    assert_eq!((fixture.count(described).await, blind(&second)), (3, 1));
    let left = "select count(*) from reddit_posts where image_url is not null and image_analysis is null";
    assert_eq!(fixture.count(left).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_vision_pictures_are_not_looked_at_and_nobody_is_warned() {
    let fixture = Fixture::new(&[("ANALYZE_VISION", "none")]).await;
    for _ in 0..2 {
        let (run, _) = fixture.analyse(&request()).await;
        assert_eq!(blind(&run), 0);
    }
    let described = "select count(image_analysis) from reddit_posts";
    assert_eq!(fixture.count(described).await, 0);
}

/// A worker that is stopped once the run satisfies the condition.
async fn work_until(fixture: &Fixture, id: RunId, condition: impl Fn(&Run) -> bool) -> Run {
    let worker = fixture.worker(phases::registry());
    fixture.wait_until(id, condition).await;
    worker.stop().await;
    fixture.run(id).await
}

fn has_reached(key: &'static str, units: i64) -> impl Fn(&Run) -> bool {
    move |run| run.phase_key.as_deref() == Some(key) && run.progress_current >= Some(units)
}

#[tokio::test(flavor = "multi_thread")]
async fn a19_a_run_interrupted_in_several_phases_finds_the_same_as_an_undisturbed_one() {
    let expected = undisturbed().await;
    let fixture = Fixture::new(&[("ANALYZE_SAMPLE_LATENCY", "60ms")]).await;
    let id = fixture.submit(&request()).await.id;
    let stops = [
        ("acquisition", 1),
        ("acquisition", 4),
        ("analysis", 20),
        ("analysis", 200),
        ("predictions", 3),
        ("positions", 1),
    ];
    for (attempt, (key, units)) in (1..).zip(stops) {
        let reached = has_reached(key, units);
        let run = work_until(&fixture, id, |run| run.attempt == attempt && reached(run)).await;
        assert!(run.status.is_active() && run.worker_id.is_none(), "{run:?}");
    }
    let run = work_until(&fixture, id, |run| run.status.is_terminal()).await;
    assert_eq!((run.status, run.attempt), (RunStatus::Completed, 7));
    assert_same(&expected, &domain(&fixture).await);
    assert_eq!(fixture.count("select sum(crashes) from run_phases").await, 0);
    assert_eq!(fixture.count("select count(*) from run_checkpoints").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a17_partial_results_come_while_comments_are_analysed_and_outlive_a_cancel() {
    let fixture = Fixture::new(&[("ANALYZE_SAMPLE_LATENCY", "20ms"), ("ANALYZE_CHUNK", "10")]).await;
    let worker = fixture.worker(phases::registry());
    let id = fixture.submit(&request()).await.id;
    let run = fixture.wait_until(id, |run| run.partial_count >= 1).await;
    assert_eq!(
        (run.status, run.phase_key.as_deref()),
        (RunStatus::Partial, Some("analysis"))
    );
    cancel::request(&fixture.store, id, Some("seen enough"), "test")
        .await
        .unwrap();
    let run = fixture.wait_for_end(id).await;
    assert_eq!(run.status, RunStatus::Canceled);
    let counts = fixture.result(id).await.counts;
    assert!(
        counts.comments_annotated >= 10 && counts.comments_annotated < counts.comments_selected,
        "{counts:?}"
    );
    let annotated = fixture.count("select count(analyzed_at) from comments").await;
    assert!(annotated >= counts.comments_annotated, "what was committed stays");
    let types = fixture.event_types(id).await;
    let partials = types.iter().filter(|kind| *kind == "job.partial").count();
    assert_eq!(i64::try_from(partials).unwrap(), run.partial_count);
    assert_eq!(types[types.len() - 2..], ["job.cancel_requested", "job.canceled"]);
    worker.stop().await;
}
