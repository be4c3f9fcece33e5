//! Prices of a span of time, of a day, and of an instant.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use super::money::{Micros, Rate};

/// Length of a [`Candle`].
pub const CANDLE_MINUTES: i64 = 5;

/// Five minutes of trading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candle {
    /// Its first instant.
    pub start: DateTime<Utc>,
    /// First trade.
    pub open: Micros,
    /// Highest trade.
    pub high: Micros,
    /// Lowest trade.
    pub low: Micros,
    /// Last trade.
    pub close: Micros,
}

impl Candle {
    /// The first instant after it.
    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        self.start + Duration::minutes(CANDLE_MINUTES)
    }

    /// Whether its prices are above zero, and its first and last trade lie between its lowest and highest.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.low > Micros(0) && self.low <= self.open.min(self.close) && self.open.max(self.close) <= self.high
    }
}

/// One day of trading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailyBar {
    /// The trading day.
    pub date: NaiveDate,
    /// First trade.
    pub open: Micros,
    /// Highest trade.
    pub high: Micros,
    /// Lowest trade.
    pub low: Micros,
    /// Last trade.
    pub close: Micros,
}

impl DailyBar {
    /// Whether its prices are above zero, and its first and last trade lie between its lowest and highest.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.low > Micros(0) && self.low <= self.open.min(self.close) && self.open.max(self.close) <= self.high
    }
}

/// What a symbol is worth at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// The instant.
    pub at: DateTime<Utc>,
    /// Last trade of a stock, premium per share (mark, else the middle of bid and ask) of an option; above zero for a
    /// stock, not below zero for an option.
    pub price: Micros,
    /// Delta of an option, where the source knows it.
    pub delta: Option<Rate>,
    /// Price of the underlying of an option, where the source knows it.
    pub underlying_price: Option<Micros>,
}
