//! Options: kinds, contracts, and the chain of an underlying.

use chrono::{DateTime, NaiveDate, Utc};

use super::money::{Micros, Rate};

/// What an option gives the right to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OptionType {
    /// To buy.
    Call,
    /// To sell.
    Put,
}

impl OptionType {
    /// Persisted name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Put => "put",
        }
    }
}

/// One contract of a chain, as the source gave it; nothing is judged yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// OCC symbol, space-padded as the market writes it.
    pub symbol: String,
    /// Call or put.
    pub option_type: OptionType,
    /// Last day.
    pub expiration: NaiveDate,
    /// Strike price.
    pub strike: Micros,
    /// Change of the premium per dollar of the underlying; `None` when missing, NaN or -999.
    pub delta: Option<Rate>,
    /// Premium per share (mark, else the middle of bid and ask); `None` when neither is there.
    pub mark: Option<Micros>,
}

/// What trades on an underlying.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// When it was true.
    pub at: DateTime<Utc>,
    /// Price of the underlying, where the source knows it.
    pub underlying_price: Option<Micros>,
    /// All contracts, in the order of the source.
    pub contracts: Vec<Contract>,
}
