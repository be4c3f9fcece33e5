//! Questions about what the signals earned: portfolios, positions, predictions, prices.

use clap::{Args as Group, Subcommand};

use crate::api::types::{OverrideResult, PositionState, PredictionState};

/// What to ask about trades.
#[derive(Debug, Subcommand)]
pub enum TradeQuestion {
    /// List portfolios
    Portfolios {
        /// Only portfolios of this subreddit
        #[arg(long)]
        subreddit: Option<String>,
    },
    /// List positions, newest first
    Positions(Positions),
    /// Show a position with its exits
    Position {
        /// Its id
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
    },
    /// Sell a position, or a part of it, at the price of this moment
    Close(Close),
    /// List predictions, newest first
    Predictions(Predictions),
    /// Show a prediction with its course
    Prediction {
        /// Its id
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
    },
    /// Say whether a prediction came true, whatever its outcome says
    Override {
        /// Its id
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
        /// correct, incorrect, excluded, or none to take it back
        #[arg(value_name = "WORD")]
        word: OverrideResult,
    },
    /// Show what a ticker closed at, day by day
    Prices {
        /// Its symbol
        ticker: String,
        /// Days to look back
        #[arg(long, value_name = "N")]
        days: Option<i64>,
    },
    /// Show how a portfolio did against the S&P 500
    Periods {
        /// The portfolio's id
        #[arg(long, value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        portfolio: i64,
    },
}

/// Which positions to list.
#[derive(Debug, Group)]
pub struct Positions {
    /// Only positions in this state: open or closed
    #[arg(long)]
    pub status: Option<PositionState>,
    /// Only positions of this ticker
    #[arg(long)]
    pub ticker: Option<String>,
    /// Only positions of this portfolio
    #[arg(long, value_name = "ID")]
    pub portfolio: Option<i64>,
    /// Only positions of this subreddit
    #[arg(long)]
    pub subreddit: Option<String>,
    /// How many
    #[arg(long, value_name = "N")]
    pub limit: Option<i64>,
}

/// What to sell.
#[derive(Debug, Group)]
pub struct Close {
    /// The position's id
    #[arg(value_parser = clap::value_parser!(i64).range(1..))]
    pub id: i64,
    /// Why, for people
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Part of what is still held, such as 0.5; everything when absent
    #[arg(long, value_name = "X")]
    pub fraction: Option<f64>,
    /// Makes it safe to send the same request again
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
}

/// Which predictions to list.
#[derive(Debug, Group)]
pub struct Predictions {
    /// Only predictions in this state: tracking, resolved or expired
    #[arg(long)]
    pub status: Option<PredictionState>,
    /// Only predictions of this ticker
    #[arg(long)]
    pub ticker: Option<String>,
    /// Only predictions of this author
    #[arg(long)]
    pub author: Option<String>,
    /// Only predictions made by this run
    #[arg(long, value_name = "ID")]
    pub run: Option<i64>,
    /// How many
    #[arg(long, value_name = "N")]
    pub limit: Option<i64>,
}
