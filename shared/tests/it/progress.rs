//! Progress never falls.

use serde_json::json;
use shared::store::{
    claim::RunningRun,
    phases::{self, Progress},
};

use crate::fixture::{Fixture, HEADS, start_phase};

async fn advance(running: &RunningRun, current: i64, percent: i64) {
    let mut unit = running.begin().await.unwrap();
    let standing = Progress {
        current,
        total: 10,
        percent,
    };
    phases::advance(&mut unit, "reading", standing).await.unwrap();
    unit.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_progress_stays_where_it_was_when_a_phase_reports_less() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    for (current, percent, expected) in [
        (3, 30, (3, 30)),
        (1, 10, (3, 30)),
        (5, 20, (5, 30)),
        (4, 250, (5, 99)),
        (9, -7, (9, 99)),
    ] {
        advance(&running, current, percent).await;
        let run = fixture.run(id).await;
        assert_eq!(
            (run.progress_current, run.progress_percent),
            (Some(expected.0), expected.1)
        );
        assert_eq!(fixture.phase(id, 0).await.progress_current, expected.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_a_resumed_phase_goes_on_where_it_stood() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    advance(&running, 6, 40).await;
    running.hand_over(1).await.unwrap();
    let state = start_phase(&fixture.claim(id, "second").await, &HEADS[0])
        .await
        .unwrap();
    assert_eq!((state.progress_current, state.progress_total), (6, 10));
    let run = fixture.run(id).await;
    assert_eq!((run.progress_current, run.progress_percent), (Some(6), 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn a09_a_phase_boundary_carries_number_key_label_and_progress() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    let mut unit = running.begin().await.unwrap();
    let standing = Progress {
        current: 10,
        total: 10,
        percent: 50,
    };
    phases::complete(&mut unit, &HEADS[0], 1, &json!({ "posts": 2 }), standing)
        .await
        .unwrap();
    unit.commit().await.unwrap();
    assert!(fixture.phase(id, 0).await.is_completed());
    start_phase(&running, &HEADS[1]).await.unwrap();
    let run = fixture.run(id).await;
    assert_eq!(
        (run.current_phase, run.phase_key.as_deref(), run.phase_label.as_deref()),
        (Some(2), Some("writing"), Some("Writing"))
    );
    assert_eq!(
        (run.progress_current, run.progress_total, run.progress_percent),
        (Some(0), Some(0), 50)
    );
    let expected = [
        "job.queued",
        "job.running",
        "job.phase_started",
        "job.phase_completed",
        "job.phase_started",
    ];
    assert_eq!(fixture.event_types(id).await, expected);
    start_phase(&running, &HEADS[0]).await.unwrap_err();
    assert_eq!(
        fixture.event_types(id).await,
        expected,
        "a completed phase does not start again"
    );
}
