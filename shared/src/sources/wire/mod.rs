//! The wire formats of market data: what quotes, candles, chains and daily bars look like as JSON.
//!
//! Quotes, price histories and chains are those of Schwab's market data, daily bars those of Yahoo's chart. Recorded
//! folders hold the same documents, and the sample writes them, so that every source is read by these parsers.
//!
//! They are lenient where services are sloppy: unknown fields are ignored, a number may be missing, null, a text, NaN
//! or the -999 that stands for it, and a document may say `{"error": 503}` instead of an answer. They judge nothing:
//! every contract of a chain comes out, with what is known of it. They know no time but that in the document; what is
//! visible when is for the sources to say.

mod chain;
mod daily;
mod history;
mod number;
mod quote;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub use self::chain::chain;
pub use self::daily::daily_bars;
pub use self::history::candles;
pub use self::quote::quote;
use super::market::MarketError;

/// Why a document is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It is an error with this status.
    #[error("the source answered {0}")]
    Refused(u64),
    /// It cannot be read.
    #[error("not {what}: {why}")]
    Malformed {
        /// What was expected.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl WireError {
    /// The same as the answer of a source that was asked `attempts` times about `symbol`.
    #[must_use]
    pub fn about(self, symbol: &str, attempts: u32) -> MarketError {
        match self {
            Self::Refused(404) => MarketError::Unknown(symbol.to_owned()),
            other => MarketError::Outage {
                reason: other.to_string(),
                attempts,
            },
        }
    }
}

/// Reads a document; a bare `NaN` or `Infinity`, which JSON has not but some writers write, is read as null.
///
/// # Errors
/// [`WireError::Malformed`] when it is no JSON.
pub fn document(text: &str) -> Result<Value, WireError> {
    serde_json::from_str(text)
        .or_else(|error| number::without_nan(text).map_or(Err(error), |text| serde_json::from_str(&text)))
        .map_err(|error| malformed("JSON", &error))
}

/// The document as a `T`, unless it is an error.
fn read<T: DeserializeOwned>(document: &Value, what: &'static str) -> Result<T, WireError> {
    if let Some(status) = document.get("error").and_then(Value::as_u64) {
        return Err(WireError::Refused(status));
    }
    T::deserialize(document).map_err(|error| malformed(what, &error))
}

fn malformed(what: &'static str, why: &impl ToString) -> WireError {
    WireError::Malformed {
        what,
        why: why.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_nan_is_null_and_one_in_a_text_is_left_alone() {
        let read = document(r#"{"delta": NaN, "name": "NaN \" NaN", "high": -Infinity, "NaN":Infinity}"#).unwrap();
        let expected = serde_json::json!({ "delta": null, "name": "NaN \" NaN", "high": null, "NaN": null });
        assert_eq!(read, expected);
    }

    #[test]
    fn what_is_no_json_is_an_outage() {
        let error = document("<html>").unwrap_err().about("TSLA", 3);
        assert!(matches!(error, MarketError::Outage { attempts: 3, .. }), "{error}");
    }

    #[test]
    fn only_not_found_means_that_the_symbol_is_unknown() {
        let refused = |status| WireError::Refused(status).about("XYZ", 3);
        assert_eq!(refused(404), MarketError::Unknown("XYZ".to_owned()));
        assert!(matches!(refused(503), MarketError::Outage { .. }));
    }
}
