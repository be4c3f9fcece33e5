//! Shares: what has become known of a stock since the last look, and what follows for those who hold it.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate, NaiveTime};
use shared::market::{
    calendar::{Calendar, eastern_day, eastern_instant},
    candle::{Candle, DailyBar, Quote},
    exit::Checked,
    money::Micros,
    stock_exits::check_stock,
    stock_holding::{StockExitRules, StockHolding},
    timeline::{Bar, timeline},
};

use super::feed::{Feed, Out};

/// Prices of a stock.
#[derive(Debug, Default)]
pub(super) struct StockPrices {
    /// At now, else the close of today's bar; `None`: the stock is skipped.
    pub(super) quote: Option<Quote>,
    candles: Vec<Candle>,
    bars: Vec<DailyBar>,
    /// Today's candles were out: nobody has seen them.
    missed_today: bool,
    /// Quote or candles were out.
    pub(super) out: Option<Out>,
}

/// Asks for what positions last looked at on the days `since` need.
pub(super) async fn fetch(feed: &Feed, ticker: &str, since: &BTreeSet<NaiveDate>) -> StockPrices {
    let today = feed.check.today;
    let gap = since.first().and_then(NaiveDate::succ_opt).unwrap_or(today).min(today);
    let mut prices = StockPrices::default();
    match feed.quote(ticker).await {
        Ok(quote) => prices.quote = Some(quote),
        Err(out) => {
            prices.out = Some(out);
            prices.bars = feed.bars(ticker, gap).await;
            prices.quote = prices.closing_quote(feed);
            if prices.quote.is_none() {
                return prices;
            }
        }
    }
    prices.ask_candles(feed, ticker, since).await;
    if prices.bars.is_empty() && prices.needs_bars(feed, gap) {
        prices.bars = feed.bars(ticker, gap).await;
    }
    prices
}

impl StockPrices {
    /// Candles of the days of the last looks and of today.
    async fn ask_candles(&mut self, feed: &Feed, ticker: &str, since: &BTreeSet<NaiveDate>) {
        let mut days = since.clone();
        days.insert(feed.check.today);
        for day in days.into_iter().filter(|day| feed.calendar.is_trading_day(*day)) {
            match feed.candles(ticker, day).await {
                Ok(candles) => self.candles.extend(candles),
                Err(out) => {
                    self.missed_today |= day == feed.check.today;
                    self.out.get_or_insert(out);
                }
            }
        }
    }

    /// Whether a trading day lies in the gap, or today has no candles.
    fn needs_bars(&self, feed: &Feed, gap: NaiveDate) -> bool {
        let today = feed.check.today;
        let mut between = gap.iter_days().take_while(|day| *day < today);
        between.any(|day| feed.calendar.is_trading_day(day)) || self.of_today(today).next().is_none()
    }

    fn of_today(&self, today: NaiveDate) -> impl Iterator<Item = &Candle> {
        self.candles
            .iter()
            .filter(move |candle| eastern_day(candle.start) == today)
    }

    fn bar_of(&self, day: NaiveDate) -> Option<&DailyBar> {
        self.bars.iter().find(|bar| bar.date == day)
    }

    /// The close of today's bar as a quote.
    fn closing_quote(&self, feed: &Feed) -> Option<Quote> {
        let (day, session) = (self.bar_of(feed.check.today)?, feed.calendar.session(feed.check.today)?);
        Some(Quote {
            at: Bar::of_day(day, &session, feed.check.now).time,
            price: day.close,
            delta: None,
            underlying_price: None,
        })
    }

    /// What stood in for what was out.
    pub(super) fn fallback(&self, today: NaiveDate) -> &'static str {
        self.bar_of(today).map_or("none", |_| "daily_bar")
    }

    /// The days that are worth a row of the price history: those of the gap, and today as it was seen so far,
    /// if it is a trading day.
    pub(super) fn days(&self, today: NaiveDate, calendar: &Calendar) -> Vec<DailyBar> {
        let Some(quote) = &self.quote else { return Vec::new() };
        let gap = self.bars.iter().filter(|bar| bar.date < today).copied();
        let seen = calendar
            .is_trading_day(today)
            .then(|| self.seen_today(today, quote.price));
        gap.chain(seen).collect()
    }

    fn seen_today(&self, today: NaiveDate, price: Micros) -> DailyBar {
        let mut seen = self.bar_of(today).copied().unwrap_or_else(|| one_price(today, price));
        if let Some(first) = self.of_today(today).min_by_key(|candle| candle.start) {
            seen.open = first.open;
        }
        for candle in self.of_today(today) {
            seen.high = seen.high.max(candle.high);
            seen.low = seen.low.min(candle.low);
        }
        seen.close = price;
        seen.high = seen.high.max(price);
        seen.low = seen.low.min(price);
        seen
    }
}

/// A day of which one price is known.
pub(super) fn one_price(date: NaiveDate, price: Micros) -> DailyBar {
    DailyBar {
        date,
        open: price,
        high: price,
        low: price,
        close: price,
    }
}

/// What is sold of the shares, and what they are watched by afterwards.
///
/// When today's candles were out and nothing stood in for them, the look ends before today, so that a later one sees
/// them, or the bar of the day.
pub(super) fn check(
    holding: &StockHolding,
    prices: &StockPrices,
    quote: &Quote,
    feed: &Feed,
    rules: &StockExitRules,
) -> Checked<StockHolding> {
    let check = feed.check;
    let bars = timeline(&holding.window, check, &prices.candles, &prices.bars, &feed.calendar);
    let mut checked = check_stock(holding, &bars, quote, check, rules);
    if prices.missed_today && !bars.iter().any(|bar| bar.day() == check.today) {
        let midnight = eastern_instant(check.today, NaiveTime::MIN);
        checked.after.window = holding.window.checked(midnight - Duration::microseconds(1));
    }
    checked
}
