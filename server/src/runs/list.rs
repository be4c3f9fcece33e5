//! A run as lists show it.

use poem_openapi::Object;
use shared::store::StoreError;
use shared::store::runs;
use uuid::Uuid;

use super::state::RunState;
use crate::http::nullable::Nullable;
use crate::http::values::Timestamp;

/// A run in a list.
#[derive(Debug, Clone, Object)]
pub struct RunSummary {
    /// Key of the run.
    pub run_id: i64,
    /// Permalink of the run.
    pub job_id: Uuid,
    /// Subreddit of the run.
    pub subreddit: String,
    /// Its state.
    pub status: RunState,
    /// Label of its current or last phase; null before the first.
    pub phase_label: Nullable<String>,
    /// How far it is, `0..=100`.
    pub progress_percent: i64,
    /// Warnings it ended with; 0 while active.
    pub warnings_count: i64,
    /// Why it failed; null in every other state.
    pub error_code: Nullable<String>,
    /// When it was accepted.
    pub queued_at: Timestamp,
    /// When a worker first took it; null while queued.
    pub started_at: Nullable<Timestamp>,
    /// When it ended; null while active.
    pub completed_at: Nullable<Timestamp>,
}

impl RunSummary {
    /// What a list shows of `run`.
    pub fn of(run: runs::Run) -> Result<Self, StoreError> {
        let warnings_count = i64::try_from(run.parsed_warnings()?.len()).unwrap_or(i64::MAX);
        Ok(Self {
            run_id: run.id.0,
            job_id: run.job_id.uuid(),
            subreddit: run.subreddit,
            status: run.status.into(),
            phase_label: run.phase_label.into(),
            progress_percent: run.progress_percent,
            warnings_count,
            error_code: run.error_code.into(),
            queued_at: run.queued_at.into(),
            started_at: run.started_at.into(),
            completed_at: run.completed_at.into(),
        })
    }
}
