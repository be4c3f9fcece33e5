//! A signal as lists show it, and what one portfolio made of it.

use poem_openapi::Object;
use serde::Deserialize;
use shared::market::calendar::eastern_day;
use shared::run::result;
use shared::store::signals_read::{PortfolioRow, SignalPosition};

use crate::http::nullable::Nullable;
use crate::http::values::Day;
use crate::percent;
use crate::positions::figures;

/// A signal in a list.
#[derive(Debug, Clone, Object, Deserialize)]
#[oai(skip_serializing_if_is_none)]
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
    pub signal_date: Day,
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
    /// New in the talk; null while the system is younger than a week.
    pub is_emergence: Nullable<bool>,
    /// Mentions on the seven days before.
    pub prior_7d_mentions: i64,
    /// Authors of the contributing comments.
    pub distinct_users: i64,
    /// What the portfolio of the filter made of it; absent without that filter.
    #[serde(default)]
    pub for_portfolio: Option<ForPortfolio>,
}

/// What one portfolio made of a signal.
#[derive(Debug, Clone, Object, Deserialize)]
#[oai(skip_serializing_if_is_none)]
pub struct ForPortfolio {
    /// The portfolio.
    pub portfolio_id: i64,
    /// Whether it opened a position.
    pub position_opened: bool,
    /// Why it did not: `bearish_long_only` or `not eligible`; null when it did, or when the signal was not for it.
    pub skip_reason: Nullable<String>,
    /// The position; absent when there is none.
    #[serde(default)]
    pub position: Option<PortfolioPosition>,
}

/// A position opened on a signal.
#[derive(Debug, Clone, Object, Deserialize)]
pub struct PortfolioPosition {
    /// Key.
    pub position_id: i64,
    /// `open` or `closed`.
    pub status: String,
    /// US/Eastern day.
    pub entry_date: Day,
    /// Dollars per share, or premium per share of the contract.
    pub entry_price: f64,
    /// Percent at the last seen price; null when closed or not priced yet.
    pub unrealized_return_pct: Nullable<f64>,
    /// Percent; null while open.
    pub realized_return_pct: Nullable<f64>,
    /// Days held, up to the market's today while open.
    pub hold_days: Nullable<i64>,
}

impl From<&result::SignalSummary> for SignalSummary {
    fn from(row: &result::SignalSummary) -> Self {
        Self {
            id: row.id,
            subreddit: row.subreddit.clone(),
            ticker: row.ticker.clone(),
            signal_type: row.signal_type.clone(),
            signal_date: Day(row.signal_date),
            prediction: row.prediction.clone(),
            confidence: row.confidence,
            comment_count: row.comment_count,
            sentiment_score: row.sentiment_score,
            has_reasoning: row.has_reasoning,
            is_emergence: row.is_emergence.into(),
            prior_7d_mentions: row.prior_7d_mentions,
            distinct_users: row.distinct_users,
            for_portfolio: None,
        }
    }
}

impl ForPortfolio {
    /// What `portfolio` made of `signal`, given the positions it opened and the least confidence that is traded.
    #[must_use]
    pub fn of(
        portfolio: &PortfolioRow,
        signal: &result::SignalSummary,
        positions: &[SignalPosition],
        least_confidence: f64,
    ) -> Self {
        let position = positions.iter().find(|position| position.signal_id == signal.id);
        let is_traded = signal.confidence >= least_confidence;
        let skip_reason = match position {
            None if is_traded => skip_reason(portfolio, signal),
            _ => None,
        };
        Self {
            portfolio_id: portfolio.id,
            position_opened: position.is_some(),
            skip_reason: skip_reason.map(str::to_owned).into(),
            position: position.map(PortfolioPosition::of),
        }
    }
}

fn skip_reason(portfolio: &PortfolioRow, signal: &result::SignalSummary) -> Option<&'static str> {
    let meant = portfolio.signal_type == signal.signal_type && portfolio.subreddit == signal.subreddit;
    if !meant {
        return None;
    }
    let long_only = portfolio.instrument_type == "stock" && signal.prediction == "bearish";
    Some(if long_only { "bearish_long_only" } else { "not eligible" })
}

impl PortfolioPosition {
    fn of(row: &SignalPosition) -> Self {
        let is_open = row.status == "open";
        let unrealized = row.last_price.filter(|_| is_open);
        let held = |now| figures::days_held(row.entry_date, eastern_day(now));
        let realized = row.realized_return_pct.filter(|_| !is_open);
        Self {
            position_id: row.id,
            status: row.status.clone(),
            entry_date: Day(row.entry_date),
            entry_price: row.entry_price.dollars(),
            unrealized_return_pct: unrealized
                .and_then(|last| figures::return_pct(row.entry_price, last))
                .into(),
            realized_return_pct: realized.map(percent::of_fraction).into(),
            hold_days: if is_open {
                row.market_now.map(held)
            } else {
                row.hold_days
            }
            .into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(prediction: &str, confidence: f64) -> result::SignalSummary {
        result::SignalSummary {
            id: 7,
            subreddit: "stocks".into(),
            ticker: "ABC".into(),
            signal_type: "quality".into(),
            signal_date: chrono::NaiveDate::MIN,
            prediction: prediction.into(),
            confidence,
            comment_count: 1,
            sentiment_score: 0.0,
            has_reasoning: true,
            is_emergence: None,
            prior_7d_mentions: 0,
            distinct_users: 1,
        }
    }

    fn portfolio(instrument: &str, signal_type: &str) -> PortfolioRow {
        PortfolioRow {
            id: 1,
            subreddit: "stocks".into(),
            instrument_type: instrument.into(),
            signal_type: signal_type.into(),
        }
    }

    #[test]
    fn a_signal_that_was_not_traded_says_why() {
        let reason = |portfolio: &PortfolioRow, signal: &result::SignalSummary| {
            ForPortfolio::of(portfolio, signal, &[], 0.5).skip_reason.0
        };
        let stocks = portfolio("stock", "quality");
        assert_eq!(
            reason(&stocks, &signal("bearish", 0.9)).as_deref(),
            Some("bearish_long_only")
        );
        assert_eq!(
            reason(&portfolio("option", "quality"), &signal("bearish", 0.9)).as_deref(),
            Some("not eligible")
        );
        assert_eq!(
            reason(&stocks, &signal("bullish", 0.5)).as_deref(),
            Some("not eligible")
        );
        assert_eq!(reason(&stocks, &signal("bullish", 0.49)), None);
        let lower = ForPortfolio::of(&stocks, &signal("bullish", 0.49), &[], 0.4);
        assert_eq!(
            lower.skip_reason.0.as_deref(),
            Some("not eligible"),
            "the setting decides"
        );
        assert_eq!(reason(&portfolio("stock", "consensus"), &signal("bearish", 0.9)), None);
    }
}
