//! Why and how a position or a prediction is left.

use chrono::{DateTime, NaiveDate, Utc};

use super::money::Micros;

/// Why units were sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExitReason {
    /// The stop was touched.
    StopLoss,
    /// The target was touched.
    TakeProfit,
    /// The price fell too far below its peak.
    TrailingStop,
    /// The stop was touched after it had been raised to the entry price.
    BreakevenStop,
    /// Held long enough.
    TimeStop,
    /// The option is about to expire, or has.
    Expiration,
    /// Somebody closed it.
    Manual,
    /// A better signal took its slot.
    Replaced,
}

impl ExitReason {
    /// Persisted name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StopLoss => "stop_loss",
            Self::TakeProfit => "take_profit",
            Self::TrailingStop => "trailing_stop",
            Self::BreakevenStop => "breakeven_stop",
            Self::TimeStop => "time_stop",
            Self::Expiration => "expiration",
            Self::Manual => "manual",
            Self::Replaced => "replaced",
        }
    }
}

/// One sale, decided but not yet booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// Why.
    pub reason: ExitReason,
    /// Price per share, or premium per share of the contract.
    pub price: Micros,
    /// Shares or contracts, above zero.
    pub units: i64,
    /// Eastern day of the candle that triggered it, or of the check.
    pub date: NaiveDate,
    /// Time of the candle or the quote.
    pub triggered_at: DateTime<Utc>,
}
