//! `positions`, as the positions phase opens them, and what it reads to decide; reads for clients are in
//! `positions_read`.
//!
//! A purchase is paid where it is written down: the cash is taken by a guarded update, so that a portfolio cannot
//! spend what it does not have, and the constraints of the table keep a signal from being traded twice by a portfolio.
//! The value of the portfolio is the caller's next step ([`portfolios::revalue`](super::portfolios::revalue)).

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    session::{Session, Tx},
};
use crate::{
    market::{
        annotation::Sentiment,
        instrument::Direction,
        money::Micros,
        slots::{OpenPosition, Purchase},
        strike::Strike,
    },
    run::ids::RunId,
};

/// A signal that has not been traded.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct UntradedSignal {
    /// Key.
    pub id: i64,
    /// Symbol.
    pub ticker: String,
    /// `quality` or `consensus`.
    pub signal_type: String,
    /// `bullish` or `bearish`.
    pub prediction: String,
    /// `0..=1`.
    pub confidence: f64,
}

impl UntradedSignal {
    /// Where it expects the price to go.
    #[must_use]
    pub fn direction(&self) -> Sentiment {
        match self.prediction.as_str() {
            "bullish" => Sentiment::Bullish,
            "bearish" => Sentiment::Bearish,
            _ => Sentiment::Neutral,
        }
    }
}

/// The signals of a day that fired in a run and of which nothing was opened, the surest first, then by key.
pub async fn untraded_signals(
    session: &mut impl Session,
    run: RunId,
    subreddit: &str,
    date: NaiveDate,
) -> Result<Vec<UntradedSignal>, StoreError> {
    query!(
        session,
        fetch_all,
        UntradedSignal,
        "select id, ticker, signal_type, prediction, confidence from signals
         where run_id = $1 and subreddit = $2 and signal_date = $3 and not position_opened
         order by confidence desc, id",
        run,
        subreddit,
        date
    )
}

/// Notes that something was opened on a signal.
pub async fn mark_traded(tx: &mut Tx, signal: i64) -> Result<(), StoreError> {
    execute!(tx, "update signals set position_opened = true where id = $1", signal)?;
    Ok(())
}

/// An open position of a portfolio, as one that may have to give way.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Held {
    /// Key.
    pub id: i64,
    /// Symbol of the underlying.
    pub ticker: String,
    /// Symbol of the contract, for options.
    pub contract_symbol: Option<String>,
    /// Confidence of its signal.
    pub confidence: f64,
    /// When it was opened, on the market clock.
    pub opened_at: DateTime<Utc>,
    /// Price per share, or premium per share of the contract.
    #[sqlx(rename = "entry_price_micros")]
    pub entry_price: Micros,
    /// Shares or contracts still held.
    pub remaining: i64,
}

impl Held {
    /// The symbol under which it is quoted.
    #[must_use]
    pub fn quoted_as(&self) -> &str {
        self.contract_symbol.as_deref().unwrap_or(&self.ticker)
    }

    /// As the slots see it, at a price.
    #[must_use]
    pub const fn at(&self, current_price: Option<Micros>) -> OpenPosition {
        OpenPosition {
            id: self.id,
            confidence: self.confidence,
            opened_at: self.opened_at,
            entry_price: self.entry_price,
            current_price,
            remaining: self.remaining,
        }
    }
}

/// The open positions of a portfolio.
pub async fn held_by(session: &mut impl Session, portfolio: i64) -> Result<Vec<Held>, StoreError> {
    query!(
        session,
        fetch_all,
        Held,
        "select id, ticker, contract_symbol, confidence, opened_at, entry_price_micros,
                coalesce(shares_remaining, contracts_remaining) as remaining
         from positions where portfolio_id = $1 and status = 'open' order by id",
        portfolio
    )
}

/// A purchase to be written down.
#[derive(Debug, Clone, Copy)]
pub struct NewPosition<'a> {
    /// The run.
    pub run: RunId,
    /// The portfolio that pays.
    pub portfolio: i64,
    /// The signal it is opened on.
    pub signal: &'a UntradedSignal,
    /// US/Eastern day.
    pub entry_date: NaiveDate,
    /// Market clock.
    pub opened_at: DateTime<Utc>,
    /// Price per share, or premium per share of the contract.
    pub price: Micros,
    /// When it was quoted.
    pub priced_at: DateTime<Utc>,
    /// Units and what they cost.
    pub purchase: Purchase,
    /// What is bought.
    pub terms: Terms<'a>,
}

/// What is bought, with what is known of it from the start.
#[derive(Debug, Clone, Copy)]
pub enum Terms<'a> {
    /// Shares.
    Shares {
        /// The stop.
        stop_loss_price: Micros,
        /// The target.
        take_profit_price: Micros,
    },
    /// Contracts.
    Contracts {
        /// `Call` or `Put`.
        direction: Direction,
        /// Which contract.
        strike: &'a Strike,
        /// Price of the underlying, where it is known.
        underlying_price: Option<Micros>,
    },
}

/// Pays for a position and writes it down. Yields its key.
///
/// [`StoreError::NoCash`] when the portfolio has less than it costs, a refusal of the database when it has a position
/// on the signal already; both leave nothing behind in a part of the transaction that is then undone.
pub async fn open(tx: &mut Tx, new: &NewPosition<'_>) -> Result<i64, StoreError> {
    pay(tx, new.portfolio, new.purchase.cost).await?;
    match new.terms {
        Terms::Shares {
            stop_loss_price,
            take_profit_price,
        } => insert_shares(tx, new, stop_loss_price, take_profit_price).await,
        Terms::Contracts {
            direction,
            strike,
            underlying_price,
        } => insert_contracts(tx, new, direction, strike, underlying_price).await,
    }
}

async fn pay(tx: &mut Tx, portfolio: i64, cost: Micros) -> Result<(), StoreError> {
    let paid = execute!(
        tx,
        "update portfolios set cash_available_micros = cash_available_micros - $2
         where id = $1 and cash_available_micros >= $2",
        portfolio,
        cost
    )?;
    if paid == 1 {
        return Ok(());
    }
    Err(StoreError::NoCash { portfolio, cost })
}

async fn insert_shares(tx: &mut Tx, new: &NewPosition<'_>, stop: Micros, target: Micros) -> Result<i64, StoreError> {
    let (id,) = query!(
        tx,
        fetch_one,
        (i64,),
        "insert into positions
             (portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction, confidence,
              position_size_micros, entry_date, entry_price_micros, opened_at, status, shares, shares_remaining,
              stop_loss_price_micros, take_profit_price_micros, peak_price_micros, trailing_stop_active,
              time_extension, last_price_micros, last_priced_at)
         values ($1, $2, $3, $4, 'stock', $5, 'long', $6, $7, $8, $9, $10, 'open', $11, $11, $12, $13, $9, false, 'base',
                 $9, $14)
         returning id",
        new.portfolio,
        new.signal.id,
        new.run,
        &new.signal.ticker,
        &new.signal.signal_type,
        new.signal.confidence,
        new.purchase.cost,
        new.entry_date,
        new.price,
        new.opened_at,
        new.purchase.units,
        stop,
        target,
        new.priced_at
    )?;
    Ok(id)
}

async fn insert_contracts(
    tx: &mut Tx,
    new: &NewPosition<'_>,
    direction: Direction,
    strike: &Strike,
    underlying_price: Option<Micros>,
) -> Result<i64, StoreError> {
    let (id,) = query!(
        tx,
        fetch_one,
        (i64,),
        "insert into positions
             (portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction, option_type, confidence,
              position_size_micros, premium_paid_micros, entry_date, entry_price_micros, opened_at, status, contracts,
              contracts_remaining, strike_price_micros, expiration_date, contract_symbol, peak_premium_micros,
              underlying_price_at_entry_micros, trailing_stop_active, time_extension, last_price_micros,
              last_priced_at)
         values ($1, $2, $3, $4, 'option', $5, $6, $6, $7, $8, $8, $9, $10, $11, 'open', $12, $12, $13, $14, $15, $10,
                 $16, false, 'base', $10, $17)
         returning id",
        new.portfolio,
        new.signal.id,
        new.run,
        &new.signal.ticker,
        &new.signal.signal_type,
        direction.as_str(),
        new.signal.confidence,
        new.purchase.cost,
        new.entry_date,
        new.price,
        new.opened_at,
        new.purchase.units,
        strike.strike,
        strike.expiration,
        &strike.contract_symbol,
        underlying_price,
        new.priced_at
    )?;
    Ok(id)
}
