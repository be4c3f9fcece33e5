//! What a portfolio holds: shares or option contracts, and which side a signal takes with them.
//!
//! A price of an option is its premium per share, so everything that turns units into money multiplies by
//! [`InstrumentType::shares_per_unit`] here and nowhere else. Stocks are long only: a bearish signal has no stock leg,
//! its option leg buys puts.

use super::{
    annotation::Sentiment,
    money::{CONTRACT_SHARES, Micros},
    option::OptionType,
};

/// Shares or contracts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InstrumentType {
    /// Shares, bought at the price of the last trade.
    Stock,
    /// Option contracts, bought at their premium.
    Option,
}

impl InstrumentType {
    /// Persisted name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Option => "option",
        }
    }

    /// The instrument of a persisted name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Stock, Self::Option]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }

    /// Shares that one unit stands for: 1, or 100 of a contract.
    #[must_use]
    pub const fn shares_per_unit(self) -> i64 {
        match self {
            Self::Stock => 1,
            Self::Option => CONTRACT_SHARES,
        }
    }

    /// What `units` are worth at `price` per share.
    #[must_use]
    pub fn worth(self, price: Micros, units: i64) -> Micros {
        price * units * self.shares_per_unit()
    }
}

/// What a position bets on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Shares that should rise.
    Long,
    /// The right to buy.
    Call,
    /// The right to sell.
    Put,
}

impl Direction {
    /// The leg that a signal opens with an instrument; `None` for a bearish stock leg and for a neutral stance.
    #[must_use]
    pub const fn of(instrument: InstrumentType, sentiment: Sentiment) -> Option<Self> {
        match (instrument, sentiment) {
            (InstrumentType::Stock, Sentiment::Bullish) => Some(Self::Long),
            (InstrumentType::Option, Sentiment::Bullish) => Some(Self::Call),
            (InstrumentType::Option, Sentiment::Bearish) => Some(Self::Put),
            (InstrumentType::Stock, Sentiment::Bearish) | (_, Sentiment::Neutral) => None,
        }
    }

    /// Persisted name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Call => "call",
            Self::Put => "put",
        }
    }

    /// The kind of option to buy; `None` for shares.
    #[must_use]
    pub const fn option_type(self) -> Option<OptionType> {
        match self {
            Self::Long => None,
            Self::Call => Some(OptionType::Call),
            Self::Put => Some(OptionType::Put),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use InstrumentType::{Option as Contracts, Stock};

    #[test]
    fn a_contract_stands_for_a_hundred_shares() {
        let price = Micros::from_dollars(3);
        assert_eq!(Stock.worth(price, 7), Micros::from_dollars(21));
        assert_eq!(Contracts.worth(price, 7), Micros::from_dollars(2100));
    }

    #[test]
    fn bears_buy_puts_and_never_stock() {
        assert_eq!(Direction::of(Stock, Sentiment::Bullish), Some(Direction::Long));
        assert_eq!(Direction::of(Stock, Sentiment::Bearish), None);
        assert_eq!(Direction::of(Contracts, Sentiment::Bullish), Some(Direction::Call));
        let put = Direction::of(Contracts, Sentiment::Bearish).unwrap();
        assert_eq!((put.as_str(), put.option_type()), ("put", Some(OptionType::Put)));
        assert_eq!(Direction::of(Contracts, Sentiment::Neutral), None);
    }

    #[test]
    fn persisted_names_are_read_back() {
        for kind in [Stock, Contracts] {
            assert_eq!(InstrumentType::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(InstrumentType::parse("bond"), None);
    }
}
