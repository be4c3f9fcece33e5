//! The short ways by which nearly every run starts leave the same behind as the general ones.

use shared::store::claim;

use crate::fixture::{Fixture, HEADS, MARKET_NOW, claimant, instant, prepare, start_phase};

/// What the start of a phase writes; of times, whether they are there.
const WRITTEN: &str = "
    select 'run ' || concat_ws(' ', status, attempt, worker_id, market_now, current_phase, phase_key, phase_label,
                               progress_current, progress_total, progress_percent, event_seq)
    from analysis_runs where subreddit = $name
    union all
    select 'phase ' || concat_ws(' ', p.key, position, number, label, p.status, p.progress_current, p.progress_total,
                                 coalesce(p.attempt, '-'), crashes, p.started_at is null, p.completed_at is null,
                                 cursor is null, p.warnings, output is null)
    from run_phases as p join analysis_runs as r on r.id = p.run_id where subreddit = $name
    union all
    select 'event ' || concat_ws(' ', e.event_seq, event_type, actor, payload)
    from run_events as e join analysis_runs as r on r.id = e.run_id where subreddit = $name";

async fn written(fixture: &Fixture, name: &str) -> Vec<String> {
    fixture.texts(&WRITTEN.replace("$name", &format!("'{name}'"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_phase_in_one_command_leaves_what_the_steps_leave() {
    let fixture = Fixture::new().await;
    let [by_steps, at_once] = ["stepwise", "at_once"];
    let run = fixture.submit(by_steps).await;
    let mut running = fixture.claim(run.id, "first").await;
    prepare(&mut running, MARKET_NOW).await;
    start_phase(&running, &HEADS[0]).await.unwrap();

    let run = fixture.submit(at_once).await;
    let mut running = fixture.claim(run.id, "first").await;
    let state = running.start_first_phase(instant(MARKET_NOW), &HEADS).await.unwrap();
    assert_eq!(
        state.map(|state| (state.progress_current, state.cursor)),
        Some((0, None))
    );
    assert_eq!(running.run().market_now, Some(instant(MARKET_NOW)));
    assert_eq!(written(&fixture, at_once).await, written(&fixture, by_steps).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_run_is_the_oldest_that_is_queued_and_claimed_as_by_its_id() {
    let fixture = Fixture::new().await;
    fixture.running("running").await;
    let (older, newer) = (fixture.submit("older").await, fixture.submit("newer").await);
    let next = claim::claim_next(&fixture.store, &claimant("first"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(next.run().id, older.id);
    fixture.claim(newer.id, "first").await;
    assert_eq!(written(&fixture, "older").await, written(&fixture, "newer").await);
    let before = fixture.rows().await;
    assert!(
        claim::claim_next(&fixture.store, &claimant("first"))
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(fixture.rows().await, before);
}
