//! A run with what was asked for and its phases.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use shared::run::request::RunRequest;
use shared::store::StoreError;
use shared::store::overview::RunView;
use shared::store::phases::PhaseRow;

use super::state::Warning;
use super::status::RunStatus;
use crate::http::nullable::Nullable;
use crate::http::values::Timestamp;

/// What was asked for, with every default filled in.
#[derive(Debug, Clone, Object)]
pub struct AcceptedRequest {
    /// The subreddit, in lower case.
    pub subreddit: String,
    /// The instant the run is frozen at; null when the source decides.
    pub as_of: Nullable<Timestamp>,
    /// Hot posts to read.
    pub post_limit: i64,
    /// Candidate comments per post.
    pub comments_per_post: i64,
    /// Selected comments per post.
    pub top_comments: i64,
}

impl From<RunRequest> for AcceptedRequest {
    fn from(request: RunRequest) -> Self {
        Self {
            subreddit: request.subreddit,
            as_of: request.as_of.into(),
            post_limit: request.post_limit.into(),
            comments_per_post: request.comments_per_post.into(),
            top_comments: request.top_comments.into(),
        }
    }
}

/// One phase of a run.
#[derive(Debug, Clone, Object)]
pub struct RunPhase {
    /// Its persisted name.
    pub key: String,
    /// Its number as people count it; two phases may share one.
    pub number: i64,
    /// Its label.
    pub label: String,
    /// `pending`, `running` or `completed`.
    pub status: String,
    /// Units done.
    pub progress_current: i64,
    /// Units in all, as far as known.
    pub progress_total: i64,
    /// Attempt of the run that last started it; null before.
    pub attempt: Nullable<i64>,
    /// How often a worker was lost in it.
    pub crashes: i64,
    /// When it first started; null before.
    pub started_at: Nullable<Timestamp>,
    /// When it ended; null before.
    pub completed_at: Nullable<Timestamp>,
    /// What it has met so far: grows while the run goes on, and is empty when there was nothing.
    pub warnings: Vec<Warning>,
}

impl RunPhase {
    fn of(row: PhaseRow) -> Result<Self, StoreError> {
        let warnings = row.parsed_warnings()?.into_iter().map(Warning::from).collect();
        Ok(Self {
            key: row.key,
            number: row.number,
            label: row.label,
            status: row.status,
            progress_current: row.progress_current,
            progress_total: row.progress_total,
            attempt: row.attempt.into(),
            crashes: row.crashes,
            started_at: row.started_at.into(),
            completed_at: row.completed_at.into(),
            warnings,
        })
    }
}

/// A run: its status, what was asked for, and its phases.
#[derive(Debug, Clone, Object)]
pub struct Run {
    #[oai(flatten)]
    status: RunStatus,
    /// What was asked for.
    pub request: AcceptedRequest,
    /// Its phases in order; empty until a worker has taken it.
    pub phases: Vec<RunPhase>,
}

impl Run {
    /// What is shown of a run at `now`.
    pub fn of(view: &RunView, phases: Vec<PhaseRow>, now: DateTime<Utc>) -> Result<Self, StoreError> {
        Ok(Self {
            status: RunStatus::of(view, now)?,
            request: view.run.parsed_request()?.into(),
            phases: phases.into_iter().map(RunPhase::of).collect::<Result<_, _>>()?,
        })
    }
}
