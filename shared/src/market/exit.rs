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
    const ALL: [Self; 8] = [
        Self::StopLoss,
        Self::TakeProfit,
        Self::TrailingStop,
        Self::BreakevenStop,
        Self::TimeStop,
        Self::Expiration,
        Self::Manual,
        Self::Replaced,
    ];

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

    /// The reason of a persisted name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
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

/// The occasion on which a position is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// The run's Eastern day: what days are counted to, and the date of exits at the quote.
    pub today: NaiveDate,
    /// The market clock: everything visible until then has been looked at.
    pub now: DateTime<Utc>,
}

/// What a check of a holding came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<Holding> {
    /// Sales, in order; none when nothing happened.
    pub exits: Vec<Exit>,
    /// The holding after them.
    pub after: Holding,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persisted_reasons_are_read_back() {
        for name in [
            "stop_loss",
            "take_profit",
            "trailing_stop",
            "breakeven_stop",
            "time_stop",
            "expiration",
            "manual",
            "replaced",
        ] {
            assert_eq!(ExitReason::parse(name).map(ExitReason::as_str), Some(name));
        }
        assert_eq!(ExitReason::parse("whim"), None);
    }
}
