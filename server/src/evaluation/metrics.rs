//! What a period is judged by: pure functions of the portfolio's value, the index, and what was closed.

use shared::market::money::Micros;
use shared::store::evaluations_read::ClosedPosition;

use crate::percent::{self, percent};

/// What came of the positions that were closed in a period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Closures {
    /// Positions closed.
    pub total: i64,
    /// Of these, with a profit.
    pub winning: i64,
    /// The others.
    pub losing: i64,
    /// Mean realised return in percent; 0 without positions.
    pub avg_return_pct: f64,
    /// Winning ones of all in percent; 0 without positions.
    pub signal_accuracy_pct: f64,
}

/// Counts closed positions.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "positions are few")]
pub fn closures(closed: &[ClosedPosition]) -> Closures {
    let winning = closed.iter().filter(|one| one.realized_pnl > Micros::ZERO).count();
    let of = closed.len().max(1) as f64;
    let returns: f64 = closed.iter().map(|one| one.realized_return_pct).sum();
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    Closures {
        total: count(closed.len()),
        winning: count(winning),
        losing: count(closed.len() - winning),
        avg_return_pct: percent::of_fraction(returns / of),
        signal_accuracy_pct: winning as f64 * 100.0 / of,
    }
}

/// How a portfolio did, alone and against the index. Percents.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Performance {
    /// Return of the portfolio; `None` when it began with nothing.
    pub portfolio: Option<f64>,
    /// Return of the index, where it is known.
    pub index: Option<f64>,
    /// The difference, where both are known.
    pub relative: Option<f64>,
    /// Whether it is positive.
    pub beats: Option<bool>,
}

/// Compares a portfolio with the index.
#[must_use]
pub fn performance(start: Micros, current: Micros, index: Option<f64>) -> Performance {
    let portfolio = percent(current - start, start);
    let relative = portfolio.zip(index).map(|(own, index)| own - index);
    Performance {
        portfolio,
        index,
        relative,
        beats: relative.map(|difference| difference > 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_without_a_profit_is_a_losing_one() {
        let closed = |pnl, fraction| ClosedPosition {
            realized_pnl: Micros(pnl),
            realized_return_pct: fraction,
        };
        let all = [closed(5, 0.10), closed(-5, -0.05), closed(0, 0.0), closed(1, 0.01)];
        let expected = Closures {
            total: 4,
            winning: 2,
            losing: 2,
            avg_return_pct: 1.5,
            signal_accuracy_pct: 50.0,
        };
        assert_eq!(closures(&all), expected);
        assert_eq!(closures(&[]).signal_accuracy_pct.to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn the_index_is_beaten_by_more_than_nothing() {
        let of = |current, index| performance(Micros::from_dollars(100), Micros::from_dollars(current), index);
        assert_eq!(
            of(104, Some(1.5)),
            Performance {
                portfolio: Some(4.0),
                index: Some(1.5),
                relative: Some(2.5),
                beats: Some(true)
            }
        );
        assert_eq!(of(104, Some(4.0)).beats, Some(false));
        assert_eq!((of(104, None).relative, of(104, None).beats), (None, None));
        assert_eq!(performance(Micros::ZERO, Micros::ZERO, Some(1.0)).relative, None);
    }
}
