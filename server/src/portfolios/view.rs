//! Portfolios on the wire.

use std::collections::BTreeMap;

use poem_openapi::Object;
use shared::market::money::Micros;
use shared::store::portfolios;
use shared::store::positions_read::PositionRow;

use crate::http::nullable::Nullable;
use crate::http::values::{Day, Timestamp};
use crate::percent::percent;
use crate::positions::figures;
use crate::positions::view::Today;

/// What stands for cash among the tickers of an allocation; no symbol is written in lower case.
const CASH: &str = "cash";

/// A portfolio.
#[derive(Debug, Clone, Object)]
pub struct Portfolio {
    /// Key.
    pub id: i64,
    /// Subreddit whose signals it trades.
    pub subreddit: String,
    /// Name, unique in the subreddit.
    pub name: String,
    /// `stock` or `option`.
    pub instrument_type: String,
    /// `quality` or `consensus`.
    pub signal_type: String,
    /// Dollars it began with.
    pub starting_capital: f64,
    /// Dollars, positions at their last prices included, when it was last valued.
    pub current_value: f64,
    /// Dollars not invested.
    pub cash_available: f64,
    /// Positions it holds.
    pub open_position_count: i64,
    /// Dollars gained or lost since it began.
    pub total_pnl: f64,
    /// The same in percent of what it began with; null when that was nothing.
    pub total_pnl_pct: Nullable<f64>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last valued, on the market clock; null before the first time.
    pub last_valued_at: Nullable<Timestamp>,
}

/// A position that a portfolio holds.
#[derive(Debug, Clone, Object)]
pub struct OpenPosition {
    /// Key.
    pub id: i64,
    /// Signal it was opened on.
    pub signal_id: i64,
    /// Symbol of the underlying.
    pub ticker: String,
    /// `long`, `call` or `put`.
    pub direction: String,
    /// Confidence of its signal, `0..=1`.
    pub confidence: f64,
    /// US/Eastern day.
    pub entry_date: Day,
    /// Dollars per share, or premium per share of the contract.
    pub entry_price: f64,
    /// Shares or contracts still held.
    pub quantity: i64,
    /// Last seen price in the same unit; null before the first.
    pub current_price: Nullable<f64>,
    /// Dollars that is worth; null without a price.
    pub market_value: Nullable<f64>,
    /// Percent above or below the entry price; null without a price.
    pub unrealized_return_pct: Nullable<f64>,
    /// Calendar days held, up to the market's today.
    pub hold_days: Nullable<i64>,
}

/// What a portfolio has in one ticker, or in cash.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct Allocation {
    /// Symbol; `cash` for what is not invested.
    pub ticker: String,
    /// Open positions; 0 for cash.
    pub position_count: i64,
    /// Dollars at the last prices.
    pub market_value: f64,
    /// Fraction of the portfolio's current value; null when that is nothing.
    pub weight: Nullable<f64>,
}

/// A portfolio with what it holds.
#[derive(Debug, Clone, Object)]
pub struct PortfolioDetail {
    #[oai(flatten)]
    portfolio: Portfolio,
    /// Open positions, newest entry first.
    pub positions: Vec<OpenPosition>,
    /// How its value is spread: tickers by symbol, then cash.
    pub allocation_breakdown: Vec<Allocation>,
}

/// What a portfolio was worth after a run.
#[derive(Debug, Clone, Object)]
pub struct PortfolioPoint {
    /// The run.
    pub run_id: i64,
    /// Its market clock.
    pub market_now: Timestamp,
    /// Dollars, positions included.
    pub value: f64,
    /// Dollars not invested.
    pub cash: f64,
}

impl From<&portfolios::Portfolio> for Portfolio {
    fn from(row: &portfolios::Portfolio) -> Self {
        let gained = row.current_value - row.starting_capital;
        Self {
            id: row.id,
            subreddit: row.subreddit.clone(),
            name: row.name.clone(),
            instrument_type: row.instrument_type.clone(),
            signal_type: row.signal_type.clone(),
            starting_capital: row.starting_capital.dollars(),
            current_value: row.current_value.dollars(),
            cash_available: row.cash_available.dollars(),
            open_position_count: row.open_position_count,
            total_pnl: gained.dollars(),
            total_pnl_pct: percent(gained, row.starting_capital).into(),
            created_at: row.created_at.into(),
            last_valued_at: row.last_valued_at.into(),
        }
    }
}

impl OpenPosition {
    fn of(row: &PositionRow, today: &Today) -> Self {
        Self {
            id: row.id,
            signal_id: row.signal_id,
            ticker: row.ticker.clone(),
            direction: row.direction.clone(),
            confidence: row.confidence,
            entry_date: Day(row.entry_date),
            entry_price: row.entry_price.dollars(),
            quantity: row.remaining(),
            current_price: figures::current_price(row).map(Micros::dollars).into(),
            market_value: figures::market_value(row).map(Micros::dollars).into(),
            unrealized_return_pct: figures::unrealized_return_pct(row).into(),
            hold_days: figures::hold_days(row, today.day(row)).into(),
        }
    }
}

impl PortfolioDetail {
    /// A portfolio with the positions it holds.
    #[must_use]
    pub fn of(portfolio: &portfolios::Portfolio, held: &[PositionRow], today: &Today) -> Self {
        Self {
            portfolio: portfolio.into(),
            positions: held.iter().map(|row| OpenPosition::of(row, today)).collect(),
            allocation_breakdown: allocation(held, portfolio.cash_available, portfolio.current_value),
        }
    }
}

/// How a value is spread over tickers and cash.
fn allocation(held: &[PositionRow], cash: Micros, value: Micros) -> Vec<Allocation> {
    let mut by_ticker: BTreeMap<&str, (i64, Micros)> = BTreeMap::new();
    for row in held {
        let (count, worth) = by_ticker.entry(&row.ticker).or_default();
        *count += 1;
        *worth += figures::market_value(row).unwrap_or_default();
    }
    let part = |(ticker, (position_count, worth)): (&str, (i64, Micros))| Allocation {
        ticker: ticker.to_owned(),
        position_count,
        market_value: worth.dollars(),
        weight: (value != Micros::ZERO).then(|| worth.fraction_of(value)).into(),
    };
    by_ticker.into_iter().chain([(CASH, (0, cash))]).map(part).collect()
}

impl From<&portfolios::PortfolioPoint> for PortfolioPoint {
    fn from(row: &portfolios::PortfolioPoint) -> Self {
        Self {
            run_id: row.run_id.0,
            market_now: row.market_now.into(),
            value: row.value.dollars(),
            cash: row.cash.dollars(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::positions::figures::tests::{dollars, option, stock};

    #[test]
    fn the_parts_of_an_allocation_add_up_to_the_whole() {
        let another = PositionRow {
            ticker: "XYZ".into(),
            ..option()
        };
        let parts = allocation(&[another, stock(), stock()], dollars(4000.0), dollars(8000.0));
        let shown: Vec<_> = parts
            .iter()
            .map(|part| {
                (
                    part.ticker.as_str(),
                    part.position_count,
                    part.market_value,
                    part.weight.0,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("ABC", 2, 3000.0, Some(0.375)),
                ("XYZ", 1, 1000.0, Some(0.125)),
                ("cash", 0, 4000.0, Some(0.5))
            ]
        );
        assert_eq!(allocation(&[], Micros::ZERO, Micros::ZERO)[0].weight.0, None);
    }
}
