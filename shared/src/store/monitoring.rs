//! Open positions under watch: read as holdings, written back after a check.
//!
//! `last_checked_run_id` says that a run is done with a position; it is written in the transaction of the check, so a
//! repeat finds nothing to do. Units are sold by [`exits`](super::exits) alone: nothing here touches what is held.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    session::{Session, Tx},
};
use crate::{
    market::{
        money::Micros,
        option_holding::OptionHolding,
        stock_holding::{StockHolding, TimeExtension},
        timeline::Window,
    },
    run::ids::RunId,
};

/// An open position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Key.
    pub id: i64,
    /// Portfolio that holds it.
    pub portfolio_id: i64,
    /// Symbol of the underlying.
    pub ticker: String,
    /// When it was opened: no price from before tells anything of it.
    pub opened_at: DateTime<Utc>,
    /// What is held.
    pub held: Held,
}

/// Shares or contracts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Shares.
    Shares(StockHolding),
    /// Contracts.
    Contracts {
        /// Their symbol.
        symbol: String,
        /// What monitoring knows of them.
        holding: OptionHolding,
    },
}

/// Which positions of a ticker are looked at together: those with keys from `first` to `last`, both included.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Symbol of the underlying.
    pub ticker: &'a str,
    /// Smallest key.
    pub first: i64,
    /// Largest key.
    pub last: i64,
}

#[derive(FromRow)]
struct WatchedRow {
    id: i64,
    portfolio_id: i64,
    ticker: String,
    instrument_type: String,
    entry_date: NaiveDate,
    entry_price_micros: Micros,
    opened_at: DateTime<Utc>,
    last_checked_at: Option<DateTime<Utc>>,
    shares_remaining: Option<i64>,
    stop_loss_price_micros: Option<Micros>,
    take_profit_price_micros: Option<Micros>,
    peak_price_micros: Option<Micros>,
    trailing_stop_active: bool,
    time_extension: String,
    expiration_date: Option<NaiveDate>,
    contract_symbol: Option<String>,
    contracts_remaining: Option<i64>,
    peak_premium_micros: Option<Micros>,
    last_price_micros: Option<Micros>,
}

/// The positions of a subreddit that are open and that the run is not done with, by ticker, then key.
pub async fn pending(session: &mut impl Session, subreddit: &str, run: RunId) -> Result<Vec<Watched>, StoreError> {
    let rows = query!(
        session,
        fetch_all,
        WatchedRow,
        "select p.* from positions as p join portfolios as f on f.id = p.portfolio_id
         where f.subreddit = $1 and p.status = 'open' and p.last_checked_run_id is distinct from $2
         order by p.ticker, p.id",
        subreddit,
        run
    )?;
    rows.into_iter().map(Watched::try_from).collect()
}

/// The same of one part, as it stands in the transaction: what somebody has closed meanwhile is no longer there.
pub async fn pending_part(
    tx: &mut Tx,
    subreddit: &str,
    run: RunId,
    part: Part<'_>,
) -> Result<Vec<Watched>, StoreError> {
    let rows = query!(
        tx,
        fetch_all,
        WatchedRow,
        "select p.* from positions as p join portfolios as f on f.id = p.portfolio_id
         where f.subreddit = $1 and p.status = 'open' and p.last_checked_run_id is distinct from $2
           and p.ticker = $3 and p.id between $4 and $5
         order by p.id",
        subreddit,
        run,
        part.ticker,
        part.first,
        part.last
    )?;
    rows.into_iter().map(Watched::try_from).collect()
}

/// Positions that the run is done with, closed ones included.
pub async fn checked(session: &mut impl Session, run: RunId) -> Result<i64, StoreError> {
    let (count,) = query!(
        session,
        fetch_one,
        (i64,),
        "select count(*) from positions where last_checked_run_id = $1",
        run
    )?;
    Ok(count)
}

/// Keeps levels, peak, tier and window of shares after a check.
pub async fn keep_shares(tx: &mut Tx, position: i64, run: RunId, after: &StockHolding) -> Result<(), StoreError> {
    execute!(
        tx,
        "update positions
         set stop_loss_price_micros = $2, peak_price_micros = $3, trailing_stop_active = $4, time_extension = $5,
             last_checked_at = $6, last_checked_run_id = $7
         where id = $1",
        position,
        after.stop_loss_price,
        after.peak_price,
        after.trailing_stop_active,
        after.time_extension.as_str(),
        after.window.last_checked_at,
        run
    )?;
    Ok(())
}

/// Keeps peak and trailing stop of contracts after a check at `now`.
pub async fn keep_contracts(
    tx: &mut Tx,
    position: i64,
    run: RunId,
    after: &OptionHolding,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "update positions
         set peak_premium_micros = $2, trailing_stop_active = $3, last_checked_at = $4, last_checked_run_id = $5
         where id = $1",
        position,
        after.peak_premium,
        after.trailing_stop_active,
        now,
        run
    )?;
    Ok(())
}

impl TryFrom<WatchedRow> for Watched {
    type Error = StoreError;

    fn try_from(row: WatchedRow) -> Result<Self, StoreError> {
        let id = row.id;
        let held = match row.instrument_type.as_str() {
            "stock" => row.shares(),
            _ => row.contracts(),
        };
        let held = held.ok_or_else(|| StoreError::Unreadable {
            what: "positions",
            reason: format!("position {id} lacks what it is watched by"),
        })?;
        Ok(Self {
            id,
            portfolio_id: row.portfolio_id,
            ticker: row.ticker,
            opened_at: row.opened_at,
            held,
        })
    }
}

impl WatchedRow {
    fn shares(&self) -> Option<Held> {
        Some(Held::Shares(StockHolding {
            entry_price: self.entry_price_micros,
            entry_date: self.entry_date,
            window: Window {
                opened_at: self.opened_at,
                last_checked_at: self.last_checked_at,
            },
            remaining: self.shares_remaining?,
            stop_loss_price: self.stop_loss_price_micros?,
            take_profit_price: self.take_profit_price_micros?,
            peak_price: self.peak_price_micros.unwrap_or(self.entry_price_micros),
            trailing_stop_active: self.trailing_stop_active,
            time_extension: TimeExtension::parse(&self.time_extension)?,
        }))
    }

    fn contracts(&self) -> Option<Held> {
        Some(Held::Contracts {
            symbol: self.contract_symbol.clone()?,
            holding: OptionHolding {
                entry_premium: self.entry_price_micros,
                entry_date: self.entry_date,
                expiration: self.expiration_date?,
                remaining: self.contracts_remaining?,
                peak_premium: self.peak_premium_micros.unwrap_or(self.entry_price_micros),
                trailing_stop_active: self.trailing_stop_active,
                last_premium: self.last_price_micros,
            },
        })
    }
}
