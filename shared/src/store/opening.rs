//! The short way into a run: claimed, frozen, laid out and in its first phase by one command.
//!
//! Somebody waits for it: between the POST and the first phase lie one read and this, and so one flush of the disk only.
//! What it does is what [`claim`](super::claim::claim), [`RunningRun::begin_frozen`], [`RunningRun::lay_out`] and
//! [`RunningRun::start_phase`] do one after the other (a test compares them). Whatever is out of the ordinary takes
//! that longer way: here it is left alone.

use std::{collections::HashMap, fmt::Write as _};

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Executor as _, FromRow};

use super::{
    Store, StoreError,
    claim::{Claimant, RunningRun},
    error::unreadable,
    events,
    phases::{PhaseHead, phase_payload},
    runs::Run,
    session::{Raw, Session as _, rows_of},
};
use crate::{
    clock,
    faults::{self, Moment},
    run::{
        event::{Actor, EventPayload, EventType},
        ids::RunId,
        request::RunRequest,
    },
};

/// A queued run, and what must be known to begin it.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// The run.
    pub id: RunId,
    /// What was asked for.
    pub request: RunRequest,
    /// The newest `market_now` of its subreddit.
    pub previous: Option<DateTime<Utc>>,
    /// The keys of `system_config` with their values.
    pub config: HashMap<String, String>,
}

#[derive(FromRow)]
struct Row {
    id: RunId,
    request: String,
    previous: Option<DateTime<Utc>>,
    key: String,
    value: String,
}

/// The oldest queued run, if there is one. The active states are named too for the index of the active runs.
pub async fn oldest(store: &Store) -> Result<Option<Waiting>, StoreError> {
    let rows = query!(
        &mut store.read().await?,
        fetch_all,
        Row,
        "select r.id, r.request, r.previous, c.key, c.value
         from (select id, request,
                      (select max(p.market_now) from analysis_runs as p
                       where p.subreddit = q.subreddit and p.market_now is not null) as previous
               from analysis_runs as q
               where status = 'queued' and status in ('queued', 'running', 'partial')
               order by id limit 1) as r
         cross join system_config as c"
    )?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Waiting {
        id: row.id,
        request: serde_json::from_str(&row.request).map_err(unreadable("request"))?,
        previous: row.previous,
        config: rows.into_iter().map(|row| (row.key, row.value)).collect(),
    }))
}

/// Claims the run if it is still queued, freezes it at `market_now`, lays out its phases and starts the first.
pub async fn open(
    store: &Store,
    id: RunId,
    claimant: &Claimant,
    market_now: DateTime<Utc>,
    heads: &[PhaseHead<'_>],
) -> Result<Option<RunningRun>, StoreError> {
    let Some(first) = heads.first() else { return Ok(None) };
    let mut alone = store.alone().await?;
    let now = clock::now();
    let running = EventPayload {
        attempt: Some(1),
        ..EventPayload::default()
    };
    let mut query = sqlx::query(AssertSqlSafe(statement(heads.len())))
        .bind(id)
        .bind(&claimant.worker_id)
        .bind(now + claimant.lease)
        .bind(now)
        .bind(market_now)
        .bind(first.number)
        .bind(first.label)
        .bind(Actor::Worker.as_str())
        .bind(EventType::Running.name())
        .bind(events::text(&running)?)
        .bind(EventType::PhaseStarted.name())
        .bind(events::text(&phase_payload(first, Some(1)))?);
    for head in heads {
        query = query
            .bind(head.key)
            .bind(head.position)
            .bind(head.number)
            .bind(head.label);
    }
    faults::pass("opening", Moment::Begun);
    let rows = match alone.raw() {
        Raw::Sqlite(conn) => rows_of::<Run>(conn.fetch_many(query), STATEMENTS).await?,
    };
    let Some(run) = rows.into_iter().next() else {
        alone.unchanged();
        return Ok(None);
    };
    alone.committed();
    faults::pass("opening", Moment::Committed);
    Ok(Some(RunningRun::of(store, run, claimant)))
}

/// Binds before those of the phases.
const FIXED: usize = 12;
/// Those of [`statement`].
const STATEMENTS: usize = 5;

/// The first statement takes the run; the others appear only where it has just written.
fn statement(phases: usize) -> String {
    let mut rows = String::new();
    for phase in 0..phases {
        let at = FIXED + 4 * phase;
        let comma = if phase == 0 { "" } else { ", " };
        let _ = write!(rows, "{comma}(${}, ${}, ${}, ${})", at + 1, at + 2, at + 3, at + 4);
    }
    let taken = "r.id = $1 and r.status = 'running' and r.attempt = 1 and r.worker_id = $2 and r.started_at = $4 \
                 and r.updated_at = $4";
    format!(
        "begin immediate;
         update analysis_runs
         set status = 'running', attempt = 1, event_seq = event_seq + 2, worker_id = $2, lease_expires_at = $3,
             started_at = $4, updated_at = $4, market_now = $5,
             current_phase = $6, phase_key = $13, phase_label = $7, progress_current = 0, progress_total = 0
         where id = $1 and status = 'queued'
         returning *;
         insert into run_phases (run_id, key, position, number, label, status, attempt, started_at)
         select r.id, h.column1, h.column2, h.column3, h.column4,
                case when h.column1 = $13 then 'running' else 'pending' end,
                case when h.column1 = $13 then 1 end, case when h.column1 = $13 then $4 end
         from analysis_runs as r cross join (values {rows}) as h
         where {taken};
         insert into run_events (run_id, event_seq, event_type, occurred_at, actor, payload)
         select r.id, r.event_seq - 1, $9, $4, $8, $10 from analysis_runs as r where {taken}
         union all
         select r.id, r.event_seq, $11, $4, $8, $12 from analysis_runs as r where {taken};
         commit"
    )
}
