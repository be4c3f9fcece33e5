//! The prices of the sample world: one path of daily bars per instrument, the same for every subreddit.
//!
//! A path starts at [`MARKET_START`] and is walked anew for every question ([`super::path`]); that takes microseconds,
//! and nothing is kept that could disagree. Prices are whole micro-dollars, rounded to cents.
//!
//! The comments of a day ask what comes next; the market sources serve quotes, candles and daily bars from here.

use chrono::{DateTime, NaiveDate, Utc};

use super::candles::{self, Candle};
use super::instruments::Instrument;
use super::path::{Bar, Path, to_cent};
use super::random::Stream;
use crate::market::calendar::{Calendar, eastern_day};

/// The first day with prices, a trading day; a year of history lies before the first comments.
pub const MARKET_START: NaiveDate = match NaiveDate::from_ymd_opt(2025, 1, 2) {
    Some(day) => day,
    None => panic!("2025-01-02 is a day"),
};

/// The market of a seed.
#[derive(Debug, Clone)]
pub struct Market {
    root: Stream,
    calendar: Calendar,
}

impl Market {
    /// The market of `seed`, trading on the exchange's regular days.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            root: Stream::new(seed).named("market"),
            calendar: Calendar::default(),
        }
    }

    /// The days on which it trades.
    #[must_use]
    pub const fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The daily bars from [`MARKET_START`] to `until`, both included; empty for an unknown symbol.
    #[must_use]
    pub fn bars(&self, symbol: &str, until: NaiveDate) -> Vec<(NaiveDate, Bar)> {
        // The fund is a tenth of the index, to the cent.
        let (walked, share) = if symbol == "SPY" { ("^GSPC", 10) } else { (symbol, 1) };
        let Some(instrument) = Instrument::find(walked) else {
            return Vec::new();
        };
        let days = MARKET_START.iter_days().take_while(|day| *day <= until);
        let bars = Path::new(&self.root, instrument).map(|bar| bar.map(|price| to_cent(price / share)));
        days.filter(|day| self.calendar.is_trading_day(*day))
            .zip(bars)
            .collect()
    }

    /// The bar of one trading day; `None` before the start, on other days and for an unknown symbol.
    #[must_use]
    pub fn bar(&self, symbol: &str, day: NaiveDate) -> Option<Bar> {
        let (last, bar) = self.bars(symbol, day).pop()?;
        (last == day).then_some(bar)
    }

    /// The five-minute candles of one trading day, oldest first; empty where [`Self::bar`] is `None`.
    #[must_use]
    pub fn candles(&self, symbol: &str, day: NaiveDate) -> Vec<Candle> {
        let (Some(bar), Some(session)) = (self.bar(symbol, day), self.calendar.session(day)) else {
            return Vec::new();
        };
        candles::within(
            bar,
            session,
            self.root.named("candles").named(symbol).named(&day.to_string()),
        )
    }

    /// The last price at `instant`; `None` before the first session and for an unknown symbol.
    #[must_use]
    pub fn price(&self, symbol: &str, instant: DateTime<Utc>) -> Option<i64> {
        let day = eastern_day(instant);
        candles::price_at(&self.candles(symbol, day), instant).or_else(|| {
            let (_, before) = self.bars(symbol, self.calendar.previous_trading_day(day)).pop()?;
            Some(before.close)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::sample::path::CENT;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_fund_follows_the_index() {
        let market = Market::new(1);
        let day = date("2026-02-02");
        let (fund, index) = (market.bar("SPY", day).unwrap(), market.bar("^GSPC", day).unwrap());
        assert!((fund.close * 10 - index.close).abs() <= 5 * CENT);
    }

    #[test]
    fn there_is_no_bar_where_there_is_no_trading() {
        let market = Market::new(1);
        assert!(market.bar("TSLA", date("2026-01-03")).is_none());
        assert!(market.bar("TSLA", date("2024-12-31")).is_none());
        assert!(market.bar("XYZ", date("2026-01-05")).is_none());
    }

    #[test]
    fn a_price_at_night_is_the_last_close() {
        let market = Market::new(1);
        let close = market.bar("NVDA", date("2026-01-09")).unwrap().close;
        assert_eq!(
            market.price("NVDA", "2026-01-12T14:29:59Z".parse().unwrap()),
            Some(close)
        );
        let open = market.bar("NVDA", date("2026-01-12")).unwrap().open;
        assert_eq!(
            market.price("NVDA", "2026-01-12T14:30:00Z".parse().unwrap()),
            Some(open)
        );
        assert_eq!(market.price("NVDA", "2024-12-01T00:00:00Z".parse().unwrap()), None);
    }

    #[test]
    fn seeds_make_different_markets() {
        let day = date("2026-01-05");
        assert_ne!(Market::new(1).bar("TSLA", day), Market::new(2).bar("TSLA", day));
    }
}
