//! `price_history` as runs write it: one row per underlying and day, merged from what each run saw.

use chrono::{DateTime, Utc};

use super::{StoreError, session::Tx};
use crate::market::candle::DailyBar;

/// Adds what was seen of a day at `at`: the first open stays, high and low widen, the newest close wins.
pub async fn merge(tx: &mut Tx, ticker: &str, seen: &DailyBar, at: DateTime<Utc>) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into price_history (ticker, date, open_micros, high_micros, low_micros, close_micros, fetched_at)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (ticker, date) do update
         set high_micros = case when excluded.high_micros > price_history.high_micros
                                then excluded.high_micros else price_history.high_micros end,
             low_micros = case when excluded.low_micros < price_history.low_micros
                               then excluded.low_micros else price_history.low_micros end,
             close_micros = case when excluded.fetched_at >= price_history.fetched_at
                                 then excluded.close_micros else price_history.close_micros end,
             fetched_at = case when excluded.fetched_at >= price_history.fetched_at
                               then excluded.fetched_at else price_history.fetched_at end",
        ticker,
        seen.date,
        seen.open,
        seen.high,
        seen.low,
        seen.close,
        at
    )?;
    Ok(())
}
