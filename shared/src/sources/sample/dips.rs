//! Five minutes in which a price falls to where it came from, and is back.
//!
//! The natural path hardly ever closes a position at its entry price: that takes a stock that has risen by five
//! percent within a week and gives it all back in a day or two. So on some days after 11:00 a stock that stands five
//! to ten percent above its price of five or six days before trades below that price within a single candle. The
//! candle's open and close stay what they are, and with them the price at every instant and every closing price: only
//! its low, and that of the day, are lower.
//!
//! A pure function of (seed, symbol, day). Coins and the index have none.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};

use super::market::Market;
use super::path::to_cent;
use super::post::cutoff;
use super::random::Stream;
use super::world::FIRST_DAY;

/// Days in 100 that have a dip when the price has risen enough.
const HAPPENS: u64 = 60;
/// How long a position has been held when it is looked at, in calendar days.
const HELD: [u64; 2] = [5, 6];
/// What the rise is, in percent of the price it started from.
const RISE: std::ops::RangeInclusive<i64> = 5..=10;

/// A price that is traded at for a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dip {
    /// A moment of the candle.
    pub(super) at: DateTime<Utc>,
    /// The price, in micro-dollars.
    pub(super) low: i64,
}

/// The dips of a seed.
#[derive(Debug, Clone)]
pub(super) struct Dips {
    root: Stream,
}

impl Dips {
    /// The dips of `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            root: Stream::new(seed).named("dips"),
        }
    }

    /// The dip of a stock on a trading day.
    pub(super) fn on(&self, market: &Market, symbol: &str, day: NaiveDate) -> Option<Dip> {
        let number = u64::try_from((day - FIRST_DAY).num_days()).ok()?;
        let mut random = self.root.named(symbol).numbered(number);
        let close = market.calendar().session(day)?.close;
        if !random.chance(HAPPENS) {
            return None;
        }
        let start = cutoff(day) + Duration::minutes(30);
        let minutes = (close - start).num_minutes() - 30;
        let at = start + Duration::minutes(random.between(0, minutes.max(0)));
        let now = market.price(symbol, cutoff(day))?;
        let before = HELD.iter().filter_map(|held| {
            let bought = day.checked_sub_days(Days::new(*held))?;
            let traded = bought >= FIRST_DAY && market.calendar().is_trading_day(bought);
            market.price(symbol, cutoff(bought)).filter(|_| traded)
        });
        let risen = before.filter(|before| RISE.contains(&((now - before) / (before / 100).max(1))));
        Some(Dip {
            at,
            low: to_cent(risen.min()? / 1_000 * 995),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::sample::{INSTRUMENTS, Role, SAMPLE_SEED};

    #[test]
    fn dips_come_after_eleven_and_reach_below_a_price_of_last_week() {
        let (market, dips) = (Market::new(SAMPLE_SEED), Dips::new(SAMPLE_SEED));
        let popular = INSTRUMENTS.iter().filter(|instrument| instrument.role == Role::Popular);
        let mut seen = 0;
        for (instrument, day) in popular.flat_map(|one| FIRST_DAY.iter_days().take(28).map(move |day| (one, day))) {
            let Some(dip) = dips.on(&market, instrument.symbol, day) else {
                continue;
            };
            let now = market.price(instrument.symbol, cutoff(day)).unwrap();
            let session = market.calendar().session(day).unwrap();
            assert!(dip.low < now * 96 / 100 && dip.low > now * 88 / 100);
            assert!((cutoff(day)..session.close).contains(&dip.at));
            seen += 1;
        }
        assert!((5..60).contains(&seen), "{seen}");
    }

    #[test]
    fn days_off_and_the_time_before_the_first_day_have_none() {
        let (market, dips) = (Market::new(SAMPLE_SEED), Dips::new(SAMPLE_SEED));
        for day in ["2025-12-01", "2026-01-10", "2026-01-05"] {
            assert_eq!(dips.on(&market, "TSLA", day.parse().unwrap()), None);
        }
    }
}
