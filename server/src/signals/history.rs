//! How the confidence of a ticker's signals developed.

use poem_openapi::Object;
use shared::store::signals_read::HistoryPoint;

use crate::http::values::Day;

/// The signal of one day.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct SignalHistoryPoint {
    /// UTC day.
    pub date: Day,
    /// `0..=1`.
    pub confidence: f64,
}

/// The signals of one ticker.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct SignalHistory {
    /// Symbol.
    pub ticker: String,
    /// Days with a signal, ascending.
    pub points: Vec<SignalHistoryPoint>,
}

impl SignalHistory {
    /// Groups rows that come by ticker and day.
    #[must_use]
    pub fn group(rows: Vec<HistoryPoint>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for row in rows {
            let point = SignalHistoryPoint {
                date: Day(row.signal_date),
                confidence: row.confidence,
            };
            match groups.last_mut().filter(|group| group.ticker == row.ticker) {
                Some(group) => group.points.push(point),
                None => groups.push(Self {
                    ticker: row.ticker,
                    points: vec![point],
                }),
            }
        }
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_ticker_stand_together() {
        let row = |ticker: &str, day: u32| HistoryPoint {
            ticker: ticker.to_owned(),
            signal_date: chrono::NaiveDate::from_ymd_opt(2026, 1, day).expect("a day"),
            confidence: 0.5,
        };
        let groups = SignalHistory::group(vec![row("A", 1), row("A", 2), row("B", 1)]);
        let sizes: Vec<_> = groups
            .iter()
            .map(|group| (group.ticker.as_str(), group.points.len()))
            .collect();
        assert_eq!(sizes, [("A", 2), ("B", 1)]);
    }
}
