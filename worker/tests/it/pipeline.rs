//! Whole runs through the real phases over the sample.

use shared::run::{request::RunRequest, result::AnalysisResult, state::RunStatus};
use shared::store::results;
use worker::phases;

use crate::fixture::Fixture;

#[tokio::test(flavor = "multi_thread")]
async fn a12_a_run_over_the_sample_completes_with_exactly_one_final_result() {
    let fixture = Fixture::new(&[]).await;
    let worker = fixture.worker(phases::registry());
    let run = fixture.submit(&RunRequest::new("wallstreetbets")).await;
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(run.status, RunStatus::Completed, "{run:?}");
    assert!(run.completed_at.is_some() && run.progress_percent == 100);
    let row = results::latest_of_run(&mut fixture.store.read().await.unwrap(), run.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.kind, "final");
    let result: AnalysisResult = serde_json::from_str(&row.payload.unwrap()).unwrap();
    assert_eq!(result.counts.posts, 10);
    assert!(
        result.counts.comments_selected > 100 && result.counts.comments_annotated == result.counts.comments_selected
    );
    assert!(!result.signals.is_empty() && run.signals_created == i64::try_from(result.signals.len()).ok());
    let warnings = run.parsed_warnings().unwrap();
    assert_eq!(result.warnings_count, i64::try_from(warnings.len()).unwrap());
    assert!(
        warnings.iter().all(|warning| [3, 5, 6].contains(&warning.phase)),
        "only the market has its troubles on the first day: {warnings:?}"
    );
    let count = |rows: usize| i64::try_from(rows).ok();
    assert!(!result.positions_opened.is_empty() && run.positions_opened == count(result.positions_opened.len()));
    assert!(result.predictions.created > 50 && result.portfolios.len() == 4);
    worker.stop().await;
}
