//! `price_history` as clients see it: closes by day, and filling in days nobody has watched.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    session::{Session, Tx},
};
use crate::market::{candle::DailyBar, money::Micros};

/// The last price of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct ClosePoint {
    /// The day.
    pub date: NaiveDate,
    /// Its last price.
    #[sqlx(rename = "close_micros")]
    pub close: Micros,
}

/// Closes of the days from `from` to `to`, both included, oldest first.
pub async fn closes(
    session: &mut impl Session,
    ticker: &str,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<ClosePoint>, StoreError> {
    query!(
        session,
        fetch_all,
        ClosePoint,
        "select date, close_micros from price_history where ticker = $1 and date between $2 and $3 order by date",
        ticker,
        from,
        to
    )
}

/// Adds the days that are not there; a day that runs have watched stays as they saw it.
pub async fn fill(tx: &mut Tx, ticker: &str, bars: &[DailyBar], fetched_at: DateTime<Utc>) -> Result<(), StoreError> {
    for bar in bars {
        execute!(
            tx,
            "insert into price_history (ticker, date, open_micros, high_micros, low_micros, close_micros, fetched_at)
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (ticker, date) do nothing",
            ticker,
            bar.date,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            fetched_at
        )?;
    }
    Ok(())
}

/// The market clock of the newest run of all subreddits.
pub async fn market_now(session: &mut impl Session) -> Result<Option<DateTime<Utc>>, StoreError> {
    let (at,) = query!(
        session,
        fetch_one,
        (Option<DateTime<Utc>>,),
        "select max(market_now) from analysis_runs where market_now is not null"
    )?;
    Ok(at)
}
