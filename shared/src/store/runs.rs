//! The rows of `analysis_runs`: inserting one, finding one, listing many.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    error::unreadable,
    session::{Session, Tx},
};
use crate::run::{
    ids::{JobId, ResultId, RunId},
    request::RunRequest,
    state::RunStatus,
    warning::Warning,
};

/// A run, as stored.
#[derive(Debug, Clone, FromRow)]
pub struct Run {
    /// Key.
    pub id: RunId,
    /// The other name.
    pub job_id: JobId,
    /// Key of the single flight.
    pub scope: String,
    /// Subreddit.
    pub subreddit: String,
    /// [`RunRequest`] as JSON.
    pub request: String,
    /// Its hash.
    pub request_hash: String,
    /// State.
    pub status: RunStatus,
    /// The instant it is frozen at; `None` before the first claim.
    pub market_now: Option<DateTime<Utc>>,
    /// Number of the phase.
    pub current_phase: Option<i64>,
    /// Key of the phase.
    pub phase_key: Option<String>,
    /// Label of the phase.
    pub phase_label: Option<String>,
    /// Units of the phase that are done.
    pub progress_current: Option<i64>,
    /// Units of the phase.
    pub progress_total: Option<i64>,
    /// `0..=100`, never falls.
    pub progress_percent: i64,
    /// Accepted.
    pub queued_at: DateTime<Utc>,
    /// First claim.
    pub started_at: Option<DateTime<Utc>>,
    /// Ended.
    pub completed_at: Option<DateTime<Utc>>,
    /// Why it failed.
    pub error_code: Option<String>,
    /// The same in words.
    pub error_message: Option<String>,
    /// Counter of phase signals.
    pub signals_created: Option<i64>,
    /// Counter of phase positions.
    pub positions_opened: Option<i64>,
    /// Counter of phase monitoring.
    pub exits_triggered: Option<i64>,
    /// JSON array of [`Warning`]; `None` while active and when there were none.
    pub warnings: Option<String>,
    /// Newest result.
    pub result_id: Option<ResultId>,
    /// Partial results so far.
    pub partial_count: i64,
    /// Number of the newest event.
    pub event_seq: i64,
    /// Claims so far.
    pub attempt: i64,
    /// Holder of the lease.
    pub worker_id: Option<String>,
    /// End of the lease.
    pub lease_expires_at: Option<DateTime<Utc>>,
    /// Execution time so far.
    pub active_ms: i64,
    /// First request to cancel.
    pub cancel_requested_at: Option<DateTime<Utc>>,
    /// Its reason.
    pub cancel_reason: Option<String>,
    /// Who asked.
    pub canceled_by: Option<String>,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// Last change.
    pub updated_at: DateTime<Utc>,
}

/// Whether somebody works on a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkerState {
    /// The lease is valid.
    Live,
    /// The lease has expired.
    Stale,
    /// Nobody holds one.
    None,
}

impl WorkerState {
    /// The served word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Stale => "stale",
            Self::None => "none",
        }
    }
}

impl Run {
    /// The request it was accepted with.
    pub fn parsed_request(&self) -> Result<RunRequest, StoreError> {
        serde_json::from_str(&self.request).map_err(unreadable("analysis_runs.request"))
    }

    /// Its warnings; empty while active and when there were none.
    pub fn parsed_warnings(&self) -> Result<Vec<Warning>, StoreError> {
        match &self.warnings {
            Some(text) => serde_json::from_str(text).map_err(unreadable("analysis_runs.warnings")),
            None => Ok(Vec::new()),
        }
    }

    /// Whether somebody works on it at `now`.
    #[must_use]
    pub fn worker_state(&self, now: DateTime<Utc>) -> WorkerState {
        match (self.status.is_active(), self.lease_expires_at) {
            (true, Some(until)) if until > now => WorkerState::Live,
            (true, Some(_)) => WorkerState::Stale,
            _ => WorkerState::None,
        }
    }
}

/// The run with that key.
pub async fn find(session: &mut impl Session, id: RunId) -> Result<Option<Run>, StoreError> {
    query!(
        session,
        fetch_optional,
        Run,
        "select * from analysis_runs where id = $1",
        id
    )
}

/// The run with that other name.
pub async fn find_by_job(session: &mut impl Session, job: &JobId) -> Result<Option<Run>, StoreError> {
    query!(
        session,
        fetch_optional,
        Run,
        "select * from analysis_runs where job_id = $1",
        job
    )
}

/// The active run of a scope.
pub async fn active_of(session: &mut impl Session, scope: &str) -> Result<Option<Run>, StoreError> {
    query!(
        session,
        fetch_optional,
        Run,
        "select * from analysis_runs where scope = $1 and status in ('queued', 'running', 'partial')",
        scope
    )
}

/// Every active run, newest first.
pub async fn active(session: &mut impl Session) -> Result<Vec<Run>, StoreError> {
    query!(
        session,
        fetch_all,
        Run,
        "select * from analysis_runs where status in ('queued', 'running', 'partial') order by id desc"
    )
}

/// The newest `market_now` among completed runs of a subreddit: a replay may not go behind it.
pub async fn newest_completed_market_now(
    session: &mut impl Session,
    subreddit: &str,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let row = query!(
        session,
        fetch_optional,
        (DateTime<Utc>,),
        "select market_now from analysis_runs
         where subreddit = $1 and status = 'completed' and market_now is not null
         order by market_now desc limit 1",
        subreddit
    )?;
    Ok(row.map(|(at,)| at))
}

/// The newest `market_now` among all runs of a subreddit but one.
pub async fn previous_market_now(
    session: &mut impl Session,
    subreddit: &str,
    but: RunId,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let row = query!(
        session,
        fetch_optional,
        (DateTime<Utc>,),
        "select market_now from analysis_runs
         where subreddit = $1 and id <> $2 and market_now is not null
         order by market_now desc limit 1",
        subreddit,
        but
    )?;
    Ok(row.map(|(at,)| at))
}

/// Which runs a list shows.
#[derive(Debug, Clone, Default)]
pub struct RunFilter {
    /// Only this state.
    pub status: Option<RunStatus>,
    /// Only this subreddit.
    pub subreddit: Option<String>,
    /// Only runs queued at or after this time.
    pub since: Option<DateTime<Utc>>,
    /// Rows of the page.
    pub limit: i64,
    /// Rows before the page.
    pub offset: i64,
}

/// A page of runs, newest first, and how many there are in all.
pub async fn list(session: &mut impl Session, filter: &RunFilter) -> Result<(Vec<Run>, i64), StoreError> {
    let (total,) = query!(
        session,
        fetch_one,
        (i64,),
        "select count(*) from analysis_runs
         where ($1 is null or status = $1) and ($2 is null or subreddit = $2) and ($3 is null or queued_at >= $3)",
        filter.status,
        &filter.subreddit,
        filter.since,
    )?;
    let rows = query!(
        session,
        fetch_all,
        Run,
        "select * from analysis_runs where id in (
             select id from analysis_runs
             where ($1 is null or status = $1) and ($2 is null or subreddit = $2) and ($3 is null or queued_at >= $3)
             order by id desc limit $4 offset $5)
         order by id desc",
        filter.status,
        &filter.subreddit,
        filter.since,
        filter.limit,
        filter.offset,
    )?;
    Ok((rows, total))
}

/// Sets the counters that a phase reports, inside its completing unit.
pub async fn set_counters(tx: &mut Tx, id: RunId, signals_created: Option<i64>) -> Result<(), StoreError> {
    execute!(
        tx,
        "update analysis_runs set signals_created = coalesce($2, signals_created) where id = $1",
        id,
        signals_created
    )?;
    Ok(())
}

/// Sets the counters of positions and exits from what the run has booked, inside the completing unit of a phase.
///
/// A holding that was replaced is no exit of its own: what counts are the exits that monitoring has triggered.
pub async fn count_trades(tx: &mut Tx, id: RunId) -> Result<(), StoreError> {
    execute!(
        tx,
        "update analysis_runs
         set positions_opened = (select count(*) from positions where run_id = $1),
             exits_triggered = (select count(*) from position_exits
                                where run_id = $1 and exit_reason <> 'replaced')
         where id = $1",
        id
    )?;
    Ok(())
}

/// How many runs there are in each state that has any.
pub async fn count_by_status(session: &mut impl Session) -> Result<Vec<(String, i64)>, StoreError> {
    query!(
        session,
        fetch_all,
        (String, i64),
        "select status, count(*) from analysis_runs group by status order by status"
    )
}
