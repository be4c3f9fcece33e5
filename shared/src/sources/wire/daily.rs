//! Daily bars: Yahoo's chart, `{"chart": {"result": [{"timestamp": [s], "indicators": {"quote": [{"open": [..]}]}}]}}`.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;

use super::number::Number;
use super::{WireError, malformed, read};
use crate::market::{calendar::eastern_day, candle::DailyBar};

/// What a chart is called in errors.
const WHAT: &str = "a chart";

#[derive(Deserialize)]
struct Document {
    chart: Chart,
}

#[derive(Deserialize)]
struct Chart {
    #[serde(default)]
    result: Option<Vec<Series>>,
    #[serde(default)]
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    code: String,
    #[serde(default)]
    description: Option<String>,
}

#[derive(Deserialize)]
struct Series {
    /// Seconds since 1970, within the trading day; absent when there are none.
    #[serde(default)]
    timestamp: Vec<i64>,
    indicators: Indicators,
}

#[derive(Deserialize)]
struct Indicators {
    quote: Vec<Prices>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Prices {
    open: Vec<Number>,
    high: Vec<Number>,
    low: Vec<Number>,
    close: Vec<Number>,
}

/// The bars of a chart, oldest first, one a day; days that lack a price, or have none above zero, are skipped.
///
/// # Errors
/// [`WireError`] when the document is an error or no chart.
pub fn daily_bars(document: &Value) -> Result<Vec<DailyBar>, WireError> {
    let chart = read::<Document>(document, WHAT)?.chart;
    if let Some(refusal) = chart.error {
        return Err(refusal.into());
    }
    let series = chart.result.and_then(|all| all.into_iter().next());
    let series = series.ok_or_else(|| malformed(WHAT, &"no result"))?;
    let prices = series.indicators.quote.first();
    let bars = series.timestamp.iter().enumerate().filter_map(|(index, seconds)| {
        let bar = prices?.bar(index, *seconds).filter(DailyBar::is_consistent)?;
        Some((bar.date, bar))
    });
    // A running session is repeated at the end; the later row is the newer one.
    Ok(bars.collect::<BTreeMap<_, _>>().into_values().collect())
}

impl Prices {
    /// `None` when a price is missing.
    fn bar(&self, index: usize, seconds: i64) -> Option<DailyBar> {
        let price = |column: &[Number]| column.get(index)?.price();
        Some(DailyBar {
            date: eastern_day(DateTime::from_timestamp(seconds, 0)?),
            open: price(&self.open)?,
            high: price(&self.high)?,
            low: price(&self.low)?,
            close: price(&self.close)?,
        })
    }
}

impl From<Refusal> for WireError {
    fn from(refusal: Refusal) -> Self {
        if refusal.code == "Not Found" {
            return Self::Refused(404);
        }
        malformed(WHAT, &refusal.description.unwrap_or(refusal.code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::money::Micros;
    use serde_json::json;

    fn chart(timestamps: &Value, closes: &Value) -> Value {
        let quote = json!([{ "open": [10, 11, 12], "high": [13, 13, 13], "low": [9, 9, 9], "close": closes,
                             "volume": [1, null, 3] }]);
        json!({ "chart": { "error": null, "result": [{
            "meta": { "symbol": "XYZ" }, "timestamp": timestamps,
            "indicators": { "quote": quote, "adjclose": [{ "adjclose": [1, 2, 3] }] } }] } })
    }

    #[test]
    fn a_bar_for_nothing_is_skipped() {
        let days = json!([1_767_623_400, 1_767_709_800]);
        let mut document = chart(&days, &json!([10.5, 11.5]));
        document["chart"]["result"][0]["indicators"]["quote"][0]["low"] = json!([0, 9]);
        let bars = daily_bars(&document).unwrap();
        assert_eq!(
            bars.iter().map(|bar| bar.close).collect::<Vec<_>>(),
            [Micros(11_500_000)]
        );
    }

    #[test]
    fn bars_with_a_null_are_skipped() {
        let days = json!([1_767_623_400, 1_767_709_800, 1_767_796_200]);
        let bars = daily_bars(&chart(&days, &json!([10.5, null, 12.25]))).unwrap();
        let read: Vec<_> = bars.iter().map(|bar| (bar.date.to_string(), bar.close)).collect();
        let expected = [
            ("2026-01-05".to_owned(), Micros(10_500_000)),
            ("2026-01-07".to_owned(), Micros(12_250_000)),
        ];
        assert_eq!(read, expected);
    }

    #[test]
    fn a_day_that_comes_twice_counts_once_with_its_last_row() {
        let days = json!([1_767_623_400, 1_767_709_800, 1_767_725_000]);
        let bars = daily_bars(&chart(&days, &json!([10.5, 11.5, 11.75]))).unwrap();
        assert_eq!(bars.len(), 2);
        assert_eq!(bars[1].close, Micros(11_750_000));
    }

    #[test]
    fn a_refusal_is_told_from_a_chart() {
        let refused =
            |code: &str| json!({ "chart": { "result": null, "error": { "code": code, "description": "x" } } });
        assert_eq!(daily_bars(&refused("Not Found")), Err(WireError::Refused(404)));
        assert!(matches!(
            daily_bars(&refused("Internal")),
            Err(WireError::Malformed { .. })
        ));
        assert_eq!(daily_bars(&json!({ "error": 503 })), Err(WireError::Refused(503)));
        assert!(matches!(
            daily_bars(&json!({ "bars": [] })),
            Err(WireError::Malformed { .. })
        ));
    }

    #[test]
    fn a_chart_of_no_days_has_no_bars() {
        let empty = json!({ "chart": { "result": [{ "indicators": { "quote": [{}] } }] } });
        assert_eq!(daily_bars(&empty), Ok(Vec::new()));
    }
}
