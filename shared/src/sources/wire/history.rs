//! A price history: `{"candles": [{"open": .., "high": .., "low": .., "close": .., "datetime": ms}], "empty": false}`.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;

use super::number::Number;
use super::{WireError, read};
use crate::market::candle::Candle;

#[derive(Deserialize)]
struct History {
    #[serde(default)]
    candles: Vec<Bar>,
}

#[derive(Deserialize)]
struct Bar {
    #[serde(default)]
    open: Number,
    #[serde(default)]
    high: Number,
    #[serde(default)]
    low: Number,
    #[serde(default)]
    close: Number,
    /// Milliseconds since 1970, UTC.
    datetime: i64,
}

impl Bar {
    /// `None` when a price is missing.
    fn candle(&self) -> Option<Candle> {
        Some(Candle {
            start: DateTime::from_timestamp_millis(self.datetime)?,
            open: self.open.price()?,
            high: self.high.price()?,
            low: self.low.price()?,
            close: self.close.price()?,
        })
    }
}

/// The candles of a price history, oldest first; those that lack a price, or whose prices
/// contradict each other or are not above zero, are skipped.
///
/// # Errors
/// [`WireError`] when the document is an error or no price history.
pub fn candles(document: &Value) -> Result<Vec<Candle>, WireError> {
    let history: History = read(document, "a price history")?;
    let whole = history.candles.iter().filter_map(Bar::candle);
    let mut candles: Vec<Candle> = whole.filter(Candle::is_consistent).collect();
    candles.sort_by_key(|candle| candle.start);
    Ok(candles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::money::Micros;
    use serde_json::json;

    fn bar(datetime: i64, open: f64) -> Value {
        json!({ "open": open, "high": 11.5, "low": 10.0, "close": 11, "volume": 12_345, "datetime": datetime })
    }

    #[test]
    fn a_candle_that_contradicts_itself_or_is_beyond_belief_is_skipped() {
        let mut upside_down = bar(1_767_623_400_000, 10.5);
        upside_down["high"] = json!(10.25);
        let absurd = json!({ "open": 5e9, "high": 5e9, "low": 5e9, "close": 5e9, "datetime": 1_767_623_400_000_i64 });
        let mut free = bar(1_767_623_400_000, 10.5);
        free["low"] = json!(0.0);
        let nothing = json!({ "open": 0, "high": 0, "low": 0, "close": 0, "datetime": 1_767_623_400_000_i64 });
        let document =
            json!({ "empty": false, "candles": [upside_down, absurd, free, nothing, bar(1_767_623_700_000, 10.75)] });
        let candles = candles(&document).unwrap();
        assert_eq!(candles.len(), 1);
        assert_eq!(candles[0].open, Micros::from_number(10.75).unwrap());
    }

    #[test]
    fn candles_come_oldest_first() {
        let document = json!({ "symbol": "XYZ", "empty": false,
            "candles": [bar(1_767_623_700_000, 10.75), bar(1_767_623_400_000, 10.25)] });
        let candles = candles(&document).unwrap();
        assert_eq!(candles[0].start.to_rfc3339(), "2026-01-05T14:30:00+00:00");
        assert_eq!(
            (candles[0].open, candles[1].open),
            (Micros(10_250_000), Micros(10_750_000))
        );
        assert_eq!(candles[1].end().to_rfc3339(), "2026-01-05T14:40:00+00:00");
    }

    #[test]
    fn an_empty_history_has_no_candles() {
        assert_eq!(
            candles(&json!({ "candles": [], "symbol": "XYZ", "empty": true })),
            Ok(Vec::new())
        );
        assert_eq!(candles(&json!({ "error": 404 })), Err(WireError::Refused(404)));
    }

    #[test]
    fn a_candle_without_a_price_is_skipped() {
        let holed = json!({ "candles": [{ "open": null, "high": 1, "low": 1, "close": 1, "datetime": 0 }] });
        assert_eq!(candles(&holed), Ok(Vec::new()));
    }
}
