//! Words with rules of their own: subreddits, tickers, signal and instrument types, authors, reasons.

use poem_openapi::Enum;
use poem_openapi::registry::MetaSchema;
use serde_json::Value;
use shared::run::request::is_subreddit_name;

use crate::http::constraint::{Constraint, Invalid};
use crate::http::scalar::{Scalar, listed, scalar};

/// A subreddit, lower-cased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subreddit(pub String);

impl Scalar for Subreddit {
    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some("^[A-Za-z0-9][A-Za-z0-9_]{1,20}$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        let name = text.to_ascii_lowercase();
        if is_subreddit_name(&name) {
            return Ok(Self(name));
        }
        Err(Invalid::new(
            Constraint::Pattern,
            "must be 2 to 21 letters, digits or underscores, no underscore first",
        ))
    }

    fn write(&self) -> Value {
        self.0.clone().into()
    }
}
scalar!(Subreddit);

/// A ticker, upper-cased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticker(pub String);

impl Scalar for Ticker {
    fn schema() -> MetaSchema {
        MetaSchema {
            pattern: Some("^[A-Za-z0-9.^-]{1,10}$".to_owned()),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".^-".contains(&byte);
        if (1..=10).contains(&text.len()) && text.bytes().all(plain) {
            return Ok(Self(text.to_ascii_uppercase()));
        }
        Err(Invalid::new(
            Constraint::Pattern,
            "must be a symbol of 1 to 10 letters, digits, dots, hyphens or carets",
        ))
    }

    fn write(&self) -> Value {
        self.0.clone().into()
    }
}
scalar!(Ticker);

/// A few words of a person, at most 500 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(pub String);

impl Scalar for Reason {
    fn schema() -> MetaSchema {
        MetaSchema {
            max_length: Some(500),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        if text.chars().count() > 500 {
            return Err(Invalid::new(Constraint::Length, "must have at most 500 characters"));
        }
        Ok(Self(text.to_owned()))
    }

    fn write(&self) -> Value {
        self.0.clone().into()
    }
}
scalar!(Reason);

/// What makes a signal: arguments of a few, or agreement of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum SignalType {
    /// Comments that argue.
    Quality,
    /// Many comments that agree.
    Consensus,
}
listed!(SignalType: "quality", "consensus");

impl SignalType {
    /// The stored and served word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Consensus => "consensus",
        }
    }
}

/// What a portfolio trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum InstrumentType {
    /// Shares.
    Stock,
    /// Calls and puts.
    Option,
}
listed!(InstrumentType: "stock", "option");

impl InstrumentType {
    /// The stored and served word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Option => "option",
        }
    }
}

/// The name of an author, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(pub String);

impl Scalar for Username {
    fn schema() -> MetaSchema {
        MetaSchema {
            min_length: Some(1),
            max_length: Some(50),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        if (1..=50).contains(&text.chars().count()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new(Constraint::Length, "must have 1 to 50 characters"))
    }

    fn write(&self) -> Value {
        self.0.clone().into()
    }
}
scalar!(Username);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subreddits_are_lower_cased_and_tickers_upper_cased() {
        assert_eq!(
            Subreddit::read("WallStreetBets"),
            Ok(Subreddit("wallstreetbets".into()))
        );
        assert_eq!(Ticker::read("brk.b"), Ok(Ticker("BRK.B".into())));
        for bad in ["", "a", "_ab", "a-b", "ab cd", "a234567890123456789012"] {
            assert_eq!(
                Subreddit::read(bad).unwrap_err().constraint,
                Constraint::Pattern,
                "{bad:?}"
            );
        }
        for bad in ["", "A B", "ABCDEFGHIJK", "ä"] {
            assert_eq!(
                Ticker::read(bad).unwrap_err().constraint,
                Constraint::Pattern,
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_reason_is_measured_in_characters() {
        assert!(Reason::read(&"ä".repeat(500)).is_ok());
        assert_eq!(
            Reason::read(&"ä".repeat(501)).unwrap_err().constraint,
            Constraint::Length
        );
    }
}
