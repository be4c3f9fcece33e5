//! `run_phases`: one row per phase of a run, and the phase columns of `analysis_runs`.
//!
//! Every function that writes takes a [`Unit`], so it runs inside the fence.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Database, Encode, FromRow, QueryBuilder, Type};

use super::{
    StoreError,
    error::unreadable,
    events,
    runs::Run,
    session::{Raw, Session},
    unit::Unit,
};
use crate::{
    clock,
    run::{
        event::{Actor, EventPayload, EventType},
        ids::RunId,
        warning::Warning,
    },
};

/// A phase as the registry knows it.
#[derive(Debug, Clone, Copy)]
pub struct PhaseHead<'a> {
    /// Persisted name.
    pub key: &'a str,
    /// Place in the registry, from 1.
    pub position: i64,
    /// Number shown to people; two phases may share one.
    pub number: i64,
    /// Label shown to people.
    pub label: &'a str,
}

/// A phase of a run, as stored.
#[derive(Debug, Clone, FromRow)]
pub struct PhaseRow {
    /// Persisted name.
    pub key: String,
    /// Place in the registry, from 1.
    pub position: i64,
    /// Number shown to people.
    pub number: i64,
    /// Label shown to people.
    pub label: String,
    /// `pending`, `running` or `completed`.
    pub status: String,
    /// Units done.
    pub progress_current: i64,
    /// Units in all.
    pub progress_total: i64,
    /// Attempt of the run that last started it.
    pub attempt: Option<i64>,
    /// Leases lost while it was running.
    pub crashes: i64,
    /// First start.
    pub started_at: Option<DateTime<Utc>>,
    /// End.
    pub completed_at: Option<DateTime<Utc>>,
    /// JSON: which units are done.
    pub cursor: Option<String>,
    /// JSON array of [`Warning`].
    pub warnings: String,
    /// JSON handed to later phases.
    pub output: Option<String>,
}

impl PhaseRow {
    /// Whether its output is committed.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.status == "completed"
    }

    /// What it has met so far.
    pub fn parsed_warnings(&self) -> Result<Vec<Warning>, StoreError> {
        serde_json::from_str(&self.warnings).map_err(unreadable("run_phases.warnings"))
    }
}

/// Where a phase that starts can go on.
#[derive(Debug, Clone, Default)]
pub struct PhaseState {
    /// The cursor of an earlier attempt.
    pub cursor: Option<Value>,
    /// Units done by earlier attempts.
    pub progress_current: i64,
    /// Units in all, as an earlier attempt knew them.
    pub progress_total: i64,
}

/// Where a phase stands, written with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Units done.
    pub current: i64,
    /// Units in all.
    pub total: i64,
    /// Percent of the whole run, `0..=99`.
    pub percent: i64,
}

/// The phases of a run in order.
pub async fn list(session: &mut impl Session, run: RunId) -> Result<Vec<PhaseRow>, StoreError> {
    query!(
        session,
        fetch_all,
        PhaseRow,
        "select * from run_phases where run_id = $1 order by position",
        run
    )
}

/// Lays out the registry's phases for a run; those it already has are left as they are. Yields the registry's phases.
pub(super) async fn lay_out(unit: &mut Unit, heads: &[PhaseHead<'_>]) -> Result<Vec<PhaseRow>, StoreError> {
    if heads.is_empty() {
        return Ok(Vec::new());
    }
    let run = unit.run();
    let mut rows: Vec<PhaseRow> = match unit.tx().raw() {
        Raw::Sqlite(conn) => insert_all(run, heads).build_query_as().fetch_all(conn).await?,
    };
    rows.sort_by_key(|row| row.position);
    Ok(rows)
}

fn insert_all<DB: Database>(run: RunId, heads: &[PhaseHead<'_>]) -> QueryBuilder<DB>
where
    i64: Encode<'static, DB> + Type<DB>,
    String: Encode<'static, DB> + Type<DB>,
{
    let mut query = QueryBuilder::new("insert into run_phases (run_id, key, position, number, label) ");
    query.push_values(heads, |mut row, head| {
        row.push_bind(run.0)
            .push_bind(head.key.to_owned())
            .push_bind(head.position)
            .push_bind(head.number)
            .push_bind(head.label.to_owned());
    });
    query.push(" on conflict (run_id, key) do update set position = excluded.position returning *");
    query
}

/// Marks a phase running, on its row and on the run's, with its event; yields where it can go on.
pub(super) async fn start(unit: &mut Unit, run: &Run, head: &PhaseHead<'_>) -> Result<PhaseState, StoreError> {
    let payload = events::text(&phase_payload(head, Some(run.attempt)))?;
    let rows = batch!(
        unit.tx(),
        PhaseRow,
        [
            "update run_phases set status = 'running', attempt = $3, started_at = coalesce(started_at, $4)
             where run_id = $1 and key = $2 and status <> 'completed' returning *",
            "update analysis_runs
             set current_phase = $5, phase_key = $2, phase_label = $6,
                 progress_current = (select progress_current from run_phases where run_id = $1 and key = $2),
                 progress_total = (select progress_total from run_phases where run_id = $1 and key = $2),
                 event_seq = event_seq + 1, updated_at = $4
             where id = $1",
            "insert into run_events (run_id, event_seq, event_type, occurred_at, actor, payload)
             select id, event_seq, $7, $4, $8, $9 from analysis_runs where id = $1",
        ],
        run.id,
        head.key,
        run.attempt,
        clock::now(),
        head.number,
        head.label,
        EventType::PhaseStarted.name(),
        Actor::Worker.as_str(),
        payload,
    )?;
    let row = rows.into_iter().next().ok_or(StoreError::ClaimLost)?;
    let cursor = row.cursor.as_deref().map(serde_json::from_str).transpose();
    Ok(PhaseState {
        cursor: cursor.map_err(unreadable("run_phases.cursor"))?,
        progress_current: row.progress_current,
        progress_total: row.progress_total,
    })
}

/// Records how far a phase is: what is done never falls, the total is the newest estimate.
pub async fn advance(unit: &mut Unit, key: &str, progress: Progress) -> Result<(), StoreError> {
    let run = unit.run();
    execute!(
        unit.tx(),
        "update run_phases
         set progress_current = case when $3 > progress_current then $3 else progress_current end, progress_total = $4
         where run_id = $1 and key = $2",
        run,
        key,
        progress.current,
        progress.total
    )?;
    execute!(
        unit.tx(),
        "update analysis_runs
         set progress_current = case when $2 > coalesce(progress_current, 0) then $2 else progress_current end,
             progress_total = $3,
             progress_percent = case when $4 > progress_percent then $4 else progress_percent end
         where id = $1",
        run,
        progress.current,
        progress.total,
        progress.percent.min(99)
    )?;
    Ok(())
}

/// Records which units are done.
pub async fn set_cursor(unit: &mut Unit, key: &str, cursor: &Value) -> Result<(), StoreError> {
    let run = unit.run();
    execute!(
        unit.tx(),
        "update run_phases set cursor = $3 where run_id = $1 and key = $2",
        run,
        key,
        cursor.to_string()
    )?;
    Ok(())
}

/// Adds the warnings of a unit to its phase; one that repeats an earlier one is dropped.
pub async fn add_warnings(unit: &mut Unit, key: &str, new: &[Warning]) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let run = unit.run();
    let (stored,) = query!(
        unit.tx(),
        fetch_one,
        (String,),
        "select warnings from run_phases where run_id = $1 and key = $2",
        run,
        key
    )?;
    let mut all: Vec<Warning> = serde_json::from_str(&stored).map_err(unreadable("run_phases.warnings"))?;
    for warning in new {
        if !all.iter().any(|known| known.repeats(warning)) {
            all.push(warning.clone());
        }
    }
    let all = serde_json::to_string(&all).map_err(unreadable("warnings"))?;
    execute!(
        unit.tx(),
        "update run_phases set warnings = $3 where run_id = $1 and key = $2",
        run,
        key,
        all
    )?;
    Ok(())
}

/// Marks a phase completed with what it hands on, with its event.
pub async fn complete(
    unit: &mut Unit,
    head: &PhaseHead<'_>,
    attempt: i64,
    output: &Value,
    progress: Progress,
) -> Result<(), StoreError> {
    advance(unit, head.key, progress).await?;
    let run = unit.run();
    let rows = execute!(
        unit.tx(),
        "update run_phases set status = 'completed', completed_at = $3, output = $4
         where run_id = $1 and key = $2 and status = 'running'",
        run,
        head.key,
        clock::now(),
        output.to_string()
    )?;
    if rows != 1 {
        return Err(StoreError::ClaimLost);
    }
    let payload = phase_payload(head, Some(attempt));
    events::append(unit.tx(), run, EventType::PhaseCompleted, Actor::Worker, &payload).await?;
    Ok(())
}

pub(super) fn phase_payload(head: &PhaseHead<'_>, attempt: Option<i64>) -> EventPayload {
    EventPayload {
        phase_key: Some(head.key.to_owned()),
        phase_label: Some(head.label.to_owned()),
        attempt,
        ..EventPayload::default()
    }
}
