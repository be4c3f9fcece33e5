//! Predictions on the wire.

use poem_openapi::Object;
use shared::market::money::Micros;
use shared::store::predictions_read::{OutcomeRow, PredictionExitRow, PredictionRow};

use crate::http::nullable::Nullable;
use crate::http::values::{Day, Timestamp};
use crate::percent::{self, percent};

/// What a comment predicted, as an option that would have been bought on it.
#[derive(Debug, Clone, Object)]
pub struct Prediction {
    /// Key.
    pub id: i64,
    /// Subreddit of the run that made it.
    pub subreddit: String,
    /// The comment it was read from.
    pub comment_id: i64,
    /// Who wrote that.
    pub author: String,
    /// Run that made it.
    pub analysis_run_id: i64,
    /// Symbol of the underlying.
    pub ticker: String,
    /// `bullish` or `bearish`.
    pub sentiment: String,
    /// `call` or `put`.
    pub option_type: String,
    /// Strike price in dollars; null without a contract.
    pub strike_price: Nullable<f64>,
    /// Last day of the contract; null without one.
    pub expiration_date: Nullable<Day>,
    /// Premium per share when it was made; null without a contract.
    pub entry_premium: Nullable<f64>,
    /// Last seen premium; null without a contract.
    pub current_premium: Nullable<f64>,
    /// `tracking`, `resolved` or `expired` (there was no contract to watch).
    pub status: String,
    /// Percent; null until resolved.
    pub simulated_return_pct: Nullable<f64>,
    /// Whether the author was right; null until resolved, and when excluded.
    pub is_correct: Nullable<bool>,
    /// What a person said of the outcome: `correct`, `incorrect` or `excluded`; null when nobody did.
    pub hitl_override: Nullable<String>,
    /// When it was made, on the market clock.
    pub created_at: Timestamp,
}

/// The premium of one day.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct PredictionOutcome {
    /// Days since the prediction was made.
    pub day_offset: i64,
    /// Premium per share.
    pub premium: f64,
    /// Dollars per share of the underlying, where it was known.
    pub underlying_price: Nullable<f64>,
    /// Percent against the premium at first; null when that is not known.
    pub pnl_pct: Nullable<f64>,
}

/// A simulated exit.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct PredictionExit {
    /// Key.
    pub id: i64,
    /// US/Eastern day.
    pub exit_date: Day,
    /// Premium per share.
    pub exit_premium: f64,
    /// Why. Known: `stop_loss`, `take_profit`, `trailing_stop`, `time_stop`, `expiration`. More may follow.
    pub exit_reason: String,
    /// Percent of the contracts tracked before.
    pub quantity_pct: f64,
    /// Contracts sold.
    pub contracts_exited: i64,
    /// Simulated profit or loss in dollars.
    pub simulated_pnl: f64,
    /// When, on the market clock.
    pub created_at: Timestamp,
}

/// A prediction with its course.
#[derive(Debug, Clone, Object)]
pub struct PredictionDetail {
    #[oai(flatten)]
    prediction: Prediction,
    /// US/Eastern day it was made.
    pub entry_date: Day,
    /// Symbol of the contract, as the market writes it; null without one.
    pub contract_symbol: Nullable<String>,
    /// Contracts at first; null without a contract.
    pub contracts: Nullable<i64>,
    /// Contracts still tracked; null without a contract.
    pub contracts_remaining: Nullable<i64>,
    /// Highest premium seen; null without a contract.
    pub peak_premium: Nullable<f64>,
    /// Whether the target was touched, so that the stop trails the peak.
    pub trailing_stop_active: bool,
    /// When it was resolved, on the market clock; null before.
    pub resolved_at: Nullable<Timestamp>,
    /// When a person spoke; null when nobody did.
    pub hitl_override_at: Nullable<Timestamp>,
    /// When the author's accuracy took it in; null before.
    pub accuracy_applied_at: Nullable<Timestamp>,
    /// Premiums by day.
    pub outcomes: Vec<PredictionOutcome>,
    /// Simulated exits, oldest first.
    pub exits: Vec<PredictionExit>,
}

fn dollars(amount: Option<Micros>) -> Nullable<f64> {
    amount.map(Micros::dollars).into()
}

impl From<&PredictionRow> for Prediction {
    fn from(row: &PredictionRow) -> Self {
        Self {
            id: row.id,
            subreddit: row.subreddit.clone(),
            comment_id: row.comment_id,
            author: row.author.clone(),
            analysis_run_id: row.analysis_run_id.0,
            ticker: row.ticker.clone(),
            sentiment: row.sentiment.clone(),
            option_type: row.option_type.clone(),
            strike_price: dollars(row.strike_price),
            expiration_date: row.expiration_date.map(Day).into(),
            entry_premium: dollars(row.entry_premium),
            current_premium: dollars(row.current_premium),
            status: row.status.clone(),
            simulated_return_pct: row.simulated_return_pct.map(percent::of_fraction).into(),
            is_correct: row.is_correct.into(),
            hitl_override: row.hitl_override.clone().into(),
            created_at: row.created_at.into(),
        }
    }
}

impl PredictionOutcome {
    fn of(row: &OutcomeRow, entry: Option<Micros>) -> Self {
        Self {
            day_offset: row.day_offset,
            premium: row.premium.dollars(),
            underlying_price: dollars(row.underlying_price),
            pnl_pct: entry.and_then(|entry| percent(row.premium - entry, entry)).into(),
        }
    }
}

impl From<&PredictionExitRow> for PredictionExit {
    fn from(row: &PredictionExitRow) -> Self {
        Self {
            id: row.id,
            exit_date: Day(row.exit_date),
            exit_premium: row.exit_premium.dollars(),
            exit_reason: row.exit_reason.clone(),
            quantity_pct: percent::of_fraction(row.quantity_pct),
            contracts_exited: row.contracts_exited,
            simulated_pnl: row.simulated_pnl.dollars(),
            created_at: row.created_at.into(),
        }
    }
}

impl PredictionDetail {
    /// What is shown of a prediction.
    #[must_use]
    pub fn of(row: &PredictionRow, outcomes: &[OutcomeRow], exits: &[PredictionExitRow]) -> Self {
        let course = outcomes.iter().map(|one| PredictionOutcome::of(one, row.entry_premium));
        Self {
            prediction: row.into(),
            entry_date: Day(row.entry_date),
            contract_symbol: row.contract_symbol.clone().into(),
            contracts: row.contracts.into(),
            contracts_remaining: row.contracts_remaining.into(),
            peak_premium: dollars(row.peak_premium),
            trailing_stop_active: row.trailing_stop_active,
            resolved_at: row.resolved_at.into(),
            hitl_override_at: row.hitl_override_at.into(),
            accuracy_applied_at: row.accuracy_applied_at.into(),
            outcomes: course.collect(),
            exits: exits.iter().map(PredictionExit::from).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_premium_is_compared_with_the_first_one() {
        let row = |premium| OutcomeRow {
            day_offset: 3,
            premium: Micros::from_dollars(premium),
            underlying_price: None,
        };
        let change = |premium, entry: Option<i64>| {
            PredictionOutcome::of(&row(premium), entry.map(Micros::from_dollars))
                .pnl_pct
                .0
        };
        assert_eq!(change(3, Some(2)), Some(50.0));
        assert_eq!(change(0, Some(2)), Some(-100.0));
        assert_eq!(change(3, Some(0)), None);
        assert_eq!(change(3, None), None);
    }
}
