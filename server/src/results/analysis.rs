//! The payload of results: one schema for partial and final ones.
//!
//! Read straight from the stored JSON, whose shape is `shared::run::result`.

use poem_openapi::Object;
use serde::Deserialize;

use crate::http::values::{Day, Timestamp};
use crate::signals::summary::SignalSummary;

/// What a run has found so far, or found. Lists may be empty.
#[derive(Debug, Clone, Object, Deserialize)]
#[oai(skip_serializing_if_is_none)]
pub struct AnalysisResult {
    /// Subreddit of the run.
    pub subreddit: String,
    /// The instant the run is frozen at.
    pub market_now: Timestamp,
    /// How much was read.
    pub counts: ResultCounts,
    /// Tickers of the selected comments, most mentioned first.
    pub tickers: Vec<TickerSummary>,
    /// Signals that fired, most confident first.
    pub signals: Vec<SignalSummary>,
    /// Positions that were opened.
    #[serde(default)]
    pub positions_opened: Vec<PositionSummary>,
    /// Exits that were triggered.
    #[serde(default)]
    pub exits: Vec<ExitSummary>,
    /// Predictions by state.
    pub predictions: PredictionCounts,
    /// The portfolios of the subreddit.
    #[serde(default)]
    pub portfolios: Vec<PortfolioValue>,
    /// Warnings so far.
    pub warnings_count: i64,
    /// What the language model cost; absent when none was used.
    #[serde(default)]
    pub model_usage: Option<ModelUsage>,
}

/// How much a run has read.
#[derive(Debug, Clone, Copy, Object, Deserialize)]
pub struct ResultCounts {
    /// Posts read.
    pub posts: i64,
    /// Candidate comments.
    pub comments_fetched: i64,
    /// Comments selected for annotation.
    pub comments_selected: i64,
    /// Selected comments that have an annotation.
    pub comments_annotated: i64,
    /// Of these, annotated by an earlier run.
    pub comments_reused: i64,
}

/// Mentions of one ticker.
#[derive(Debug, Clone, Object, Deserialize)]
pub struct TickerSummary {
    /// Symbol.
    pub ticker: String,
    /// Comments that mention it.
    pub mentions: i64,
    /// Of these, bullish.
    pub bullish: i64,
    /// Of these, bearish.
    pub bearish: i64,
    /// Of these, neutral.
    pub neutral: i64,
    /// Mean of direction times confidence, `-1..=1`.
    pub sentiment_score: f64,
}

/// A position that was opened.
#[derive(Debug, Clone, Object, Deserialize)]
pub struct PositionSummary {
    /// Key.
    pub id: i64,
    /// Portfolio that holds it.
    pub portfolio: String,
    /// Symbol of the underlying.
    pub ticker: String,
    /// `stock` or `option`.
    pub instrument_type: String,
    /// `long`, `call` or `put`.
    pub direction: String,
    /// Shares or contracts bought.
    pub quantity: i64,
    /// Dollars per share, or premium per share of the contract.
    pub entry_price: f64,
    /// What it cost in dollars.
    pub position_size: f64,
}

/// An exit that was triggered.
#[derive(Debug, Clone, Object, Deserialize)]
pub struct ExitSummary {
    /// Key of the position.
    pub position_id: i64,
    /// Portfolio that held it.
    pub portfolio: String,
    /// Symbol of the underlying.
    pub ticker: String,
    /// Why. Known: `stop_loss`, `take_profit`, `trailing_stop`, `breakeven_stop`, `time_stop`, `expiration`, `manual`,
    /// `replaced`. More may follow.
    pub exit_reason: String,
    /// US/Eastern day.
    pub exit_date: Day,
    /// Dollars per share.
    pub exit_price: f64,
    /// Shares or contracts sold.
    pub quantity: i64,
    /// Profit or loss in dollars.
    pub realized_pnl: f64,
}

/// Predictions by state.
#[derive(Debug, Clone, Copy, Object, Deserialize)]
pub struct PredictionCounts {
    /// Created by this run.
    pub created: i64,
    /// Now being tracked.
    pub tracking: i64,
    /// Now resolved.
    pub resolved: i64,
    /// Without a contract to track.
    pub expired: i64,
}

/// Value of one portfolio.
#[derive(Debug, Clone, Object, Deserialize)]
pub struct PortfolioValue {
    /// Name.
    pub name: String,
    /// Dollars, positions included.
    pub current_value: f64,
    /// Dollars not invested.
    pub cash_available: f64,
}

/// What the language model cost.
#[derive(Debug, Clone, Copy, Object, Deserialize)]
pub struct ModelUsage {
    /// Calls made.
    pub calls: i64,
    /// Tokens sent.
    pub prompt_tokens: i64,
    /// Tokens received.
    pub completion_tokens: i64,
    /// Dollars.
    pub cost: f64,
}
