//! The closed words of a run on the wire: its state, and the kinds of its warnings.

use poem_openapi::{Enum, Object};
use shared::run::state::RunStatus;
use shared::run::warning as stored;

use crate::http::nullable::Nullable;
use crate::http::scalar::listed;
use crate::http::values::{FreeObject, Timestamp};

/// Where a run stands: queued, running and partial are active, the others final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum RunState {
    /// Accepted; no worker has it yet.
    Queued,
    /// A worker holds, or held, it; nothing is published yet.
    Running,
    /// At least one partial result is readable, work goes on.
    Partial,
    /// The final result is stored.
    Completed,
    /// Ended by an error, a timeout or repeated crashes.
    Failed,
    /// Ended on request.
    Canceled,
}
listed!(RunState: "queued", "running", "partial", "completed", "failed", "canceled");

impl From<RunStatus> for RunState {
    fn from(status: RunStatus) -> Self {
        match status {
            RunStatus::Queued => Self::Queued,
            RunStatus::Running => Self::Running,
            RunStatus::Partial => Self::Partial,
            RunStatus::Completed => Self::Completed,
            RunStatus::Failed => Self::Failed,
            RunStatus::Canceled => Self::Canceled,
        }
    }
}

impl From<RunState> for RunStatus {
    fn from(state: RunState) -> Self {
        match state {
            RunState::Queued => Self::Queued,
            RunState::Running => Self::Running,
            RunState::Partial => Self::Partial,
            RunState::Completed => Self::Completed,
            RunState::Failed => Self::Failed,
            RunState::Canceled => Self::Canceled,
        }
    }
}

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum WarningType {
    /// A stock quote or its candles could not be had.
    SchwabStockUnavailable,
    /// An option premium could not be had.
    SchwabOptionsUnavailable,
    /// A picture could not be described.
    ImageAnalysisFailed,
    /// Qualified signals met a closed market.
    MarketHoursSkipped,
    /// There was too little cash to open a position.
    InsufficientCash,
    /// An option chain could not be had while predictions were created.
    SchwabPredictionUnavailable,
    /// An option chain had no eligible strike.
    PredictionStrikeUnavailable,
}

impl From<stored::WarningType> for WarningType {
    fn from(kind: stored::WarningType) -> Self {
        use stored::WarningType as S;
        match kind {
            S::SchwabStockUnavailable => Self::SchwabStockUnavailable,
            S::SchwabOptionsUnavailable => Self::SchwabOptionsUnavailable,
            S::ImageAnalysisFailed => Self::ImageAnalysisFailed,
            S::MarketHoursSkipped => Self::MarketHoursSkipped,
            S::InsufficientCash => Self::InsufficientCash,
            S::SchwabPredictionUnavailable => Self::SchwabPredictionUnavailable,
            S::PredictionStrikeUnavailable => Self::PredictionStrikeUnavailable,
        }
    }
}

/// What went less well without ending the run.
#[derive(Debug, Clone, Object)]
pub struct Warning {
    /// Its kind.
    #[oai(rename = "type")]
    pub kind: WarningType,
    /// For people.
    pub message: String,
    /// Number of the phase that met it.
    pub phase: i64,
    /// When it was met.
    pub timestamp: Timestamp,
    /// The ticker it concerns; null when it concerns none.
    pub ticker: Nullable<String>,
    /// Details, depending on the kind; may be empty.
    pub context: FreeObject,
}

impl From<stored::Warning> for Warning {
    fn from(warning: stored::Warning) -> Self {
        Self {
            kind: warning.kind.into(),
            message: warning.message,
            phase: warning.phase,
            timestamp: Timestamp(warning.timestamp),
            ticker: warning.ticker.into(),
            context: FreeObject(warning.context),
        }
    }
}
