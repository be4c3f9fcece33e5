//! A prediction under watch: the option cascade on paper, and the verdict when nothing of it is left.
//!
//! A prediction goes through the exits of [`option_exits`](super::option_exits) like held contracts, but no cash ever
//! moves: its profit is simulated. It resolves when its last contract is gone, and was correct when it made money;
//! breaking even is wrong. Rows that found no strike are never tracked.

use super::{
    accounting::{realized_pnl, realized_return},
    candle::Quote,
    exit::{Check, Checked, Exit},
    instrument::InstrumentType,
    money::Micros,
    option_exits::check_option,
    option_holding::{OptionExitRules, OptionHolding},
};

/// A prediction that is being tracked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tracked {
    /// Its contracts, as if they were held.
    pub holding: OptionHolding,
    /// Contracts it began with.
    pub contracts: i64,
    /// Simulated profit of the exits so far.
    pub booked_pnl: Micros,
}

/// How a prediction ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resolution {
    /// Simulated profit as a fraction of what the contracts would have cost.
    pub simulated_return: f64,
    /// It made money.
    pub is_correct: bool,
}

/// What is simulated at a check, the prediction after it, and its end if this was it.
#[must_use]
pub fn check_prediction(
    tracked: &Tracked,
    quote: Option<&Quote>,
    check: Check,
    rules: &OptionExitRules,
) -> (Checked<Tracked>, Option<Resolution>) {
    let checked = check_option(&tracked.holding, quote, check, rules);
    let entry = tracked.holding.entry_premium;
    let pnl: Micros = checked.exits.iter().map(|exit| simulated_pnl(entry, exit)).sum();
    let after = Tracked {
        holding: checked.after,
        booked_pnl: tracked.booked_pnl + pnl,
        ..*tracked
    };
    let ended = !checked.exits.is_empty() && after.holding.remaining == 0;
    let exits = checked.exits;
    (Checked { exits, after }, ended.then(|| resolution(&after)))
}

/// `(exit - entry) x contracts x 100`.
#[must_use]
pub fn simulated_pnl(entry_premium: Micros, exit: &Exit) -> Micros {
    realized_pnl(InstrumentType::Option, entry_premium, exit)
}

fn resolution(ended: &Tracked) -> Resolution {
    let cost = InstrumentType::Option.worth(ended.holding.entry_premium, ended.contracts);
    Resolution {
        simulated_return: realized_return(ended.booked_pnl, cost),
        is_correct: ended.booked_pnl > Micros::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};

    use super::*;

    fn entry_date() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 9).unwrap()
    }

    /// Ten contracts at 2.00.
    fn tracked() -> Tracked {
        Tracked {
            holding: OptionHolding::opened(Micros::from_dollars(2), entry_date(), entry_date() + Days::new(17), 10),
            contracts: 10,
            booked_pnl: Micros::ZERO,
        }
    }

    fn run(tracked: &Tracked, premium: Option<f64>, days: u64) -> (Checked<Tracked>, Option<Resolution>) {
        let today = entry_date() + Days::new(days);
        let now = today.and_hms_opt(15, 0, 0).unwrap().and_utc();
        let quote = premium.map(|premium| Quote {
            at: now,
            price: Micros::from_number(premium).unwrap(),
            delta: None,
            underlying_price: None,
        });
        check_prediction(
            tracked,
            quote.as_ref(),
            Check { today, now },
            &OptionExitRules::default(),
        )
    }

    fn verdict(tracked: &Tracked, premium: Option<f64>, days: u64) -> Option<(f64, bool)> {
        run(tracked, premium, days)
            .1
            .map(|end| (end.simulated_return, end.is_correct))
    }

    #[test]
    fn a_prediction_resolves_when_its_last_contract_is_gone() {
        assert_eq!(verdict(&tracked(), Some(2.5), 3), None);
        assert_eq!(verdict(&tracked(), Some(2.5), 10), Some((0.25, true)));
        assert_eq!(verdict(&tracked(), Some(0.1), 3), Some((-0.5, false)));
    }

    #[test]
    fn the_return_sums_over_all_exits() {
        let (half, end) = run(&tracked(), Some(4.0), 3);
        assert_eq!((half.exits.len(), end), (1, None));
        assert_eq!(half.after.booked_pnl, Micros::from_dollars(1000));
        // Five at +2.00 and five at 2.80: 1000 + 400 on 2000.
        assert_eq!(verdict(&half.after, Some(2.5), 4), Some((0.7, true)));
    }

    #[test]
    fn breaking_even_is_wrong() {
        assert_eq!(verdict(&tracked(), Some(2.0), 10), Some((0.0, false)));
    }

    #[test]
    fn an_expired_contract_resolves_without_a_quote() {
        let stale = Tracked {
            holding: OptionHolding {
                last_premium: None,
                ..tracked().holding
            },
            ..tracked()
        };
        assert_eq!(verdict(&stale, None, 18), Some((-1.0, false)));
    }

    #[test]
    fn a_resolved_prediction_does_not_resolve_again() {
        let (ended, _) = run(&tracked(), Some(2.5), 10);
        assert_eq!(verdict(&ended.after, Some(2.5), 10), None);
        assert_eq!(verdict(&ended.after, None, 18), None);
    }
}
