//! Five-minute candles that add up to a given daily bar.
//!
//! A random walk is pinned to the bar's open and close (a bridge) and kept between its low and high; the candles at
//! the walk's highest and lowest point are stretched to touch them. So the first open, the last close, the highest
//! high and the lowest low of a day's candles are exactly its bar.

use chrono::{DateTime, Duration, Utc};

use super::path::{Bar, CENT, to_cent};
use super::random::{PPM, Stream};
use crate::market::calendar::Session;

/// Minutes in a candle.
const MINUTES: i64 = 5;

/// Five minutes of trading, in micro-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candle {
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// First trade.
    pub open: i64,
    /// Highest trade.
    pub high: i64,
    /// Lowest trade.
    pub low: i64,
    /// Last trade.
    pub close: i64,
    /// Shares traded.
    pub volume: i64,
}

impl Candle {
    /// The first instant after it.
    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        self.start + Duration::minutes(MINUTES)
    }
}

/// The candles of a session whose daily bar is `bar`.
pub(super) fn within(bar: Bar, session: Session, mut random: Stream) -> Vec<Candle> {
    let count = (session.close - session.open).num_minutes() / MINUTES;
    let path = bridge(bar, count, &mut random);
    let starts = (0..count).map(|number| session.open + Duration::minutes(MINUTES * number));
    let steps = path.iter().zip(path.iter().skip(1));
    let mut candles: Vec<Candle> = starts
        .zip(steps)
        .map(|(start, (&open, &close))| candle(bar, start, open, close, &mut random))
        .collect();
    if let Some(highest) = candles.iter_mut().max_by_key(|candle| candle.open.max(candle.close)) {
        highest.high = bar.high;
    }
    if let Some(lowest) = candles.iter_mut().min_by_key(|candle| candle.open.min(candle.close)) {
        lowest.low = bar.low;
    }
    candles
}

/// The last price at `instant` among the candles of a day: on the line from open to close inside a candle, the close
/// after the last one, `None` before the first one.
pub(super) fn price_at(candles: &[Candle], instant: DateTime<Utc>) -> Option<i64> {
    let current = candles.iter().rev().find(|candle| candle.start <= instant)?;
    let seconds = (instant - current.start).num_seconds().min(MINUTES * 60);
    let price = current.open + (current.close - current.open) * seconds / (MINUTES * 60);
    Some(price / CENT * CENT)
}

/// `count + 1` prices from the bar's open to its close.
fn bridge(bar: Bar, count: i64, random: &mut Stream) -> Vec<i64> {
    let step = (bar.high - bar.low) / 14;
    let mut walk = vec![0];
    let mut here = 0;
    for _ in 0..count {
        here += random.normal() * step / PPM;
        walk.push(here);
    }
    let line = |number: i64| bar.open + (bar.close - bar.open - here) * number / count.max(1);
    (0..)
        .zip(walk)
        .map(|(number, wandered)| to_cent(line(number) + wandered).clamp(bar.low, bar.high))
        .collect()
}

fn candle(bar: Bar, start: DateTime<Utc>, open: i64, close: i64, random: &mut Stream) -> Candle {
    let reach = (bar.high - bar.low) / CENT / 30 + 1;
    let mut wick = || random.between(0, reach) * CENT;
    let (above, below) = (wick(), wick());
    Candle {
        start,
        open,
        high: (open.max(close) + above).min(bar.high),
        low: (open.min(close) - below).max(bar.low),
        close,
        volume: random.between(8_000, 90_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::calendar::Calendar;
    use crate::sources::sample::market::Market;

    fn day(symbol: &str, date: &str) -> (Bar, Vec<Candle>) {
        let market = Market::new(1);
        let date = date.parse().unwrap();
        (market.bar(symbol, date).unwrap(), market.candles(symbol, date))
    }

    #[test]
    fn the_candles_of_a_day_add_up_to_its_bar() {
        for symbol in ["TSLA", "AMC", "BTC", "SPY", "^GSPC"] {
            for date in ["2026-01-05", "2026-02-10", "2026-03-09", "2026-07-06"] {
                let (bar, candles) = day(symbol, date);
                assert_eq!(candles.len(), 78);
                assert_eq!((candles[0].open, candles[77].close), (bar.open, bar.close));
                assert_eq!(candles.iter().map(|candle| candle.high).max(), Some(bar.high));
                assert_eq!(candles.iter().map(|candle| candle.low).min(), Some(bar.low));
                for candle in candles {
                    assert!(candle.low <= candle.open.min(candle.close));
                    assert!(candle.high >= candle.open.max(candle.close));
                }
            }
        }
    }

    #[test]
    fn candles_touch_each_other_and_fill_the_session() {
        let (_, candles) = day("AMD", "2026-01-05");
        assert!(
            candles
                .windows(2)
                .all(|pair| pair[0].close == pair[1].open && pair[0].end() == pair[1].start)
        );
        let session = Calendar::default().session("2026-01-05".parse().unwrap()).unwrap();
        assert_eq!((candles[0].start, candles[77].end()), (session.open, session.close));
    }

    #[test]
    fn a_shortened_day_has_forty_two_candles() {
        assert_eq!(day("AMD", "2026-11-27").1.len(), 42);
    }
}
