//! What can be seen of a run: the model predicts it, the database holds it.

use std::collections::BTreeSet;

use shared::{
    run::{
        event::{Actor, EventPayload, EventType},
        ids::RunId,
        state::RunStatus,
    },
    store::{
        StoreError, events, phases, results,
        runs::{self, Run, WorkerState},
    },
};

use crate::fixture::Fixture;

/// Everything of a run but names and times.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "which columns are set")]
pub(crate) struct Seen {
    pub(crate) scope: String,
    pub(crate) status: RunStatus,
    pub(crate) attempt: i64,
    pub(crate) worker: Option<String>,
    pub(crate) lease: WorkerState,
    pub(crate) lease_stored: bool,
    pub(crate) started: bool,
    pub(crate) ended: bool,
    pub(crate) frozen: bool,
    pub(crate) phase: Option<(i64, String, String)>,
    pub(crate) progress: (Option<i64>, Option<i64>),
    pub(crate) percent: i64,
    pub(crate) active_ms: i64,
    /// Whether it was asked for, and the reason.
    pub(crate) cancel: Option<String>,
    pub(crate) error: Option<(String, String)>,
    /// Tickers of the warnings; `None` before the end and when there were none.
    pub(crate) warnings: Option<Vec<String>>,
    pub(crate) partial_count: i64,
    pub(crate) event_seq: i64,
    pub(crate) events: Vec<String>,
    /// Kind, and whether the payload is `kept` or `gone`.
    pub(crate) results: Vec<String>,
    pub(crate) phases: Vec<PhaseSeen>,
    /// Phase and part.
    pub(crate) checkpoints: BTreeSet<(String, i64)>,
}

/// Everything of a phase but times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhaseSeen {
    pub(crate) key: String,
    pub(crate) status: String,
    pub(crate) attempt: Option<i64>,
    pub(crate) crashes: i64,
    pub(crate) progress: (i64, i64),
    pub(crate) cursor: Option<String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) output: bool,
}

/// An event in words; the model cannot know the names of results.
pub(crate) fn said(kind: EventType, actor: Actor, payload: EventPayload) -> String {
    line(kind.name(), actor.as_str(), payload)
}

fn line(kind: &str, actor: &str, payload: EventPayload) -> String {
    let payload = EventPayload {
        result_id: None,
        ..payload
    };
    format!("{kind} by {actor}: {}", serde_json::to_string(&payload).unwrap())
}

/// Looks at a run; panics where numbers have a gap or the newest result is not the last.
pub(crate) async fn look(fixture: &Fixture, id: RunId) -> Result<Seen, StoreError> {
    let store = &fixture.store;
    let mut conn = store.read().await?;
    let run = runs::find(&mut conn, id).await?.expect("runs stay");
    let events = events::page(&mut conn, id, 0, 10_000).await?;
    assert!(events.iter().zip(1..).all(|(event, seq)| event.event_seq == seq));
    let phases = phases::list(&mut conn, id).await?;
    let newest = results::latest_of_run(&mut conn, id).await?;
    assert_eq!(newest.map(|row| row.result_id), run.result_id);
    drop(conn);
    let mut checkpoints = BTreeSet::new();
    for phase in &phases {
        let parts = shared::store::checkpoints::parts(store, id, &phase.key).await?;
        checkpoints.extend(parts.into_iter().map(|part| (phase.key.clone(), part)));
    }
    Ok(Seen {
        events: events
            .iter()
            .map(|event| Ok(line(&event.event_type, &event.actor, event.parsed_payload()?)))
            .collect::<Result<_, StoreError>>()?,
        phases: phases.iter().map(phase_seen).collect::<Result<_, _>>()?,
        checkpoints,
        results: stored_results(fixture, id).await,
        ..row_seen(run)?
    })
}

async fn stored_results(fixture: &Fixture, id: RunId) -> Vec<String> {
    let sql = "select kind || case when payload is null then ' gone' else ' kept' end from run_results";
    let numbered = format!("{sql} where run_id = {id} and result_seq = (
        select count(*) from run_results as lower where lower.run_id = {id} and lower.result_seq <= run_results.result_seq)
        order by result_seq");
    let results = fixture.texts(&numbered).await;
    let all = fixture.texts(&format!("{sql} where run_id = {id}")).await;
    assert_eq!(results.len(), all.len(), "results of run {id} are not numbered from 1");
    results
}

/// What the row itself shows.
fn row_seen(run: Run) -> Result<Seen, StoreError> {
    let lease = run.worker_state(shared::clock::now());
    let warnings = run.parsed_warnings()?.into_iter().filter_map(|warning| warning.ticker);
    let warnings: Vec<_> = warnings.collect();
    Ok(Seen {
        lease,
        lease_stored: run.lease_expires_at.is_some(),
        started: run.started_at.is_some(),
        ended: run.completed_at.is_some(),
        frozen: run.market_now.is_some(),
        phase: run.current_phase.map(|number| {
            (
                number,
                run.phase_key.unwrap_or_default(),
                run.phase_label.unwrap_or_default(),
            )
        }),
        progress: (run.progress_current, run.progress_total),
        cancel: run.cancel_requested_at.map(|_| run.cancel_reason.unwrap_or_default()),
        error: run.error_code.zip(run.error_message),
        warnings: run.warnings.map(|_| warnings),
        scope: run.scope,
        status: run.status,
        attempt: run.attempt,
        worker: run.worker_id,
        percent: run.progress_percent,
        active_ms: run.active_ms,
        partial_count: run.partial_count,
        event_seq: run.event_seq,
        events: Vec::new(),
        results: Vec::new(),
        phases: Vec::new(),
        checkpoints: BTreeSet::new(),
    })
}

fn phase_seen(row: &phases::PhaseRow) -> Result<PhaseSeen, StoreError> {
    let warnings = row.parsed_warnings()?.into_iter().filter_map(|warning| warning.ticker);
    Ok(PhaseSeen {
        key: row.key.clone(),
        status: row.status.clone(),
        attempt: row.attempt,
        crashes: row.crashes,
        progress: (row.progress_current, row.progress_total),
        cursor: row.cursor.clone(),
        warnings: warnings.collect(),
        output: row.output.is_some(),
    })
}
