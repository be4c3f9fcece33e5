//! Reads of positions for clients: lists, one position, and the exits of either. Reads only.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{StoreError, session::Session};
use crate::{market::money::Micros, run::ids::RunId};

/// A position, as stored; what belongs to the other instrument is `None`.
#[derive(Debug, Clone, FromRow)]
pub struct PositionRow {
    /// Key.
    pub id: i64,
    /// Subreddit of its portfolio.
    pub subreddit: String,
    /// Portfolio that holds it.
    pub portfolio_id: i64,
    /// Signal it was opened on.
    pub signal_id: i64,
    /// Run that opened it.
    pub run_id: RunId,
    /// Symbol of the underlying.
    pub ticker: String,
    /// `stock` or `option`.
    pub instrument_type: String,
    /// `quality` or `consensus`.
    pub signal_type: String,
    /// `long`, `call` or `put`.
    pub direction: String,
    /// Confidence of its signal.
    pub confidence: f64,
    /// What it cost.
    #[sqlx(rename = "position_size_micros")]
    pub position_size: Micros,
    /// US/Eastern day.
    pub entry_date: NaiveDate,
    /// Price per share, or premium per share of the contract.
    #[sqlx(rename = "entry_price_micros")]
    pub entry_price: Micros,
    /// When it was opened, on the market clock.
    pub opened_at: DateTime<Utc>,
    /// `open` or `closed`.
    pub status: String,
    /// Shares bought.
    pub shares: Option<i64>,
    /// Shares still held.
    pub shares_remaining: Option<i64>,
    /// The stop.
    #[sqlx(rename = "stop_loss_price_micros")]
    pub stop_loss_price: Option<Micros>,
    /// The target.
    #[sqlx(rename = "take_profit_price_micros")]
    pub take_profit_price: Option<Micros>,
    /// Highest price since it was opened.
    #[sqlx(rename = "peak_price_micros")]
    pub peak_price: Option<Micros>,
    /// Whether the target was touched.
    pub trailing_stop_active: bool,
    /// `base`, `extended` or `trailing`.
    pub time_extension: String,
    /// `call` or `put`.
    pub option_type: Option<String>,
    /// Strike price.
    #[sqlx(rename = "strike_price_micros")]
    pub strike_price: Option<Micros>,
    /// Last day of the contract.
    pub expiration_date: Option<NaiveDate>,
    /// Symbol of the contract.
    pub contract_symbol: Option<String>,
    /// Contracts bought.
    pub contracts: Option<i64>,
    /// Contracts still held.
    pub contracts_remaining: Option<i64>,
    /// What the contracts cost.
    #[sqlx(rename = "premium_paid_micros")]
    pub premium_paid: Option<Micros>,
    /// Highest premium since it was opened.
    #[sqlx(rename = "peak_premium_micros")]
    pub peak_premium: Option<Micros>,
    /// Price of the underlying when it was opened.
    #[sqlx(rename = "underlying_price_at_entry_micros")]
    pub underlying_price_at_entry: Option<Micros>,
    /// Last seen price; for options the premium.
    #[sqlx(rename = "last_price_micros")]
    pub last_price: Option<Micros>,
    /// When that was seen.
    pub last_priced_at: Option<DateTime<Utc>>,
    /// How far monitoring has looked.
    pub last_checked_at: Option<DateTime<Utc>>,
    /// Run that looked.
    pub last_checked_run_id: Option<RunId>,
    /// US/Eastern day of the last exit, once closed.
    pub exit_date: Option<NaiveDate>,
    /// Reason of the last exit, once closed.
    pub exit_reason: Option<String>,
    /// Days held, once closed.
    pub hold_days: Option<i64>,
    /// Fraction of what it cost, once closed.
    pub realized_return_pct: Option<f64>,
}

impl PositionRow {
    /// Whether units of it are still held.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status == "open"
    }

    /// Whether it consists of shares, not of contracts.
    #[must_use]
    pub fn is_stock(&self) -> bool {
        self.instrument_type == "stock"
    }

    /// Shares or contracts still held.
    #[must_use]
    pub fn remaining(&self) -> i64 {
        self.shares_remaining.or(self.contracts_remaining).unwrap_or(0)
    }
}

/// An exit, as stored.
#[derive(Debug, Clone, FromRow)]
pub struct ExitRow {
    /// Key.
    pub id: i64,
    /// The position that was left.
    pub position_id: i64,
    /// Run that decided it; `None` for a manual close.
    pub run_id: Option<RunId>,
    /// US/Eastern day.
    pub exit_date: NaiveDate,
    /// Price per share, or premium per share of the contract.
    #[sqlx(rename = "exit_price_micros")]
    pub exit_price: Micros,
    /// Why.
    pub exit_reason: String,
    /// Fraction of the units held before.
    pub quantity_pct: f64,
    /// Shares sold.
    pub shares_exited: Option<i64>,
    /// Contracts sold.
    pub contracts_exited: Option<i64>,
    /// Profit or loss.
    #[sqlx(rename = "realized_pnl_micros")]
    pub realized_pnl: Micros,
    /// Time of the candle or the quote.
    pub triggered_at: DateTime<Utc>,
    /// When it was booked, on the market clock.
    pub created_at: DateTime<Utc>,
    /// What the one who closed it wrote.
    pub notes: Option<String>,
}

/// Which positions a list shows.
#[derive(Debug, Clone, Default)]
pub struct PositionFilter {
    /// Only this subreddit.
    pub subreddit: Option<String>,
    /// Only this portfolio.
    pub portfolio_id: Option<i64>,
    /// Only `open` or `closed` ones.
    pub status: Option<String>,
    /// Only this ticker.
    pub ticker: Option<String>,
    /// Only `stock` or `option`.
    pub instrument_type: Option<String>,
    /// Only `quality` or `consensus`.
    pub signal_type: Option<String>,
    /// Rows of the page; -1 for all.
    pub limit: i64,
    /// Rows before the page.
    pub offset: i64,
}

/// Runs a query whose text ends after the filter, in `$1` to `$6`, with `$7` and `$8` as the window of the page.
macro_rules! filtered {
    ($session:expr, $fetch:ident, $row:ty, $filter:expr, $head:literal, $tail:literal $(, $bind:expr)*) => {
        query!(
            $session,
            $fetch,
            $row,
            concat!(
                $head,
                " from positions as p join portfolios as f on f.id = p.portfolio_id
                 where ($1 is null or f.subreddit = $1) and ($2 is null or p.portfolio_id = $2)
                   and ($3 is null or p.status = $3) and ($4 is null or p.ticker = $4)
                   and ($5 is null or p.instrument_type = $5) and ($6 is null or p.signal_type = $6)",
                $tail
            ),
            &$filter.subreddit,
            $filter.portfolio_id,
            &$filter.status,
            &$filter.ticker,
            &$filter.instrument_type,
            &$filter.signal_type
            $(, $bind)*
        )
    };
}

/// A page of positions, newest entry first, and how many there are in all.
pub async fn list(session: &mut impl Session, filter: &PositionFilter) -> Result<(Vec<PositionRow>, i64), StoreError> {
    let (total,) = filtered!(session, fetch_one, (i64,), filter, "select count(*)", "")?;
    let rows = filtered!(
        session,
        fetch_all,
        PositionRow,
        filter,
        "select p.*, f.subreddit",
        " order by p.entry_date desc, p.id desc limit $7 offset $8",
        filter.limit,
        filter.offset
    )?;
    Ok((rows, total))
}

/// The exits of every position of that page, oldest first.
pub async fn exits_of_page(session: &mut impl Session, filter: &PositionFilter) -> Result<Vec<ExitRow>, StoreError> {
    filtered!(
        session,
        fetch_all,
        ExitRow,
        filter,
        "select e.* from position_exits as e where e.position_id in (select id from (select p.id",
        " order by p.entry_date desc, p.id desc limit $7 offset $8) as page) order by e.id",
        filter.limit,
        filter.offset
    )
}

/// The position with that key.
pub async fn find(session: &mut impl Session, id: i64) -> Result<Option<PositionRow>, StoreError> {
    query!(
        session,
        fetch_optional,
        PositionRow,
        "select p.*, f.subreddit from positions as p join portfolios as f on f.id = p.portfolio_id where p.id = $1",
        id
    )
}

/// The exits of one position, oldest first.
pub async fn exits_of(session: &mut impl Session, position: i64) -> Result<Vec<ExitRow>, StoreError> {
    query!(
        session,
        fetch_all,
        ExitRow,
        "select * from position_exits where position_id = $1 order by id",
        position
    )
}
