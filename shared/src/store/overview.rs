//! What the server shows of runs and of the system beside the rows themselves. Reads only.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{StoreError, runs::Run, session::Session};
use crate::{market::emergence::EmergenceRules, run::ids::RunId};

/// A run and its place among its phases, in one read.
#[derive(Debug, Clone, FromRow)]
pub struct RunView {
    /// The run.
    #[sqlx(flatten)]
    pub run: Run,
    /// Place of the current phase, from 1; `None` before the first.
    pub phase_index: Option<i64>,
    /// Phases laid out so far; 0 until a worker has taken the run.
    pub phase_count: i64,
}

/// The run with that key, and its place among its phases.
pub async fn run_view(session: &mut impl Session, id: RunId) -> Result<Option<RunView>, StoreError> {
    query!(
        session,
        fetch_optional,
        RunView,
        "select r.*,
                (select p.position from run_phases as p where p.run_id = r.id and p.key = r.phase_key) as phase_index,
                (select count(*) from run_phases as p where p.run_id = r.id) as phase_count
         from analysis_runs as r where r.id = $1",
        id
    )
}

/// Where the whole system stands.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Overview {
    /// `system_config.phase`.
    pub phase: Option<String>,
    /// `system_config.system_start_date`, once the first run has written it.
    pub system_start_date: Option<String>,
    /// `system_config.emergence_warm_up_days`, where it overrides the rule.
    pub warm_up_days: Option<String>,
    /// The newest market clock of any run.
    pub market_now: Option<DateTime<Utc>>,
    /// Open positions of every portfolio.
    pub open_positions: i64,
    /// End of the newest completed run.
    pub last_completed_at: Option<DateTime<Utc>>,
    /// Runs that wait for a worker.
    pub queued: i64,
    /// The one that waits longest.
    pub oldest_queued_at: Option<DateTime<Utc>>,
}

impl Overview {
    /// The day the system was born, if it was.
    #[must_use]
    pub fn born(&self) -> Option<NaiveDate> {
        self.system_start_date.as_deref()?.parse().ok()
    }

    /// Days before emergence can be told.
    #[must_use]
    pub fn warm_up_days(&self) -> i64 {
        let overridden = self.warm_up_days.as_deref().and_then(|days| days.parse().ok());
        overridden.unwrap_or_else(|| EmergenceRules::default().warm_up_days)
    }
}

/// The figures of the system.
pub async fn figures(session: &mut impl Session) -> Result<Overview, StoreError> {
    query!(
        session,
        fetch_one,
        Overview,
        "select (select value from system_config where key = 'phase') as phase,
                (select value from system_config where key = 'system_start_date') as system_start_date,
                (select value from system_config where key = 'emergence_warm_up_days') as warm_up_days,
                (select max(market_now) from analysis_runs where market_now is not null) as market_now,
                (select count(*) from positions where status = 'open') as open_positions,
                (select max(completed_at) from analysis_runs where status = 'completed') as last_completed_at,
                (select count(*) from analysis_runs
                 where status = 'queued' and status in ('queued', 'running', 'partial')) as queued,
                (select min(queued_at) from analysis_runs
                 where status = 'queued' and status in ('queued', 'running', 'partial')) as oldest_queued_at"
    )
}
