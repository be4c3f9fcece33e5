//! What of an answer may be seen at an instant, the same for every offline source.
//!
//! A five-minute candle is seen when it has ended, a day's bar after that day's close. Called by the sample and by
//! recorded folders, whose documents hold whole days.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::market::{MarketError, OFFLINE_ATTEMPTS};
use super::wire::WireError;
use crate::market::{
    calendar::{Calendar, eastern_day},
    candle::{Candle, DailyBar, Quote},
    option::Chain,
};

/// A symbol and what its entry said.
type Read<'a> = (&'a str, Result<Option<Quote>, WireError>);

/// The quotes of a batch: without unknown symbols, and failed as a whole when one of them is an outage.
pub(super) fn quotes<'a>(read: impl Iterator<Item = Read<'a>>) -> Result<HashMap<String, Quote>, MarketError> {
    let mut quotes = HashMap::new();
    for (symbol, quote) in read {
        match quote.map_err(|error| error.about(symbol, OFFLINE_ATTEMPTS)) {
            Ok(Some(quote)) => {
                quotes.insert(symbol.to_owned(), quote);
            }
            Ok(None) | Err(MarketError::Unknown(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(quotes)
}

/// The candles of one Eastern day that have ended by `now`.
pub(super) fn candles(mut candles: Vec<Candle>, day: NaiveDate, now: DateTime<Utc>) -> Vec<Candle> {
    candles.retain(|candle| eastern_day(candle.start) == day && candle.end() <= now);
    candles
}

/// The chain with the expirations from `from` to `to`, both included.
pub(super) fn expirations(mut chain: Chain, from: NaiveDate, to: NaiveDate) -> Chain {
    chain
        .contracts
        .retain(|contract| (from..=to).contains(&contract.expiration));
    chain
}

/// The bars from `from` to `to`, both included, whose day has closed by `now`.
pub(super) fn bars(
    calendar: &Calendar,
    mut bars: Vec<DailyBar>,
    from: NaiveDate,
    to: NaiveDate,
    now: DateTime<Utc>,
) -> Vec<DailyBar> {
    let closed = |day| {
        calendar
            .session(day)
            .map_or_else(|| day < eastern_day(now), |session| session.close <= now)
    };
    bars.retain(|bar| (from..=to).contains(&bar.date) && closed(bar.date));
    bars
}
