//! `portfolios` and `portfolio_values`: the four of every subreddit, what they are worth, and what they were worth.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    session::{Session, Tx},
};
use crate::{market::money::Micros, run::ids::RunId};

/// What every portfolio starts with.
pub const STARTING_CAPITAL: Micros = Micros::from_dollars(100_000);

/// Name, instrument and signal type of the four.
const FOUR: [(&str, &str, &str); 4] = [
    ("stocks_quality", "stock", "quality"),
    ("stocks_consensus", "stock", "consensus"),
    ("options_quality", "option", "quality"),
    ("options_consensus", "option", "consensus"),
];

/// A portfolio, as stored.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
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
    /// What it began with.
    #[sqlx(rename = "starting_capital_micros")]
    pub starting_capital: Micros,
    /// Cash and open positions at their last prices, when it was last valued.
    #[sqlx(rename = "current_value_micros")]
    pub current_value: Micros,
    /// Cash.
    #[sqlx(rename = "cash_available_micros")]
    pub cash_available: Micros,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last valued, on the market clock.
    pub last_valued_at: Option<DateTime<Utc>>,
    /// Positions it holds.
    pub open_position_count: i64,
}

/// Every portfolio, or those of one subreddit, in the order they were opened.
pub async fn list(session: &mut impl Session, subreddit: Option<&str>) -> Result<Vec<Portfolio>, StoreError> {
    query!(
        session,
        fetch_all,
        Portfolio,
        "select f.*, (select count(*) from positions as p where p.portfolio_id = f.id and p.status = 'open')
                     as open_position_count
         from portfolios as f where ($1 is null or f.subreddit = $1) order by f.id",
        subreddit
    )
}

/// The portfolio with that key.
pub async fn find(session: &mut impl Session, id: i64) -> Result<Option<Portfolio>, StoreError> {
    query!(
        session,
        fetch_optional,
        Portfolio,
        "select f.*, (select count(*) from positions as p where p.portfolio_id = f.id and p.status = 'open')
                     as open_position_count
         from portfolios as f where f.id = $1",
        id
    )
}

/// Gives a subreddit its four portfolios, unless it has them. Those that came with the schema begin with the first run.
pub async fn ensure_four(tx: &mut Tx, subreddit: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    execute!(
        tx,
        "update portfolios set created_at = $2
         where subreddit = $1 and not exists (select 1 from portfolio_values as v where v.portfolio_id = portfolios.id)
           and not exists (select 1 from positions as p where p.portfolio_id = portfolios.id)",
        subreddit,
        now
    )?;
    for (name, instrument, signal) in FOUR {
        execute!(
            tx,
            "insert into portfolios (subreddit, name, instrument_type, signal_type, starting_capital_micros,
                                     current_value_micros, cash_available_micros, created_at)
             values ($1, $2, $3, $4, $5, $5, $5, $6) on conflict (subreddit, name) do nothing",
            subreddit,
            name,
            instrument,
            signal,
            STARTING_CAPITAL,
            now
        )?;
    }
    Ok(())
}

/// Values a portfolio: its cash and its open positions at their last prices. Yields the value, `None` when it is
/// unknown.
pub async fn revalue(tx: &mut Tx, portfolio: i64, at: DateTime<Utc>) -> Result<Option<Micros>, StoreError> {
    let row = query!(
        tx,
        fetch_optional,
        (Micros,),
        "update portfolios
         set current_value_micros = cash_available_micros + (
                 select cast(coalesce(sum(coalesce(last_price_micros, entry_price_micros)
                                          * coalesce(shares_remaining, contracts_remaining * 100)), 0) as bigint)
                 from positions where portfolio_id = $1 and status = 'open'),
             last_valued_at = $2
         where id = $1 returning current_value_micros",
        portfolio,
        at
    )?;
    Ok(row.map(|(value,)| value))
}

/// Notes what the portfolios of a subreddit are worth after a run; a repeat overwrites.
pub async fn record_values(tx: &mut Tx, run: RunId, subreddit: &str) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into portfolio_values (run_id, portfolio_id, value_micros, cash_micros)
         select $1, id, current_value_micros, cash_available_micros from portfolios where subreddit = $2
         on conflict (run_id, portfolio_id) do update
         set value_micros = excluded.value_micros, cash_micros = excluded.cash_micros",
        run,
        subreddit
    )?;
    Ok(())
}

/// What a portfolio was worth after a run.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct PortfolioPoint {
    /// The run.
    pub run_id: RunId,
    /// Its market clock.
    pub market_now: DateTime<Utc>,
    /// Cash and positions.
    #[sqlx(rename = "value_micros")]
    pub value: Micros,
    /// Cash.
    #[sqlx(rename = "cash_micros")]
    pub cash: Micros,
}

/// What a portfolio was worth after every run, oldest first.
pub async fn history(session: &mut impl Session, portfolio: i64) -> Result<Vec<PortfolioPoint>, StoreError> {
    query!(
        session,
        fetch_all,
        PortfolioPoint,
        "select v.run_id, coalesce(r.market_now, r.queued_at) as market_now, v.value_micros, v.cash_micros
         from portfolio_values as v join analysis_runs as r on r.id = v.run_id
         where v.portfolio_id = $1 order by 2, v.run_id",
        portfolio
    )
}
