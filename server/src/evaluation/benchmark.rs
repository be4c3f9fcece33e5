//! The return of the S&P 500 over a span of days, kept for a quarter of an hour.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use shared::market::candle::DailyBar;

use crate::percent::percent;
use crate::prices::sources::Prices;

/// The index, as the source of daily bars calls it.
const INDEX: &str = "^GSPC";
/// How long a return is shown again.
const KEPT: Duration = Duration::from_mins(15);
/// Days before the first one within which there is a trading day.
const BEFORE: TimeDelta = TimeDelta::days(10);

/// Returns that were computed a while ago. They are facts of the market, not of the database.
#[derive(Debug, Default)]
pub struct Benchmark(Mutex<HashMap<(NaiveDate, NaiveDate), (Instant, f64)>>);

impl Benchmark {
    /// Percent from the close of `start` to that of `end`, each or the nearest trading day before; `None` when the
    /// bars cannot be had.
    pub async fn return_pct(
        &self,
        prices: &Prices,
        (start, end): (NaiveDate, NaiveDate),
        now: DateTime<Utc>,
    ) -> Option<f64> {
        let asked_at = Instant::now();
        if let Some(known) = self.known((start, end), asked_at) {
            return Some(known);
        }
        let bars = prices.bars(INDEX, start - BEFORE, end, now).await.ok()??;
        let found = between(&bars, start, end)?;
        self.lock().insert((start, end), (asked_at, found));
        Some(found)
    }

    fn known(&self, span: (NaiveDate, NaiveDate), now: Instant) -> Option<f64> {
        let mut known = self.lock();
        known.retain(|_, (since, _)| now.duration_since(*since) < KEPT);
        known.get(&span).map(|(_, value)| *value)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(NaiveDate, NaiveDate), (Instant, f64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn between(bars: &[DailyBar], start: NaiveDate, end: NaiveDate) -> Option<f64> {
    let close = |day| Some(bars.iter().rfind(|bar| bar.date <= day)?.close);
    let (first, last) = (close(start)?, close(end)?);
    percent(last - first, first)
}

#[cfg(test)]
mod tests {
    use shared::market::money::Micros;

    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, day).expect("a day")
    }

    #[test]
    fn a_day_without_trading_takes_the_close_before_it() {
        let bar = |date, close| DailyBar {
            date,
            open: Micros(1),
            high: Micros(1),
            low: Micros(1),
            close: Micros::from_dollars(close),
        };
        let bars = [bar(day(2), 4000), bar(day(5), 4100), bar(day(9), 4200)];
        assert_eq!(between(&bars, day(4), day(11)), Some(5.0));
        assert_eq!(between(&bars, day(2), day(5)), Some(2.5));
        assert_eq!(between(&bars, day(1), day(5)), None);
    }

    #[test]
    fn a_return_is_forgotten_after_a_quarter_of_an_hour() {
        let (benchmark, span, now) = (Benchmark::default(), (day(2), day(5)), Instant::now());
        benchmark.lock().insert(span, (now, 2.5));
        assert_eq!(benchmark.known(span, now + KEPT / 2), Some(2.5));
        assert_eq!(benchmark.known(span, now + KEPT), None);
    }
}
