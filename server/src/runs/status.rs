//! The status of a run: the object clients poll, its entity tag, and the advice when to ask again.

use chrono::{DateTime, Utc};
use poem::http::HeaderMap;
use poem::http::header::IF_NONE_MATCH;
use poem_openapi::Object;
use shared::run::failure::ErrorCode;
use shared::store::StoreError;
use shared::store::overview::RunView;
use shared::store::runs::{Run, WorkerState};
use uuid::Uuid;

use super::state::{RunState, Warning};
use crate::http::nullable::Nullable;
use crate::http::values::Timestamp;

/// Seconds between two polls when nothing better is known.
pub const POLL_SECONDS: u64 = 10;

/// Where a run stands.
#[derive(Debug, Clone, Object)]
pub struct RunStatus {
    /// Key of the run.
    pub run_id: i64,
    /// Permalink of the run.
    pub job_id: Uuid,
    /// Subreddit of the run.
    pub subreddit: String,
    /// Its state. A failed run is an answer like any other; see `error_code`.
    pub status: RunState,
    /// Number of the current phase, as people count them; null before the first.
    pub current_phase: Nullable<i64>,
    /// Key of the current phase; null before the first. Known: `acquisition`, `prioritization`, `analysis`,
    /// `predictions`, `signals`, `positions`, `monitoring`, `trust`. More may follow.
    pub phase_key: Nullable<String>,
    /// Label of the current phase; null before the first.
    pub phase_label: Nullable<String>,
    /// Place of the current phase, `1..=phase_count`; null before the first.
    pub phase_index: Nullable<i64>,
    /// Phases of the run; null until a worker has taken it.
    pub phase_count: Nullable<i64>,
    /// Units of the current phase that are done; null before the first.
    pub progress_current: Nullable<i64>,
    /// Units of the current phase; null before the first.
    pub progress_total: Nullable<i64>,
    /// How far the whole run is, `0..=100`: never falls, 100 only when completed.
    pub progress_percent: i64,
    /// Signals that fired; null until that phase has ended.
    pub signals_created: Nullable<i64>,
    /// Positions that were opened; null until that phase has ended.
    pub positions_opened: Nullable<i64>,
    /// Exits that were triggered; null until that phase has ended.
    pub exits_triggered: Nullable<i64>,
    /// Why it failed; null in every other state. Known: `timeout`, `orphaned`, `database_error`,
    /// `reddit_api_error`, `openai_api_error`, `crash_loop`, `internal`, `schwab_auth_error`, `config_error`. More may
    /// follow.
    pub error_code: Nullable<String>,
    /// The same for people; null in every other state.
    pub error_message: Nullable<String>,
    /// Whether the failure may pass by itself; null in every other state.
    pub retryable: Nullable<bool>,
    /// What to do about the failure: `retry_with_backoff` or `check_input_and_retry`; null in every other state.
    pub retry_hint: Nullable<String>,
    /// What went less well; null while the run is active and when there was nothing.
    pub warnings: Nullable<Vec<Warning>>,
    /// How often a worker has taken it.
    pub attempt: i64,
    /// Whether somebody works on it: `live`, `stale` (the lease expired) or `none`.
    pub worker: String,
    /// Estimated seconds to the end; null when unknown.
    pub eta_seconds: Nullable<i64>,
    /// When it was accepted.
    pub queued_at: Timestamp,
    /// When a worker first took it; null while queued.
    pub started_at: Nullable<Timestamp>,
    /// When it ended, however it ended; null while active.
    pub completed_at: Nullable<Timestamp>,
    /// Its newest result; null while there is none.
    pub result_id: Nullable<Uuid>,
}

impl RunStatus {
    /// What is shown of a run at `now`.
    pub fn of(view: &RunView, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let run = &view.run;
        let warnings = run
            .parsed_warnings()?
            .into_iter()
            .map(Warning::from)
            .collect::<Vec<_>>();
        Ok(Self {
            run_id: run.id.0,
            job_id: run.job_id.uuid(),
            subreddit: run.subreddit.clone(),
            status: run.status.into(),
            current_phase: run.current_phase.into(),
            phase_key: run.phase_key.clone().into(),
            phase_label: run.phase_label.clone().into(),
            phase_index: view.phase_index.into(),
            phase_count: Some(view.phase_count).filter(|count| *count > 0).into(),
            progress_current: run.progress_current.into(),
            progress_total: run.progress_total.into(),
            progress_percent: run.progress_percent,
            signals_created: run.signals_created.into(),
            positions_opened: run.positions_opened.into(),
            exits_triggered: run.exits_triggered.into(),
            error_code: run.error_code.clone().into(),
            error_message: run.error_message.clone().into(),
            retryable: run.error_code.as_deref().map(ErrorCode::is_retryable).into(),
            retry_hint: run
                .error_code
                .as_deref()
                .map(|code| ErrorCode::retry_hint(code).to_owned())
                .into(),
            warnings: Some(warnings).filter(|all| !all.is_empty()).into(),
            attempt: run.attempt,
            worker: run.worker_state(now).as_str().to_owned(),
            eta_seconds: eta_seconds(run, now).into(),
            queued_at: run.queued_at.into(),
            started_at: run.started_at.into(),
            completed_at: run.completed_at.into(),
            result_id: run.result_id.as_ref().map(shared::run::ids::ResultId::uuid).into(),
        })
    }
}

/// The rest of the way at the speed so far; unknown without a live worker and below one percent.
#[must_use]
pub fn eta_seconds(run: &Run, now: DateTime<Utc>) -> Option<i64> {
    let percent = run.progress_percent;
    if run.worker_state(now) != WorkerState::Live || percent < 1 {
        return None;
    }
    let elapsed = (now - run.started_at?).num_milliseconds().max(0);
    Some(elapsed.saturating_mul(100 - percent) / percent / 1000)
}

/// Seconds after which asking again is worth it; `None` once the run has ended.
#[must_use]
pub fn retry_after(run: &Run, now: DateTime<Utc>) -> Option<u64> {
    let eta = eta_seconds(run, now).and_then(|seconds| u64::try_from(seconds).ok());
    run.status
        .is_active()
        .then(|| eta.map_or(POLL_SECONDS, |seconds| seconds.clamp(1, POLL_SECONDS)))
}

/// Changes whenever the status does, estimates aside.
#[must_use]
pub fn etag(run: &Run, now: DateTime<Utc>) -> String {
    let worker = run.worker_state(now).as_str();
    let changed = run.updated_at.timestamp_micros();
    let current = run.progress_current.unwrap_or(-1);
    format!(
        "W/\"{}.{}.{changed}.{current}.{}.{worker}\"",
        run.attempt, run.event_seq, run.progress_percent
    )
}

/// Whether `If-None-Match` names the tag; strength does not matter here.
#[must_use]
pub fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let values = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_in_a_list_as_a_star_and_in_either_strength() {
        let known = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, text.parse().expect("a header"));
            is_known(&headers, "W/\"1.2\"")
        };
        assert!(known("W/\"1.2\"") && known("\"1.2\"") && known("\"x\", W/\"1.2\"") && known("*"));
        assert!(!known("\"1.3\"") && !known("") && !known("1.2"));
        assert!(!is_known(&HeaderMap::new(), "W/\"1.2\""));
    }
}
