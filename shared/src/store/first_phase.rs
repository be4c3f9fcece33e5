//! The start of a run's first phase, as one command.
//!
//! Somebody waits for it: between the POST and the first phase lie only the claim and this. What it does is what
//! [`RunningRun::begin_frozen`], [`RunningRun::lay_out`] and [`RunningRun::start_phase`] do one after the other for a
//! run that goes on (a test compares them).

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Sqlite, query::QueryAs};

use super::{
    StoreError,
    claim::RunningRun,
    database::Patience,
    error::unreadable,
    phases::{PhaseHead, PhaseState, phase_payload},
    session::{Raw, Session as _},
};
use crate::{
    clock,
    faults::{self, Moment},
    run::event::{Actor, EventType},
};

/// Binds before those of the phases.
const FIXED: usize = 10;

impl RunningRun {
    /// Freezes the run at `market_now`, lays out its phases and starts the first of them; yields where that stands. Waits
    /// for the lock however long it takes.
    ///
    /// Only for the first attempt: a later one has phases already. [`StoreError::ClaimLost`] when the claim no longer
    /// holds.
    pub async fn start_first_phase(
        &mut self,
        market_now: DateTime<Utc>,
        heads: &[PhaseHead<'_>],
    ) -> Result<Option<PhaseState>, StoreError> {
        let Some(first) = heads.first() else { return Ok(None) };
        let mut patience = Patience::default();
        let rows = loop {
            match self.try_first_phase(market_now, first, heads).await {
                Err(error) if error.is_busy() => patience.pause().await,
                other => break other?,
            }
        };
        if rows == 0 {
            return Err(StoreError::ClaimLost);
        }
        self.freeze(market_now);
        Ok(Some(PhaseState::default()))
    }

    async fn try_first_phase(
        &self,
        market_now: DateTime<Utc>,
        first: &PhaseHead<'_>,
        heads: &[PhaseHead<'_>],
    ) -> Result<usize, StoreError> {
        let run = self.run();
        let payload = phase_payload(first, Some(run.attempt));
        let mut query: QueryAs<'_, Sqlite, (i64,), _> = sqlx::query_as(AssertSqlSafe(statement(heads.len())))
            .bind(run.id)
            .bind(run.attempt)
            .bind(self.worker_id())
            .bind(clock::now())
            .bind(market_now)
            .bind(first.number)
            .bind(first.label)
            .bind(EventType::PhaseStarted.name())
            .bind(Actor::Worker.as_str())
            .bind(serde_json::to_string(&payload).map_err(unreadable("event payload"))?);
        for head in heads {
            query = query
                .bind(head.key)
                .bind(head.position)
                .bind(head.number)
                .bind(head.label);
        }
        let mut alone = self.store().alone().await?;
        faults::pass("unit", Moment::Begun);
        let rows = match alone.raw() {
            Raw::Sqlite(conn) => query.fetch_all(conn).await?,
        };
        alone.committed();
        faults::pass("unit", Moment::Committed);
        Ok(rows.len())
    }
}

/// The first statement proves the claim; the others appear only where it has just written.
fn statement(phases: usize) -> String {
    let mut rows = String::new();
    for phase in 0..phases {
        let at = FIXED + 4 * phase;
        let comma = if phase == 0 { "" } else { ", " };
        let _ = write!(rows, "{comma}(${}, ${}, ${}, ${})", at + 1, at + 2, at + 3, at + 4);
    }
    format!(
        "begin immediate;
         update analysis_runs
         set market_now = coalesce(market_now, $5), current_phase = $6, phase_key = $11, phase_label = $7,
             progress_current = 0, progress_total = 0, event_seq = event_seq + 1, updated_at = $4
         where id = $1 and attempt = $2 and worker_id = $3 and status in ('running', 'partial')
         returning id;
         insert into run_phases (run_id, key, position, number, label, status, attempt, started_at)
         select r.id, h.column1, h.column2, h.column3, h.column4,
                case when h.column1 = $11 then 'running' else 'pending' end,
                case when h.column1 = $11 then $2 end, case when h.column1 = $11 then $4 end
         from analysis_runs as r cross join (values {rows}) as h
         where r.id = $1 and r.attempt = $2 and r.worker_id = $3 and r.updated_at = $4 and r.phase_key = $11;
         insert into run_events (run_id, event_seq, event_type, occurred_at, actor, payload)
         select id, event_seq, $8, $4, $9, $10 from analysis_runs
         where id = $1 and attempt = $2 and worker_id = $3 and updated_at = $4 and phase_key = $11;
         commit"
    )
}
