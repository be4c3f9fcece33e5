//! What goes wrong in the sample's market, so that daily runs meet every kind of failure without waiting for one.
//!
//! A pure function of (seed, symbol, trading day): an outage lasts a day at least, and asking again does not help.
//! Days are counted from [`FIRST_DAY`]; there is no trouble before it. Of a day of one symbol
//!
//! * in 10 of 100 quote and candles of the stock are an outage, which leaves the daily bar; in a third of these the
//!   daily bar is missing too;
//! * in 7 of 100 there are no five-minute candles, without an error, so that the daily bar stands in for them;
//! * in 6 of 100 the option chain is an outage;
//! * in 8 of 100 no contract has a quote. Besides, one in five periods of 25 days have a long outage of 9 to 12
//!   trading days in a row, about two weeks, over which a held contract comes close to its expiration or passes it.
//!
//! The index has no trouble. Prices are not touched here; see [`super::dips`].

use chrono::NaiveDate;

use super::random::Stream;
use super::world::FIRST_DAY;
use crate::market::calendar::Calendar;

/// Days in 100 on which a stock has neither quote nor candles.
const STOCK_OUT: u64 = 10;
/// Of three such days, those on which its daily bar is missing too.
const BAR_MISSING: u64 = 1;
/// Days in 100 without candles.
const CANDLES_MISSING: u64 = 7;
/// Days in 100 on which the chain is out.
const CHAIN_OUT: u64 = 6;
/// Days in 100 on which the contracts of an underlying have no quotes.
const OPTIONS_OUT: u64 = 8;
/// Trading days in a period that may have a long outage.
const PERIOD: u64 = 25;
/// Periods in 100 that have one.
const LONG_OUTAGES: u64 = 20;

/// The planted trouble of a seed.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    root: Stream,
    calendar: Calendar,
}

impl Trouble {
    /// The trouble of `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            root: Stream::new(seed).named("trouble"),
            calendar: Calendar::default(),
        }
    }

    /// Whether quote and candles of the stock are out.
    pub(super) fn stock_out(&self, symbol: &str, day: NaiveDate) -> bool {
        self.strikes("stock", symbol, day, STOCK_OUT)
    }

    /// Whether the daily bar is missing; only when the stock is out.
    pub(super) fn bar_missing(&self, symbol: &str, day: NaiveDate) -> bool {
        let drawn = |number| self.draws("bar", symbol, number).below(3) < BAR_MISSING;
        self.stock_out(symbol, day) && self.number(day).is_some_and(drawn)
    }

    /// Whether there are no five-minute candles, without an error.
    pub(super) fn candles_missing(&self, symbol: &str, day: NaiveDate) -> bool {
        self.strikes("candles", symbol, day, CANDLES_MISSING)
    }

    /// Whether the chain is out.
    pub(super) fn chain_out(&self, symbol: &str, day: NaiveDate) -> bool {
        self.strikes("chain", symbol, day, CHAIN_OUT)
    }

    /// Whether the contracts on the symbol have no quotes, for a day or for long.
    pub(super) fn options_out(&self, symbol: &str, day: NaiveDate) -> bool {
        self.strikes("options", symbol, day, OPTIONS_OUT)
            || self.number(day).is_some_and(|number| self.long_outage(symbol, number))
    }

    fn long_outage(&self, symbol: &str, number: u64) -> bool {
        let mut draws = self.draws("long", symbol, number / PERIOD);
        let happens = draws.chance(LONG_OUTAGES);
        let (start, length) = (draws.below(13), 9 + draws.below(4));
        happens && (start..start + length).contains(&(number % PERIOD))
    }

    fn strikes(&self, kind: &str, symbol: &str, day: NaiveDate, percent: u64) -> bool {
        self.number(day)
            .is_some_and(|number| self.draws(kind, symbol, number).chance(percent))
    }

    fn draws(&self, kind: &str, symbol: &str, number: u64) -> Stream {
        self.root.named(kind).named(symbol).numbered(number)
    }

    /// Trading days from the first to `day`; `None` before the first and on other days.
    fn number(&self, day: NaiveDate) -> Option<u64> {
        let counts = day >= FIRST_DAY && self.calendar.is_trading_day(day);
        let before = || FIRST_DAY.iter_days().take_while(|earlier| *earlier < day);
        counts.then(|| {
            before()
                .filter(|earlier| self.calendar.is_trading_day(*earlier))
                .count() as u64
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::sample::INSTRUMENTS;

    fn days(count: usize) -> Vec<NaiveDate> {
        let calendar = Calendar::default();
        let days = FIRST_DAY.iter_days();
        days.filter(|day| calendar.is_trading_day(*day)).take(count).collect()
    }

    /// On how many of the first days and symbols it happens.
    fn count(days: &[NaiveDate], happens: impl Fn(&str, NaiveDate) -> bool) -> usize {
        let listed = INSTRUMENTS.iter().filter(|instrument| instrument.has_options());
        listed
            .flat_map(|instrument| days.iter().map(move |day| (instrument.symbol, *day)))
            .filter(|(symbol, day)| happens(symbol, *day))
            .count()
    }

    #[test]
    fn ten_days_have_every_kind_of_trouble_more_than_once() {
        let (trouble, days) = (Trouble::new(1), days(10));
        assert!(count(&days, |symbol, day| trouble.stock_out(symbol, day)) >= 5);
        assert!(count(&days, |symbol, day| trouble.bar_missing(symbol, day)) >= 2);
        assert!(count(&days, |symbol, day| trouble.candles_missing(symbol, day)) >= 5);
        assert!(count(&days, |symbol, day| trouble.chain_out(symbol, day)) >= 5);
        assert!(count(&days, |symbol, day| trouble.options_out(symbol, day)) >= 5);
    }

    #[test]
    fn most_days_are_fine() {
        let (trouble, days) = (Trouble::new(1), days(40));
        let all = count(&days, |_, _| true);
        assert!(count(&days, |symbol, day| trouble.stock_out(symbol, day)) * 6 < all);
        assert!(count(&days, |symbol, day| trouble.options_out(symbol, day)) * 3 < all);
    }

    #[test]
    fn some_outages_of_options_last_about_two_weeks() {
        let (trouble, days) = (Trouble::new(1), days(40));
        let long = |symbol: &str| {
            let out: Vec<bool> = days.iter().map(|day| trouble.options_out(symbol, *day)).collect();
            out.windows(9).any(|span| span.iter().all(|out| *out))
        };
        let symbols: Vec<_> = INSTRUMENTS
            .iter()
            .filter(|one| one.has_options() && long(one.symbol))
            .collect();
        assert!(symbols.len() >= 3, "{symbols:?}");
    }

    #[test]
    fn a_daily_bar_is_missing_only_when_the_stock_is_out() {
        let trouble = Trouble::new(1);
        assert_eq!(
            count(&days(40), |symbol, day| trouble.bar_missing(symbol, day)
                && !trouble.stock_out(symbol, day)),
            0
        );
    }

    #[test]
    fn there_is_no_trouble_before_the_first_day_and_on_days_off() {
        let trouble = Trouble::new(1);
        let mut day = FIRST_DAY - chrono::Days::new(200);
        while day < FIRST_DAY {
            assert!(!trouble.stock_out("TSLA", day) && !trouble.options_out("TSLA", day));
            day = day + chrono::Days::new(1);
        }
        assert_eq!(trouble.number("2026-01-10".parse().unwrap()), None);
        assert_eq!(trouble.number("2026-01-12".parse().unwrap()), Some(5));
    }
}
