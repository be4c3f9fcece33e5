//! What an exit brings, what a portfolio is worth: the arithmetic of the books.
//!
//! Amounts are exact. Cash takes the proceeds of an exit and nothing else: the profit is in them already. Fractions
//! (`quantity_pct`, returns) are doubles, made once from exact amounts and never computed with again.

use chrono::NaiveDate;

use super::{exit::Exit, instrument::InstrumentType, money::Micros};

/// Cash that an exit brings in: `price x units`, x 100 for contracts.
#[must_use]
pub fn proceeds(instrument: InstrumentType, exit: &Exit) -> Micros {
    instrument.worth(exit.price, exit.units)
}

/// `(exit - entry) x units`, x 100 for contracts; negative for a loss.
#[must_use]
pub fn realized_pnl(instrument: InstrumentType, entry_price: Micros, exit: &Exit) -> Micros {
    instrument.worth(exit.price - entry_price, exit.units)
}

/// The part of the units held before an exit that left with it, `0..=1`; 0 when nothing was held.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "units stay far below 2^52")]
pub fn quantity_pct(units: i64, remaining_before: i64) -> f64 {
    if remaining_before == 0 {
        return 0.0;
    }
    units as f64 / remaining_before as f64
}

/// Calendar days from the entry to `date`.
#[must_use]
pub fn hold_days(entry_date: NaiveDate, date: NaiveDate) -> i64 {
    (date - entry_date).num_days()
}

/// The return of a closed position as a fraction of what it cost; 0 when it cost nothing.
#[must_use]
pub fn realized_return(pnl: Micros, position_size: Micros) -> f64 {
    pnl.fraction_of(position_size)
}

/// Units of one open position with their last price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Valued {
    /// Shares or contracts.
    pub instrument: InstrumentType,
    /// Last price per share, or premium per share of the contract.
    pub last_price: Micros,
    /// What is still held.
    pub remaining: i64,
}

/// What a portfolio is worth: its cash and its open positions at their last prices.
#[must_use]
pub fn current_value(cash: Micros, open: impl IntoIterator<Item = Valued>) -> Micros {
    let held: Micros = open
        .into_iter()
        .map(|held| held.instrument.worth(held.last_price, held.remaining))
        .sum();
    cash + held
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "the quotients are exact")]
mod tests {
    use super::*;
    use crate::market::exit::ExitReason;
    use InstrumentType::{Option as Contracts, Stock};

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, day).unwrap()
    }

    fn exit(dollars: i64, units: i64) -> Exit {
        Exit {
            reason: ExitReason::TimeStop,
            price: Micros::from_dollars(dollars),
            units,
            date: day(9),
            triggered_at: day(9).and_hms_opt(15, 0, 0).unwrap().and_utc(),
        }
    }

    #[test]
    fn an_exit_brings_its_price_and_its_profit_is_part_of_that() {
        let entry = Micros::from_dollars(10);
        assert_eq!(proceeds(Stock, &exit(12, 5)), Micros::from_dollars(60));
        assert_eq!(realized_pnl(Stock, entry, &exit(12, 5)), Micros::from_dollars(10));
        assert_eq!(proceeds(Contracts, &exit(12, 5)), Micros::from_dollars(6000));
        assert_eq!(realized_pnl(Contracts, entry, &exit(4, 5)), Micros::from_dollars(-3000));
    }

    #[test]
    fn fractions_are_of_what_was_there() {
        assert_eq!(quantity_pct(5, 20), 0.25);
        assert_eq!(quantity_pct(2, 5), 0.4);
        assert_eq!(quantity_pct(3, 3), 1.0);
        assert_eq!(quantity_pct(0, 0), 0.0);
        assert_eq!(
            realized_return(Micros::from_dollars(-250), Micros::from_dollars(1000)),
            -0.25
        );
        assert_eq!(realized_return(Micros::from_dollars(1), Micros::ZERO), 0.0);
    }

    #[test]
    fn days_are_calendar_days() {
        assert_eq!(hold_days(day(2), day(5)), 3);
        assert_eq!(hold_days(day(5), day(5)), 0);
    }

    #[test]
    fn a_portfolio_is_worth_its_cash_and_what_it_holds() {
        let held = |instrument, dollars, remaining| Valued {
            instrument,
            last_price: Micros::from_dollars(dollars),
            remaining,
        };
        let value = current_value(Micros::from_dollars(100), [held(Stock, 10, 3), held(Contracts, 2, 4)]);
        assert_eq!(value, Micros::from_dollars(100 + 30 + 800));
        assert_eq!(current_value(Micros(7), []), Micros(7));
    }
}
