//! The closes of the S&P 500 at both ends of a span of days, kept for a quarter of an hour.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use shared::market::calendar::eastern_day;
use shared::market::evaluation::{Period, index_closes};
use shared::market::money::Micros;

use crate::prices::sources::Prices;

/// The index, as the source of daily bars calls it.
const INDEX: &str = "^GSPC";
/// How long closes are shown again.
const KEPT: Duration = Duration::from_mins(15);
/// Days before the first one within which there is a trading day.
const BEFORE: TimeDelta = TimeDelta::days(10);

/// Two days, and the closes that count for them.
type Known = HashMap<(NaiveDate, NaiveDate), (Instant, (Micros, Micros))>;

/// Closes that were asked for a while ago. They are facts of the market, not of the database.
#[derive(Debug, Default)]
pub struct Benchmark(Mutex<Known>);

impl Benchmark {
    /// The closes that count for the start of `period` and for its end or today; `None` when they cannot be had.
    pub async fn closes(&self, prices: &Prices, period: Period, now: DateTime<Utc>) -> Option<(Micros, Micros)> {
        let (asked_at, today) = (Instant::now(), eastern_day(now));
        let last = period.end.min(today);
        let span = (period.start, last);
        if let Some(known) = self.known(span, asked_at) {
            return Some(known);
        }
        let bars = prices.bars(INDEX, period.start - BEFORE, last, now).await.ok()??;
        let found = index_closes(&bars, period, today)?;
        self.lock().insert(span, (asked_at, found));
        Some(found)
    }

    fn known(&self, span: (NaiveDate, NaiveDate), now: Instant) -> Option<(Micros, Micros)> {
        let mut known = self.lock();
        known.retain(|_, (since, _)| now.duration_since(*since) < KEPT);
        known.get(&span).map(|(_, value)| *value)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, day).expect("a day")
    }

    #[test]
    fn closes_are_forgotten_after_a_quarter_of_an_hour() {
        let (benchmark, span, now) = (Benchmark::default(), (day(2), day(5)), Instant::now());
        let closes = (Micros(4), Micros(5));
        benchmark.lock().insert(span, (now, closes));
        assert_eq!(benchmark.known(span, now + KEPT / 2), Some(closes));
        assert_eq!(benchmark.known(span, now + KEPT), None);
    }
}
