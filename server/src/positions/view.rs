//! Positions and exits on the wire.

use std::collections::HashMap;

use chrono::NaiveDate;
use poem_openapi::Object;
use shared::market::calendar::eastern_day;
use shared::market::money::Micros;
use shared::run::ids::RunId;
use shared::store::pipeline_config::{self, TradeRules};
use shared::store::positions_read::{ExitRow, PositionRow};
use shared::store::session::Session;
use shared::store::{StoreError, signals_read};

use super::figures;
use crate::http::nullable::Nullable;
use crate::http::values::{Day, Timestamp};
use crate::percent;

/// Units that left a position.
#[derive(Debug, Clone, Object)]
pub struct PositionExit {
    /// Key.
    pub id: i64,
    /// The position.
    pub position_id: i64,
    /// Run that decided it; null for a manual close.
    pub run_id: Nullable<i64>,
    /// US/Eastern day.
    pub exit_date: Day,
    /// Dollars per share, or premium per share of the contract.
    pub exit_price: f64,
    /// Why. Known: `stop_loss`, `take_profit`, `trailing_stop`, `breakeven_stop`, `time_stop`, `expiration`, `manual`,
    /// `replaced`. More may follow.
    pub exit_reason: String,
    /// Percent of the units held before.
    pub quantity_pct: f64,
    /// Shares sold; null for options.
    pub shares_exited: Nullable<i64>,
    /// Contracts sold; null for stocks.
    pub contracts_exited: Nullable<i64>,
    /// Profit or loss in dollars.
    pub realized_pnl: f64,
    /// Time of the candle or the quote that decided it.
    pub triggered_at: Timestamp,
    /// When it was booked, on the market clock.
    pub created_at: Timestamp,
    /// Why, in the words of the one who closed it; null otherwise.
    pub notes: Nullable<String>,
}

/// A position of a portfolio. What belongs to the other instrument is null.
#[derive(Debug, Clone, Object)]
pub struct Position {
    /// Key.
    pub id: i64,
    /// Subreddit of its portfolio.
    pub subreddit: String,
    /// Portfolio that holds it.
    pub portfolio_id: i64,
    /// Signal it was opened on.
    pub signal_id: i64,
    /// Run that opened it.
    pub run_id: i64,
    /// Symbol of the underlying.
    pub ticker: String,
    /// `stock` or `option`.
    pub instrument_type: String,
    /// `quality` or `consensus`.
    pub signal_type: String,
    /// `long`, `call` or `put`.
    pub direction: String,
    /// Confidence of its signal, `0..=1`.
    pub confidence: f64,
    /// What it cost in dollars.
    pub position_size: f64,
    /// US/Eastern day.
    pub entry_date: Day,
    /// Dollars per share, or premium per share of the contract.
    pub entry_price: f64,
    /// When it was opened, on the market clock.
    pub opened_at: Timestamp,
    /// `open` or `closed`.
    pub status: String,
    /// Shares bought.
    pub shares: Nullable<i64>,
    /// Shares still held.
    pub shares_remaining: Nullable<i64>,
    /// Stop in dollars per share.
    pub stop_loss_price: Nullable<f64>,
    /// Target in dollars per share.
    pub take_profit_price: Nullable<f64>,
    /// Highest price since it was opened.
    pub peak_price: Nullable<f64>,
    /// Whether the target was touched, so that the stop trails the peak.
    pub trailing_stop_active: bool,
    /// How long it may be held: `base`, `extended` or `trailing`.
    pub time_extension: String,
    /// `call` or `put`.
    pub option_type: Nullable<String>,
    /// Strike price in dollars.
    pub strike_price: Nullable<f64>,
    /// Last day of the contract.
    pub expiration_date: Nullable<Day>,
    /// Symbol of the contract, as the market writes it.
    pub contract_symbol: Nullable<String>,
    /// Contracts bought.
    pub contracts: Nullable<i64>,
    /// Contracts still held.
    pub contracts_remaining: Nullable<i64>,
    /// What the contracts cost in dollars.
    pub premium_paid: Nullable<f64>,
    /// Highest premium since it was opened.
    pub peak_premium: Nullable<f64>,
    /// Price of the underlying when it was opened.
    pub underlying_price_at_entry: Nullable<f64>,
    /// Last seen price; for options the premium.
    pub last_price: Nullable<f64>,
    /// When that was seen.
    pub last_priced_at: Nullable<Timestamp>,
    /// How far monitoring has looked.
    pub last_checked_at: Nullable<Timestamp>,
    /// Run that looked.
    pub last_checked_run_id: Nullable<i64>,
    /// US/Eastern day of the last exit; null while open.
    pub exit_date: Nullable<Day>,
    /// Reason of the last exit; null while open.
    pub exit_reason: Nullable<String>,
    /// Percent of what it cost; null while open.
    pub realized_return_pct: Nullable<f64>,
    /// Last seen price while open; null once closed.
    pub current_price: Nullable<f64>,
    /// Percent above or below the entry price; null once closed.
    pub unrealized_return_pct: Nullable<f64>,
    /// Percent of the current price to the nearest stop, target or trailing level; null once closed.
    pub nearest_exit_distance_pct: Nullable<f64>,
    /// Calendar days held, up to the market's today while open.
    pub hold_days: Nullable<i64>,
    /// Calendar days until the contract ends; null for stocks and once closed.
    pub dte: Nullable<i64>,
    /// Percent by which the premium has changed; null for stocks and once closed.
    pub premium_change_pct: Nullable<f64>,
    /// What was sold of it, oldest first.
    pub position_exits: Vec<PositionExit>,
}

/// What computed figures need beside the rows: the rules of exits, and what each subreddit calls today.
#[derive(Debug)]
pub struct Today {
    /// Rules of exits.
    pub rules: TradeRules,
    days: HashMap<String, NaiveDate>,
}

impl Today {
    /// For these positions.
    pub async fn of(conn: &mut impl Session, rows: &[PositionRow]) -> Result<Self, StoreError> {
        let mut days = HashMap::new();
        for row in rows {
            if days.contains_key(&row.subreddit) {
                continue;
            }
            if let Some(now) = signals_read::market_now(conn, &row.subreddit).await? {
                days.insert(row.subreddit.clone(), eastern_day(now));
            }
        }
        let rules = pipeline_config::trade_rules(conn).await?;
        Ok(Self { rules, days })
    }

    /// What the subreddit of the position calls today.
    #[must_use]
    pub fn day(&self, row: &PositionRow) -> Option<NaiveDate> {
        self.days.get(&row.subreddit).copied()
    }
}

fn dollars(amount: Option<Micros>) -> Nullable<f64> {
    amount.map(Micros::dollars).into()
}

impl From<&ExitRow> for PositionExit {
    fn from(row: &ExitRow) -> Self {
        Self {
            id: row.id,
            position_id: row.position_id,
            run_id: row.run_id.map(|run| run.0).into(),
            exit_date: Day(row.exit_date),
            exit_price: row.exit_price.dollars(),
            exit_reason: row.exit_reason.clone(),
            quantity_pct: percent::of_fraction(row.quantity_pct),
            shares_exited: row.shares_exited.into(),
            contracts_exited: row.contracts_exited.into(),
            realized_pnl: row.realized_pnl.dollars(),
            triggered_at: row.triggered_at.into(),
            created_at: row.created_at.into(),
            notes: row.notes.clone().into(),
        }
    }
}

impl Position {
    /// What is shown of a position; `exits` may hold those of others too.
    #[must_use]
    pub fn of(row: &PositionRow, exits: &[ExitRow], today: &Today) -> Self {
        let run = |id: Option<RunId>| Nullable(id.map(|id| id.0));
        let day = |date: Option<NaiveDate>| Nullable(date.map(Day));
        let own = exits.iter().filter(|exit| exit.position_id == row.id);
        Self {
            id: row.id,
            subreddit: row.subreddit.clone(),
            portfolio_id: row.portfolio_id,
            signal_id: row.signal_id,
            run_id: row.run_id.0,
            ticker: row.ticker.clone(),
            instrument_type: row.instrument_type.clone(),
            signal_type: row.signal_type.clone(),
            direction: row.direction.clone(),
            confidence: row.confidence,
            position_size: row.position_size.dollars(),
            entry_date: Day(row.entry_date),
            entry_price: row.entry_price.dollars(),
            opened_at: row.opened_at.into(),
            status: row.status.clone(),
            shares: row.shares.into(),
            shares_remaining: row.shares_remaining.into(),
            stop_loss_price: dollars(row.stop_loss_price),
            take_profit_price: dollars(row.take_profit_price),
            peak_price: dollars(row.peak_price),
            trailing_stop_active: row.trailing_stop_active,
            time_extension: row.time_extension.clone(),
            option_type: row.option_type.clone().into(),
            strike_price: dollars(row.strike_price),
            expiration_date: day(row.expiration_date),
            contract_symbol: row.contract_symbol.clone().into(),
            contracts: row.contracts.into(),
            contracts_remaining: row.contracts_remaining.into(),
            premium_paid: dollars(row.premium_paid),
            peak_premium: dollars(row.peak_premium),
            underlying_price_at_entry: dollars(row.underlying_price_at_entry),
            last_price: dollars(row.last_price),
            last_priced_at: row.last_priced_at.into(),
            last_checked_at: row.last_checked_at.into(),
            last_checked_run_id: run(row.last_checked_run_id),
            exit_date: day(row.exit_date),
            exit_reason: row.exit_reason.clone().into(),
            realized_return_pct: row.realized_return_pct.map(percent::of_fraction).into(),
            current_price: dollars(figures::current_price(row)),
            unrealized_return_pct: figures::unrealized_return_pct(row).into(),
            nearest_exit_distance_pct: figures::nearest_exit_distance_pct(row, &today.rules).into(),
            hold_days: figures::hold_days(row, today.day(row)).into(),
            dte: figures::dte(row, today.day(row)).into(),
            premium_change_pct: figures::premium_change_pct(row).into(),
            position_exits: own.map(PositionExit::from).collect(),
        }
    }
}
