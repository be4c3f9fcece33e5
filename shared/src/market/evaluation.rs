//! Periods of thirty days in which the portfolios are measured against the index.
//!
//! The four portfolios of a subreddit go in lockstep: their periods begin and end together. [`next_step`] decides
//! from the active rows whether to create, complete or do nothing; a period is over on the first Eastern day after
//! its end. At most one period is completed at a time, however long nobody looked. [`measure`] computes what a
//! completed one stores. Rates here are percents, as the table keeps them.

use chrono::{Days, NaiveDate};

use super::{candle::DailyBar, money::Micros, signal::EPSILON};

/// Calendar days of a period.
pub const PERIOD_DAYS: u64 = 30;

/// The days of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Period {
    /// First Eastern day.
    pub start: NaiveDate,
    /// The day of the closing value; exits on it belong to the next period.
    pub end: NaiveDate,
}

impl Period {
    /// The thirty days from `start` on.
    #[must_use]
    pub fn starting(start: NaiveDate) -> Self {
        Self {
            start,
            end: start.checked_add_days(Days::new(PERIOD_DAYS)).unwrap_or(NaiveDate::MAX),
        }
    }

    /// Whether an exit of this day belongs to it: `start <= date < end`.
    #[must_use]
    pub fn contains(&self, date: NaiveDate) -> bool {
        (self.start..self.end).contains(&date)
    }
}

/// An active row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivePeriod {
    /// Key of the portfolio.
    pub portfolio_id: i64,
    /// Its days.
    pub period: Period,
}

/// What to do with the periods of a subreddit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodStep {
    /// The active period goes on.
    Nothing,
    /// There is none: create this one for every portfolio, starting with the current values.
    Create(Period),
    /// Complete the active rows, then create the next for every portfolio.
    Roll {
        /// The period that is over.
        over: Period,
        /// The one that starts where it ended.
        next: Period,
    },
    /// A portfolio has several active rows, or the portfolios are out of step: log it, change nothing.
    OutOfStep,
}

/// Decides on `today`, an Eastern day, from all active rows of a subreddit.
#[must_use]
pub fn next_step(active: &[ActivePeriod], today: NaiveDate) -> PeriodStep {
    let Some(first) = active.first() else {
        return PeriodStep::Create(Period::starting(today));
    };
    let over = first.period;
    let in_step = active
        .iter()
        .enumerate()
        .all(|(i, row)| row.period == over && active[..i].iter().all(|other| other.portfolio_id != row.portfolio_id));
    if !in_step {
        return PeriodStep::OutOfStep;
    }
    if over.end >= today {
        return PeriodStep::Nothing;
    }
    PeriodStep::Roll {
        over,
        next: Period::starting(over.end),
    }
}

/// A position that was closed within the period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClosedPosition {
    /// Profit of all its exits.
    pub realized_pnl: Micros,
    /// Its return, a fraction.
    pub realized_return: f64,
}

/// What a completed period stores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    /// Change of the portfolio's value, percent; 0 when it started at nothing.
    pub portfolio_return_pct: f64,
    /// The index beside it; `None` when its closes could not be had.
    pub benchmark: Option<Comparison>,
    /// Positions closed within the period.
    pub total_positions_closed: usize,
    /// Those of them that made money.
    pub winning_positions: usize,
    /// The rest.
    pub losing_positions: usize,
    /// Mean return of the closed positions, percent; 0 without any.
    pub avg_return_pct: f64,
    /// Share of the winning among the closed positions, percent; 0 without any.
    pub signal_accuracy_pct: f64,
}

/// The portfolio against the index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Change of the index, percent.
    pub sp500_return_pct: f64,
    /// Percentage points by which the portfolio did better; negative if worse.
    pub relative_performance: f64,
    /// It did better, by more than the rounding of doubles.
    pub beat_benchmark: bool,
}

/// Measures a portfolio over a period. `index` holds the closes at its start and end, see [`index_closes`].
#[must_use]
pub fn measure(
    start_value: Micros,
    current_value: Micros,
    closed: &[ClosedPosition],
    index: Option<(Micros, Micros)>,
) -> Measures {
    let portfolio_return_pct = change_pct(start_value, current_value);
    let winning = closed
        .iter()
        .filter(|position| position.realized_pnl > Micros::ZERO)
        .count();
    let returns: f64 = closed.iter().map(|position| position.realized_return).sum();
    Measures {
        portfolio_return_pct,
        benchmark: index.map(|(start, end)| compare(portfolio_return_pct, change_pct(start, end))),
        total_positions_closed: closed.len(),
        winning_positions: winning,
        losing_positions: closed.len() - winning,
        avg_return_pct: per_position(returns, closed.len()) * 100.0,
        signal_accuracy_pct: per_position(count(winning), closed.len()) * 100.0,
    }
}

/// Closes of the index at the start of the period and at its end or today, whichever is earlier: of the day itself or
/// of the nearest bar before it. `None` unless both are there.
#[must_use]
pub fn index_closes(bars: &[DailyBar], period: Period, today: NaiveDate) -> Option<(Micros, Micros)> {
    let close = |day: NaiveDate| {
        let bar = bars.iter().filter(|bar| bar.date <= day).max_by_key(|bar| bar.date)?;
        Some(bar.close)
    };
    Some((close(period.start)?, close(period.end.min(today))?))
}

fn compare(portfolio_return_pct: f64, sp500_return_pct: f64) -> Comparison {
    let relative_performance = portfolio_return_pct - sp500_return_pct;
    Comparison {
        sp500_return_pct,
        relative_performance,
        beat_benchmark: relative_performance > EPSILON,
    }
}

fn change_pct(start: Micros, end: Micros) -> f64 {
    (end - start).fraction_of(start) * 100.0
}

fn per_position(sum: f64, positions: usize) -> f64 {
    sum / count(positions.max(1))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
const fn count(positions: usize) -> f64 {
    positions as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        format!("2026-{text}").parse().unwrap()
    }

    fn active(start: &str) -> Vec<ActivePeriod> {
        (1..=4)
            .map(|portfolio_id| ActivePeriod {
                portfolio_id,
                period: Period::starting(day(start)),
            })
            .collect()
    }

    fn closed(pnl: i64, realized_return: f64) -> ClosedPosition {
        ClosedPosition {
            realized_pnl: Micros::from_dollars(pnl),
            realized_return,
        }
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn the_first_period_starts_today_and_takes_thirty_days() {
        let expected = Period {
            start: day("03-02"),
            end: day("04-01"),
        };
        assert_eq!(next_step(&[], day("03-02")), PeriodStep::Create(expected));
    }

    #[test]
    fn a_period_is_over_on_the_day_after_its_end() {
        let rows = active("03-02");
        assert_eq!(next_step(&rows, day("03-20")), PeriodStep::Nothing);
        assert_eq!(next_step(&rows, day("04-01")), PeriodStep::Nothing);
        let expected = PeriodStep::Roll {
            over: rows[0].period,
            next: Period {
                start: day("04-01"),
                end: day("05-01"),
            },
        };
        assert_eq!(next_step(&rows, day("04-02")), expected);
        assert_eq!(next_step(&rows, day("09-30")), expected, "however late");
    }

    #[test]
    fn several_active_rows_of_a_portfolio_stop_everything() {
        let mut rows = active("03-02");
        rows.push(rows[2]);
        assert_eq!(next_step(&rows, day("04-02")), PeriodStep::OutOfStep);
        let mut rows = active("03-02");
        rows[3].period = Period::starting(day("03-03"));
        assert_eq!(next_step(&rows, day("04-02")), PeriodStep::OutOfStep);
    }

    #[test]
    fn the_end_of_a_period_belongs_to_the_next() {
        let period = Period::starting(day("03-02"));
        let days = ["03-01", "03-02", "03-31", "04-01"].map(|text| period.contains(day(text)));
        assert_eq!(days, [false, true, true, false]);
    }

    #[test]
    fn a_portfolio_is_measured_against_the_index() {
        let dollars = Micros::from_dollars;
        let positions = [closed(100, 0.10), closed(0, 0.0), closed(-50, -0.04)];
        let measures = measure(
            dollars(100_000),
            dollars(112_000),
            &positions,
            Some((dollars(6000), dollars(6120))),
        );
        assert!(close(measures.portfolio_return_pct, 12.0));
        let benchmark = measures.benchmark.unwrap();
        assert!(close(benchmark.sp500_return_pct, 2.0) && close(benchmark.relative_performance, 10.0));
        assert!(benchmark.beat_benchmark);
        assert_eq!(
            (
                measures.total_positions_closed,
                measures.winning_positions,
                measures.losing_positions
            ),
            (3, 1, 2)
        );
        assert!(close(measures.avg_return_pct, 2.0) && close(measures.signal_accuracy_pct, 100.0 / 3.0));
    }

    #[test]
    fn a_period_without_positions_or_index_has_zeros_and_no_comparison() {
        let measures = measure(Micros::from_dollars(5), Micros::from_dollars(5), &[], None);
        let expected = Measures {
            portfolio_return_pct: 0.0,
            benchmark: None,
            total_positions_closed: 0,
            winning_positions: 0,
            losing_positions: 0,
            avg_return_pct: 0.0,
            signal_accuracy_pct: 0.0,
        };
        assert_eq!(measures, expected);
    }

    #[test]
    fn as_good_as_the_index_does_not_beat_it() {
        let dollars = Micros::from_dollars;
        let even = measure(
            dollars(100_000),
            dollars(102_000),
            &[],
            Some((dollars(5000), dollars(5100))),
        );
        assert!(!even.benchmark.unwrap().beat_benchmark);
    }

    #[test]
    fn a_day_without_trading_has_the_close_of_the_trading_day_before() {
        let bar = |date: &str, close: i64| DailyBar {
            date: day(date),
            open: Micros::ZERO,
            high: Micros::ZERO,
            low: Micros::ZERO,
            close: Micros::from_dollars(close),
        };
        let bars = [bar("02-27", 10), bar("03-02", 11), bar("03-31", 12), bar("04-02", 13)];
        let closes = |start, today| index_closes(&bars, Period::starting(day(start)), day(today));
        let dollars = |a, b| Some((Micros::from_dollars(a), Micros::from_dollars(b)));
        assert_eq!(closes("03-01", "06-01"), dollars(10, 12));
        assert_eq!(closes("03-02", "06-01"), dollars(11, 12));
        assert_eq!(closes("03-02", "03-05"), dollars(11, 11));
        assert_eq!(closes("02-01", "06-01"), None);
    }
}
