//! Warnings: what went less well without ending the run.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The closed set of kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningType {
    /// A stock quote or its candles could not be had.
    SchwabStockUnavailable,
    /// An option premium could not be had.
    SchwabOptionsUnavailable,
    /// A picture could not be described.
    ImageAnalysisFailed,
    /// Qualified signals met a closed market.
    MarketHoursSkipped,
    /// The cash guard blocked an opening.
    InsufficientCash,
    /// A chain could not be had while predictions were created.
    SchwabPredictionUnavailable,
    /// A chain arrived without an eligible strike.
    PredictionStrikeUnavailable,
}

/// One warning of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: WarningType,
    /// For people.
    pub message: String,
    /// Number of the phase that met it.
    pub phase: i64,
    /// When, on the real clock.
    pub timestamp: DateTime<Utc>,
    /// The ticker it concerns, if it concerns one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ticker: Option<String>,
    /// Details by kind; always present.
    pub context: Map<String, Value>,
}

impl Warning {
    /// Whether both speak of the same thing: type, phase, ticker, position, portfolio, post and side agree.
    #[must_use]
    pub fn repeats(&self, other: &Self) -> bool {
        const SAME: [&str; 4] = ["position_id", "portfolio", "post_id", "option_type"];
        self.kind == other.kind
            && self.phase == other.phase
            && self.ticker == other.ticker
            && SAME.iter().all(|key| self.context.get(*key) == other.context.get(*key))
    }

    /// Whether both tell of the same thing with the same details, though two phases have met it.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.ticker == other.ticker && self.context == other.context
    }
}
