//! The run that a 409 names.

use poem_openapi::Object;
use poem_openapi::types::ToJSON;
use shared::store::runs::Run;
use uuid::Uuid;

use super::state::RunState;
use crate::http::nullable::Nullable;
use crate::http::values::Timestamp;

/// The run that holds the single flight.
#[derive(Debug, Clone, Object)]
pub struct ActiveRun {
    /// Its key.
    pub run_id: i64,
    /// Its permalink.
    pub job_id: Uuid,
    /// Its subreddit.
    pub subreddit: String,
    /// Its state: queued, running or partial.
    pub status: RunState,
    /// The phase it is in; null before the first.
    pub phase_label: Nullable<String>,
    /// How far it is, `0..=99`.
    pub progress_percent: i64,
    /// When a worker first took it; null while queued.
    pub started_at: Nullable<Timestamp>,
    /// Whether somebody works on it: `live`, `stale` (the lease expired) or `none`.
    pub worker: String,
}

impl ActiveRun {
    /// What the 409 says about `run`.
    #[must_use]
    pub fn of(run: Run) -> Self {
        let worker = run.worker_state(shared::clock::now()).as_str().to_owned();
        Self {
            run_id: run.id.0,
            job_id: run.job_id.uuid(),
            subreddit: run.subreddit,
            status: run.status.into(),
            phase_label: run.phase_label.into(),
            progress_percent: run.progress_percent,
            started_at: run.started_at.into(),
            worker,
        }
    }

    /// Its state as a word.
    #[must_use]
    pub fn status_word(&self) -> String {
        self.status
            .to_json()
            .and_then(|word| word.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}
