//! Booking an exit: the one way by which units leave a position and money comes back.
//!
//! Monitoring, replacement and a manual close all end here, inside a transaction of theirs. Every update is guarded and
//! counted: units that are not held cannot be sold, and a closed position stays closed. What is credited is the
//! proceeds; the profit is only written down. The value of the portfolio is the caller's next step
//! ([`portfolios::revalue`](super::portfolios::revalue)).

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{StoreError, session::Tx};
use crate::{
    market::{
        accounting::quantity_pct,
        exit::Exit,
        money::{CONTRACT_SHARES, Micros},
    },
    run::ids::RunId,
};

/// An exit that was booked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BookedExit {
    /// Key of the exit.
    pub id: i64,
    /// The portfolio that was credited.
    pub portfolio_id: i64,
    /// Units sold, as a fraction of those held before.
    pub quantity_pct: f64,
    /// Profit or loss.
    pub realized_pnl: Micros,
    /// What was credited.
    pub proceeds: Micros,
    /// Units still held.
    pub remaining: i64,
}

impl BookedExit {
    /// Whether nothing is left, so that the position is closed.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.remaining == 0
    }
}

/// What the rest of the booking needs of the position, after its units were taken away.
#[derive(FromRow)]
struct Taken {
    portfolio_id: i64,
    instrument_type: String,
    entry_date: NaiveDate,
    #[sqlx(rename = "entry_price_micros")]
    entry_price: Micros,
    remaining: i64,
}

impl Taken {
    fn is_stock(&self) -> bool {
        self.instrument_type == "stock"
    }
}

/// Sells units of a position; [`StoreError::NotHeld`] when it is closed, unknown, or holds fewer than that.
///
/// `run` is `None` for a manual close. Nothing but the transaction's end makes it true.
pub async fn book(
    tx: &mut Tx,
    position: i64,
    run: Option<RunId>,
    exit: &Exit,
    notes: Option<&str>,
) -> Result<BookedExit, StoreError> {
    let taken = take(tx, position, exit.units).await?.ok_or(StoreError::NotHeld {
        position,
        units: exit.units,
    })?;
    let shares = exit.units * if taken.is_stock() { 1 } else { CONTRACT_SHARES };
    let (proceeds, realized_pnl) = (exit.price * shares, (exit.price - taken.entry_price) * shares);
    let id = insert(tx, (position, run), &taken, exit, realized_pnl, notes).await?;
    credit(tx, taken.portfolio_id, proceeds).await?;
    if taken.remaining == 0 {
        close(tx, position, exit, (exit.date - taken.entry_date).num_days()).await?;
    }
    Ok(BookedExit {
        id,
        portfolio_id: taken.portfolio_id,
        quantity_pct: quantity_pct(exit.units, taken.remaining + exit.units),
        realized_pnl,
        proceeds,
        remaining: taken.remaining,
    })
}

async fn take(tx: &mut Tx, position: i64, units: i64) -> Result<Option<Taken>, StoreError> {
    query!(
        tx,
        fetch_optional,
        Taken,
        "update positions
         set shares_remaining = shares_remaining - $2, contracts_remaining = contracts_remaining - $2
         where id = $1 and status = 'open' and $2 > 0 and coalesce(shares_remaining, contracts_remaining) >= $2
         returning portfolio_id, instrument_type, entry_date, entry_price_micros,
                   coalesce(shares_remaining, contracts_remaining) as remaining",
        position,
        units
    )
}

/// Writes the exit down; its creation is dated by the market clock of the run, or by the quote of a manual close.
async fn insert(
    tx: &mut Tx,
    (position, run): (i64, Option<RunId>),
    taken: &Taken,
    exit: &Exit,
    realized_pnl: Micros,
    notes: Option<&str>,
) -> Result<i64, StoreError> {
    let (id,) = query!(
        tx,
        fetch_one,
        (i64,),
        "insert into position_exits
             (position_id, run_id, exit_date, exit_price_micros, exit_reason, quantity_pct, shares_exited,
              contracts_exited, realized_pnl_micros, triggered_at, created_at, notes)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,
                 coalesce((select market_now from analysis_runs where id = $2), $10), $11)
         returning id",
        position,
        run,
        exit.date,
        exit.price,
        exit.reason.as_str(),
        quantity_pct(exit.units, taken.remaining + exit.units),
        taken.is_stock().then_some(exit.units),
        (!taken.is_stock()).then_some(exit.units),
        realized_pnl,
        exit.triggered_at,
        notes
    )?;
    Ok(id)
}

async fn credit(tx: &mut Tx, portfolio: i64, proceeds: Micros) -> Result<(), StoreError> {
    let credited = execute!(
        tx,
        "update portfolios set cash_available_micros = cash_available_micros + $2 where id = $1",
        portfolio,
        proceeds
    )?;
    expect_one(credited, "portfolios")
}

async fn close(tx: &mut Tx, position: i64, exit: &Exit, hold_days: i64) -> Result<(), StoreError> {
    let closed = execute!(
        tx,
        "update positions
         set status = 'closed', exit_date = $2, exit_reason = $3, hold_days = $4,
             realized_return_pct = case when position_size_micros = 0 then 0.0 else
                 cast((select sum(realized_pnl_micros) from position_exits where position_id = $1) as double precision)
                 / position_size_micros end
         where id = $1 and status = 'open'",
        position,
        exit.date,
        exit.reason.as_str(),
        hold_days
    )?;
    expect_one(closed, "positions")
}

fn expect_one(rows: u64, what: &'static str) -> Result<(), StoreError> {
    if rows == 1 {
        return Ok(());
    }
    Err(StoreError::Unreadable {
        what,
        reason: format!("{rows} rows changed instead of one"),
    })
}

/// Notes the price an exit was made at as the last one seen, unless a newer one is known.
pub async fn note_price(tx: &mut Tx, position: i64, price: Micros, at: DateTime<Utc>) -> Result<(), StoreError> {
    execute!(
        tx,
        "update positions set last_price_micros = $2, last_priced_at = $3
         where id = $1 and (last_priced_at is null or last_priced_at <= $3)",
        position,
        price,
        at
    )?;
    Ok(())
}
