//! The events of a run: an append-only, gap-free log.

use serde::{Deserialize, Serialize};

use super::ids::ResultId;

/// What happened. Stored as its [`name`](EventType::name).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventType {
    /// Accepted.
    Queued,
    /// First claim.
    Running,
    /// A phase starts; after a resume once more, with its attempt.
    PhaseStarted,
    /// A phase has committed its output.
    PhaseCompleted,
    /// A partial result is readable.
    Partial,
    /// Somebody asked a live run to end.
    CancelRequested,
    /// Another claim after a lost or returned lease.
    Resumed,
    /// The soft limit has passed.
    Slow,
    /// Ended with its final result.
    Completed,
    /// Ended without one.
    Failed,
    /// Ended on request.
    Canceled,
}

impl EventType {
    /// Every type.
    pub const ALL: [Self; 11] = [
        Self::Queued,
        Self::Running,
        Self::PhaseStarted,
        Self::PhaseCompleted,
        Self::Partial,
        Self::CancelRequested,
        Self::Resumed,
        Self::Slow,
        Self::Completed,
        Self::Failed,
        Self::Canceled,
    ];

    /// The stored and served name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "job.queued",
            Self::Running => "job.running",
            Self::PhaseStarted => "job.phase_started",
            Self::PhaseCompleted => "job.phase_completed",
            Self::Partial => "job.partial",
            Self::CancelRequested => "job.cancel_requested",
            Self::Resumed => "job.resumed",
            Self::Slow => "job.slow",
            Self::Completed => "job.completed",
            Self::Failed => "job.failed",
            Self::Canceled => "job.canceled",
        }
    }
}

/// Who made it true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A request over HTTP.
    Api,
    /// The worker that holds the run.
    Worker,
    /// Upkeep: sweeps and rescues.
    System,
}

impl Actor {
    /// The stored and served word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Worker => "worker",
            Self::System => "system",
        }
    }
}

/// Details of an event; a field without meaning for the type is null.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventPayload {
    /// Key of the phase.
    pub phase_key: Option<String>,
    /// Label of the phase.
    pub phase_label: Option<String>,
    /// Attempt of the run.
    pub attempt: Option<i64>,
    /// The result that became readable.
    pub result_id: Option<ResultId>,
    /// Its number within the run.
    pub result_seq: Option<i64>,
    /// Why the run failed.
    pub error_code: Option<String>,
    /// The same in words.
    pub error_message: Option<String>,
    /// Why it was canceled, or what resumed it.
    pub reason: Option<String>,
}
