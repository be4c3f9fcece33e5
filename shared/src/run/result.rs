//! The payload of partial and final results: one schema, lists may be empty.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// Version of [`AnalysisResult`]; rises when a field changes its meaning.
pub const SCHEMA_VERSION: i64 = 1;

/// What a run has found so far, or found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnalysisResult {
    /// The subreddit of the run.
    pub subreddit: String,
    /// The instant the run is frozen at.
    pub market_now: DateTime<Utc>,
    /// How much was read.
    pub counts: Counts,
    /// Tickers of the selected comments, most mentioned first.
    pub tickers: Vec<TickerSummary>,
    /// Signals that fired in this run, most confident first.
    pub signals: Vec<SignalSummary>,
    /// Positions opened in this run.
    #[serde(default)]
    pub positions_opened: Vec<PositionSummary>,
    /// Exits of this run.
    #[serde(default)]
    pub exits: Vec<ExitSummary>,
    /// Predictions by state.
    pub predictions: PredictionCounts,
    /// The four portfolios of the subreddit.
    #[serde(default)]
    pub portfolios: Vec<PortfolioValue>,
    /// Warnings so far.
    pub warnings_count: i64,
    /// What the language model cost in this run, if one was used.
    #[serde(default)]
    pub model_usage: Option<ModelUsage>,
}

/// How much a run has read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Hot posts read.
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

/// Mentions of one ticker among the selected comments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TickerSummary {
    /// Symbol.
    pub ticker: String,
    /// Comments that mention it.
    pub mentions: i64,
    /// Of these bullish.
    pub bullish: i64,
    /// Of these bearish.
    pub bearish: i64,
    /// Of these neutral.
    pub neutral: i64,
    /// Mean of (+1, -1, 0) x confidence, `-1..=1`.
    pub sentiment_score: f64,
}

/// A signal, as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, sqlx::FromRow)]
pub struct SignalSummary {
    /// Key.
    pub id: i64,
    /// Subreddit it belongs to.
    pub subreddit: String,
    /// Symbol.
    pub ticker: String,
    /// `quality` or `consensus`.
    pub signal_type: String,
    /// UTC day.
    pub signal_date: NaiveDate,
    /// `bullish` or `bearish`.
    pub prediction: String,
    /// `0..=1`.
    pub confidence: f64,
    /// Contributing comments.
    pub comment_count: i64,
    /// `-1..=1`.
    pub sentiment_score: f64,
    /// Whether the contributing comments argue.
    pub has_reasoning: bool,
    /// New in the talk; `None` while the system is younger than a week.
    pub is_emergence: Option<bool>,
    /// Mentions on the seven days before.
    pub prior_7d_mentions: i64,
    /// Authors of the contributing comments.
    pub distinct_users: i64,
}

/// A position, as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

/// An exit, as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ExitSummary {
    /// Key of the position.
    pub position_id: i64,
    /// Portfolio that held it.
    pub portfolio: String,
    /// Symbol of the underlying.
    pub ticker: String,
    /// Why.
    pub exit_reason: String,
    /// US/Eastern day.
    pub exit_date: NaiveDate,
    /// Dollars per share.
    pub exit_price: f64,
    /// Shares or contracts sold.
    pub quantity: i64,
    /// Dollars.
    pub realized_pnl: f64,
}

/// Predictions of the run's subreddit by state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PredictionCounts {
    /// Created by this run.
    pub created: i64,
    /// Now tracked.
    pub tracking: i64,
    /// Now resolved.
    pub resolved: i64,
    /// Dead on arrival.
    pub expired: i64,
}

/// Value of one portfolio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PortfolioValue {
    /// Name.
    pub name: String,
    /// Dollars.
    pub current_value: f64,
    /// Dollars.
    pub cash_available: f64,
}

/// What the language model cost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
