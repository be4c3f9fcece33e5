//! What portfolios were worth after each run: lines that begin and end together.
//!
//! Drawn in percent of what each began with, so that they share one scale: [`text`] for a terminal, [`svg`] for a file.

pub mod svg;
pub mod text;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::api::types::{Portfolio, PortfolioPoint};
use crate::days;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Whose.
    pub name: String,
    /// Dollars it began with.
    pub start: f64,
    /// Dollars after each run.
    pub values: Vec<f64>,
}

impl Series {
    /// Percent above or below the beginning, after each run.
    #[must_use]
    pub fn percents(&self) -> Vec<f64> {
        let percent = |value: &f64| {
            if self.start > 0.0 {
                (value - self.start) / self.start * 100.0
            } else {
                0.0
            }
        };
        self.values.iter().map(percent).collect()
    }

    /// Dollars after the last run.
    #[must_use]
    pub fn last(&self) -> f64 {
        self.values.last().copied().unwrap_or(self.start)
    }
}

/// The lines of several portfolios over the same runs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Equity {
    /// Market day of each run, in US/Eastern time.
    pub days: Vec<NaiveDate>,
    /// One a portfolio.
    pub lines: Vec<Series>,
}

impl Equity {
    /// Lines from the points of each portfolio. Where one has no point for a run, the last value before it stands.
    #[must_use]
    pub fn of(portfolios: &[(Portfolio, Vec<PortfolioPoint>)]) -> Self {
        let points = portfolios.iter().flat_map(|(_, points)| points);
        let runs: BTreeSet<(DateTime<Utc>, i64)> = points.map(|point| (point.market_now, point.run_id)).collect();
        let line = |(portfolio, points): &(Portfolio, Vec<PortfolioPoint>)| {
            let mut last = portfolio.starting_capital;
            let value = |(_, run): &(DateTime<Utc>, i64)| {
                let known = points.iter().find(|point| point.run_id == *run);
                last = known.map_or(last, |point| point.value);
                last
            };
            Series {
                name: portfolio.name.clone(),
                start: portfolio.starting_capital,
                values: runs.iter().map(value).collect(),
            }
        };
        Self {
            days: runs.iter().map(|(at, _)| days::eastern_day(*at)).collect(),
            lines: portfolios.iter().map(line).collect(),
        }
    }

    /// All portfolios together.
    #[must_use]
    pub fn total(&self) -> Series {
        let sum = |at: usize| self.lines.iter().map(|line| line.values[at]).sum();
        Series {
            name: "total".to_owned(),
            start: self.lines.iter().map(|line| line.start).sum(),
            values: (0..self.days.len()).map(sum).collect(),
        }
    }

    /// Whether there is nothing to draw.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.days.is_empty() || self.lines.is_empty()
    }
}

/// From the lowest to the highest of some percents, the beginning included; never empty.
fn bounds(percents: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = percents.fold((0.0_f64, 0.0_f64), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if high - low < 0.01 { (-0.5, 0.5) } else { (low, high) }
}

#[cfg(test)]
pub mod samples {
    use super::{Equity, Series};

    /// Four portfolios over three days, one with a name that XML has to escape.
    pub fn equity() -> Equity {
        let series = |name: &str, values: [f64; 3]| Series {
            name: name.to_owned(),
            start: 100_000.0,
            values: values.into(),
        };
        let days = ["2026-01-05", "2026-01-06", "2026-01-07"];
        Equity {
            days: days.iter().map(|day| day.parse().expect("a day")).collect(),
            lines: vec![
                series("stocks_quality", [100_000.0, 100_500.0, 101_000.0]),
                series("stocks_consensus", [100_000.0, 99_500.0, 99_000.0]),
                series("options_quality", [100_000.0, 104_000.0, 102_000.0]),
                series("options <& more>", [100_000.0, 100_000.0, 100_000.0]),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn portfolio(id: i64) -> Portfolio {
        serde_json::from_value(json!({
            "id": id, "subreddit": "stocks", "name": format!("p{id}"), "instrument_type": "stock",
            "signal_type": "quality", "starting_capital": 1000.0, "current_value": 1100.0, "cash_available": 1.0,
            "open_position_count": 0, "total_pnl": 100.0, "total_pnl_pct": 10.0,
            "created_at": "2026-01-05T16:00:00Z", "last_valued_at": null,
        }))
        .expect("a portfolio")
    }

    fn points(values: &[(i64, f64)]) -> Vec<PortfolioPoint> {
        let point = |(run, value): &(i64, f64)| {
            let at = format!("2026-01-{:02}T16:00:00Z", 4 + run);
            json!({"run_id": run, "market_now": at, "value": value, "cash": 0.0})
        };
        values
            .iter()
            .map(|one| serde_json::from_value(point(one)).expect("a point"))
            .collect()
    }

    #[test]
    fn lines_begin_and_end_together_and_a_gap_keeps_the_value_before_it() {
        let first = (portfolio(1), points(&[(1, 1000.0), (2, 1050.0), (3, 1100.0)]));
        let second = (portfolio(2), points(&[(2, 900.0)]));
        let equity = Equity::of(&[first, second]);
        assert_eq!(equity.lines[1].values, [1000.0, 900.0, 900.0]);
        assert_eq!(equity.total().values, [2000.0, 1950.0, 2000.0]);
        assert_eq!(equity.lines[0].percents(), [0.0, 5.0, 10.0]);
        assert_eq!(equity.days[2].to_string(), "2026-01-07");
        assert!(Equity::of(&[(portfolio(1), Vec::new())]).is_empty());
    }

    #[test]
    fn a_scale_is_never_empty_and_has_the_beginning_in_it() {
        assert_eq!(bounds([0.0, 0.0].into_iter()), (-0.5, 0.5));
        assert_eq!(bounds([2.0, 3.0].into_iter()), (0.0, 3.0));
    }
}
