//! What a client sees of a run that nothing disturbs: its events in order, its progress rising.

use crate::{
    fixture::Fixture,
    stage::{Stage, begun, gated, request},
};

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
