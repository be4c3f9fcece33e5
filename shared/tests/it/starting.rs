//! The short way by which nearly every run begins leaves the same behind as the general one.

use chrono::TimeDelta;
use shared::{
    doorbell::Bell,
    run::ids::RunId,
    store::{claim::RunningRun, opening},
};

use crate::doorbell::{NEVER, SILENCE, quiet};
use crate::fixture::{Fixture, HEADS, MARKET_NOW, PATIENCE, claimant, instant, prepare, result, start_phase};

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
async fn the_short_way_leaves_what_the_steps_leave() {
    let fixture = Fixture::new().await;
    let [by_steps, at_once] = ["stepwise", "at_once"];
    let run = fixture.submit(by_steps).await;
    let mut running = fixture.claim(run.id, "first").await;
    prepare(&mut running, MARKET_NOW).await;
    start_phase(&running, &HEADS[0]).await.unwrap();

    let run = fixture.submit(at_once).await;
    let running = open(&fixture, run.id).await.unwrap();
    assert_eq!(running.run().market_now, Some(instant(MARKET_NOW)));
    assert_eq!(written(&fixture, at_once).await, written(&fixture, by_steps).await);
    let lease = fixture.run(run.id).await.lease_expires_at.unwrap();
    assert_eq!(
        lease - running.run().started_at.unwrap(),
        TimeDelta::from_std(claimant("first").lease).unwrap()
    );
    running.begin().await.unwrap().commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_is_the_oldest_that_is_queued_with_what_it_needs_to_begin() {
    let fixture = Fixture::new().await;
    assert!(opening::oldest(&fixture.store).await.unwrap().is_none());
    let mut running = fixture.running("stocks").await;
    running
        .begin_frozen(instant(MARKET_NOW))
        .await
        .unwrap()
        .commit()
        .await
        .unwrap();
    running.complete(&result(1), 1).await.unwrap();
    fixture.running("options").await;
    let older = fixture.submit("stocks").await;
    fixture.submit("wallstreetbets").await;
    let oldest = opening::oldest(&fixture.store).await.unwrap().unwrap();
    assert_eq!((oldest.id, oldest.previous), (older.id, Some(instant(MARKET_NOW))));
    assert_eq!(oldest.request, older.parsed_request().unwrap());
    let rows = fixture
        .texts("select key || '=' || value from system_config order by key")
        .await;
    let mut config: Vec<_> = oldest
        .config
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    config.sort();
    assert_eq!(config, rows);
    open(&fixture, older.id).await.unwrap();
    let next = opening::oldest(&fixture.store).await.unwrap().unwrap();
    assert_eq!(
        (next.request.subreddit.as_str(), next.previous),
        ("wallstreetbets", None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_held_or_has_ended_is_not_opened_and_nothing_changes() {
    let fixture = Fixture::new().await;
    let held = fixture.running("held").await.run().id;
    let ended = fixture.running("ended").await;
    let id = ended.run().id;
    ended.complete(&result(1), 1).await.unwrap();
    let before = fixture.rows().await;
    for id in [held, id, RunId(99)] {
        assert!(open(&fixture, id).await.is_none());
    }
    assert_eq!(fixture.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_nothing_rings_nobody() {
    let fixture = Fixture::new().await;
    let held = fixture.running("held").await.run().id;
    let queued = fixture.submit("queued").await;
    let bell = Bell::open(&fixture.store, NEVER).unwrap();
    let mut listener = bell.listen();
    quiet(&mut listener).await;
    assert!(open(&fixture, held).await.is_none());
    assert!(
        !listener.wait(SILENCE).await,
        "every worker that looked in vain would wake the others"
    );
    assert!(open(&fixture, queued.id).await.is_some());
    assert!(listener.wait(PATIENCE).await);
}

async fn open(fixture: &Fixture, id: RunId) -> Option<RunningRun> {
    opening::open(&fixture.store, id, &claimant("first"), instant(MARKET_NOW), &HEADS)
        .await
        .unwrap()
}
