//! A check of held option contracts on one premium, sampled when the check is made.
//!
//! In order, each rule on what remains, ending with a full exit:
//! 0. expired before today: everything at the last known premium, 0 if there is none; needs no sample;
//! 1. about to expire: everything at the premium;
//! 2. stop: everything at its level, `entry x (1 + stop)`; the setting is negative (-0.50) and compared as it is;
//! 3. the first time at the target: a part at its level, `entry x (1 + target)`, the trailing stop starts, and the
//!    peak is the premium;
//! 4. trailing stop: the rest at `peak x (1 - trailing)`;
//! 5. held long enough: the rest at the premium.
//!
//! Then the peak rolls. Without a sample only rule 0 applies. Between two checks nobody saw the premium, so a level
//! that the sample lies beyond counts as crossed and is the price of the exit: unlike a candle, a sample cannot show
//! that it was jumped over. Positions and predictions share this cascade.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    accounting::hold_days,
    candle::Quote,
    exit::{Check, Checked, Exit, ExitReason},
    money::{Micros, Rate},
    option_holding::{OptionExitRules, OptionHolding},
    strike::dte,
};

/// What is sold of a holding at a check, and the holding after it; see the module.
#[must_use]
pub fn check_option(
    holding: &OptionHolding,
    quote: Option<&Quote>,
    check: Check,
    rules: &OptionExitRules,
) -> Checked<OptionHolding> {
    let mut exits = Vec::new();
    let mut after = *holding;
    if holding.remaining == 0 {
        return Checked { exits, after };
    }
    if holding.is_expired(check.today) {
        let last = holding.last_premium.unwrap_or(Micros::ZERO);
        let all = (ExitReason::Expiration, last, holding.remaining);
        exits.extend(sell(&mut after, all, check.today, check.now));
    } else if let Some(quote) = quote {
        for rule in [protect, stop, take_profit, trail, stop_in_time] {
            if after.remaining > 0
                && let Some(sale) = rule(&mut after, quote.price, check.today, rules)
            {
                exits.extend(sell(&mut after, sale, check.today, quote.at));
            }
        }
        after.peak_premium = after.peak_premium.max(quote.price);
        after.last_premium = Some(quote.price);
    }
    Checked { exits, after }
}

/// Why, at which premium, and how many.
type Sale = (ExitReason, Micros, i64);

/// Rule 1.
fn protect(held: &mut OptionHolding, premium: Micros, today: NaiveDate, rules: &OptionExitRules) -> Option<Sale> {
    let near = dte(today, held.expiration) <= rules.expiration_protection_dte;
    near.then_some((ExitReason::Expiration, premium, held.remaining))
}

/// Rule 2.
fn stop(held: &mut OptionHolding, premium: Micros, _: NaiveDate, rules: &OptionExitRules) -> Option<Sale> {
    let level = held.entry_premium.times(Rate::ONE + rules.stop_loss);
    let fell = premium.gained_at_most(held.entry_premium, rules.stop_loss);
    fell.then_some((ExitReason::StopLoss, level, held.remaining))
}

/// Rule 3.
fn take_profit(held: &mut OptionHolding, premium: Micros, _: NaiveDate, rules: &OptionExitRules) -> Option<Sale> {
    if held.trailing_stop_active || !premium.gained_at_least(held.entry_premium, rules.take_profit) {
        return None;
    }
    held.trailing_stop_active = true;
    held.peak_premium = premium;
    let level = held.entry_premium.times(Rate::ONE + rules.take_profit);
    Some((
        ExitReason::TakeProfit,
        level,
        rules.take_profit_exit.floor_of(held.remaining),
    ))
}

/// Rule 4.
fn trail(held: &mut OptionHolding, premium: Micros, _: NaiveDate, rules: &OptionExitRules) -> Option<Sale> {
    let level = held.peak_premium.times(Rate::ONE - rules.trailing_stop);
    let fell = held.trailing_stop_active && premium <= level;
    fell.then_some((ExitReason::TrailingStop, level, held.remaining))
}

/// Rule 5.
fn stop_in_time(held: &mut OptionHolding, premium: Micros, today: NaiveDate, rules: &OptionExitRules) -> Option<Sale> {
    let over = hold_days(held.entry_date, today) >= rules.time_stop_days;
    over.then_some((ExitReason::TimeStop, premium, held.remaining))
}

/// Takes the units out of the holding; `None` when there are none to take.
fn sell(held: &mut OptionHolding, sale: Sale, date: NaiveDate, triggered_at: DateTime<Utc>) -> Option<Exit> {
    let (reason, price, units) = sale;
    held.remaining -= units;
    (units > 0).then_some(Exit {
        reason,
        price,
        units,
        date,
        triggered_at,
    })
}

#[cfg(test)]
mod tests {
    use chrono::{Days, Duration};
    use proptest::prelude::*;

    use super::*;
    use ExitReason::{Expiration, StopLoss, TakeProfit, TimeStop, TrailingStop};

    fn entry_date() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 9).unwrap()
    }

    /// Bought at 2.00, 17 days before its last day.
    fn holding(contracts: i64) -> OptionHolding {
        OptionHolding::opened(
            Micros::from_dollars(2),
            entry_date(),
            entry_date() + Days::new(17),
            contracts,
        )
    }

    /// The target was met and the peak is 5.00: trailing level 3.50.
    fn trailing(contracts: i64) -> OptionHolding {
        OptionHolding {
            trailing_stop_active: true,
            peak_premium: Micros::from_dollars(5),
            ..holding(contracts)
        }
    }

    fn on_day(days: u64) -> Check {
        let today = entry_date() + Days::new(days);
        Check {
            today,
            now: today.and_hms_opt(15, 0, 0).unwrap().and_utc(),
        }
    }

    fn run(held: &OptionHolding, premium: Option<f64>, days: u64) -> Checked<OptionHolding> {
        let check = on_day(days);
        let quote = premium.map(|premium| Quote {
            at: check.now - Duration::seconds(1),
            price: Micros::from_number(premium).unwrap(),
            delta: None,
            underlying_price: None,
        });
        check_option(held, quote.as_ref(), check, &OptionExitRules::default())
    }

    fn sold(held: &OptionHolding, premium: f64, days: u64) -> Vec<(ExitReason, f64, i64)> {
        brief(&run(held, Some(premium), days))
    }

    fn brief(checked: &Checked<OptionHolding>) -> Vec<(ExitReason, f64, i64)> {
        let brief = |exit: &Exit| (exit.reason, exit.price.dollars(), exit.units);
        checked.exits.iter().map(brief).collect()
    }

    #[test]
    fn a_premium_between_the_levels_only_moves_peak_and_last_premium() {
        let checked = run(&holding(6), Some(3.99), 9);
        assert_eq!(brief(&checked), []);
        let seen = Micros::from_number(3.99).unwrap();
        let expected = OptionHolding {
            peak_premium: seen,
            last_premium: Some(seen),
            ..holding(6)
        };
        assert_eq!(checked.after, expected);
        let fallen = run(&checked.after, Some(1.5), 9).after;
        assert_eq!(
            (fallen.peak_premium, fallen.last_premium),
            (seen, Micros::from_number(1.5))
        );
    }

    #[test]
    fn an_expired_contract_is_left_at_the_last_known_premium() {
        let last = OptionHolding {
            last_premium: Micros::from_number(0.4),
            ..holding(6)
        };
        assert_eq!(brief(&run(&last, None, 18)), [(Expiration, 0.4, 6)]);
        assert_eq!(
            brief(&run(&last, Some(9.0), 18)),
            [(Expiration, 0.4, 6)],
            "no quote counts any more"
        );
        let unknown = OptionHolding {
            last_premium: None,
            ..holding(6)
        };
        assert_eq!(brief(&run(&unknown, None, 18)), [(Expiration, 0.0, 6)]);
    }

    #[test]
    fn two_days_before_its_last_day_everything_is_sold_at_the_premium() {
        let late = OptionHolding {
            entry_date: entry_date() + Days::new(10),
            ..holding(6)
        };
        assert_eq!(sold(&late, 1.9, 14), []);
        assert_eq!(sold(&late, 1.9, 15), [(Expiration, 1.9, 6)]);
        assert_eq!(sold(&late, 1.9, 17), [(Expiration, 1.9, 6)], "on the last day itself");
    }

    #[test]
    fn half_the_premium_lost_sells_everything_at_half() {
        assert_eq!(sold(&holding(6), 1.000_001, 3), []);
        assert_eq!(sold(&holding(6), 1.0, 3), [(StopLoss, 1.0, 6)]);
        assert_eq!(sold(&holding(6), 0.3, 3), [(StopLoss, 1.0, 6)]);
        assert_eq!(sold(&holding(6), 0.0, 3), [(StopLoss, 1.0, 6)]);
    }

    #[test]
    fn the_stop_is_compared_as_it_is_stored() {
        let gain = sold(&holding(6), 3.2, 3);
        assert_eq!(gain, [], "a negated setting would sell at +60%");
    }

    #[test]
    fn a_doubled_premium_sells_half_and_starts_the_trailing_stop() {
        assert_eq!(sold(&holding(7), 3.999_999, 3), []);
        let checked = run(&holding(7), Some(5.0), 3);
        assert_eq!(brief(&checked), [(TakeProfit, 4.0, 3)]);
        let seen = Micros::from_dollars(5);
        assert_eq!(
            checked.after,
            OptionHolding {
                last_premium: Some(seen),
                ..trailing(4)
            }
        );
    }

    #[test]
    fn the_trailing_stop_starts_from_the_premium_and_not_from_an_older_peak() {
        // A peak above the target that was never met: the setting was lowered in between.
        let before = OptionHolding {
            peak_premium: Micros::from_dollars(9),
            ..holding(6)
        };
        let checked = run(&before, Some(5.0), 3);
        assert_eq!(brief(&checked), [(TakeProfit, 4.0, 3)]);
        assert_eq!(checked.after.peak_premium, Micros::from_dollars(5));
    }

    #[test]
    fn no_rule_is_looked_at_after_a_full_exit() {
        let checked = run(&holding(6), Some(5.0), 15);
        assert_eq!(brief(&checked), [(Expiration, 5.0, 6)]);
        assert!(!checked.after.trailing_stop_active);
    }

    #[test]
    fn the_target_of_a_single_contract_starts_the_trailing_stop_without_a_sale() {
        let checked = run(&holding(1), Some(4.0), 3);
        assert_eq!(brief(&checked), []);
        assert!(checked.after.trailing_stop_active && checked.after.remaining == 1);
    }

    #[test]
    fn the_trailing_stop_sells_the_rest_thirty_percent_below_the_peak() {
        assert_eq!(sold(&trailing(3), 3.500_001, 3), []);
        assert_eq!(sold(&trailing(3), 3.5, 3), [(TrailingStop, 3.5, 3)]);
        assert_eq!(sold(&trailing(3), 9.0, 3), [], "the target is met once");
    }

    #[test]
    fn ten_days_are_enough() {
        assert_eq!(sold(&holding(6), 2.5, 9), []);
        assert_eq!(sold(&holding(6), 2.5, 10), [(TimeStop, 2.5, 6)]);
    }

    #[test]
    fn of_two_rules_in_one_check_the_earlier_wins() {
        // About to expire and stop, target, trailing stop, time stop.
        for (held, premium) in [
            (holding(6), 0.5),
            (holding(6), 5.0),
            (trailing(6), 1.5),
            (holding(6), 2.0),
        ] {
            assert_eq!(sold(&held, premium, 15), [(Expiration, premium, 6)], "{premium}");
        }
        // Stop and trailing stop; stop and time stop.
        assert_eq!(sold(&trailing(6), 0.9, 3), [(StopLoss, 1.0, 6)]);
        assert_eq!(sold(&holding(6), 0.9, 10), [(StopLoss, 1.0, 6)]);
        // Trailing stop and time stop.
        assert_eq!(sold(&trailing(6), 3.0, 10), [(TrailingStop, 3.5, 6)]);
    }

    #[test]
    fn the_target_and_the_time_stop_share_the_contracts() {
        assert_eq!(sold(&holding(7), 5.0, 10), [(TakeProfit, 4.0, 3), (TimeStop, 5.0, 4)]);
        assert_eq!(sold(&holding(1), 5.0, 10), [(TimeStop, 5.0, 1)]);
    }

    #[test]
    fn without_a_premium_nothing_happens_and_the_stale_one_stays() {
        let checked = run(&trailing(3), None, 12);
        assert_eq!((brief(&checked), checked.after), (vec![], trailing(3)));
    }

    #[test]
    fn exits_carry_the_day_and_the_time_of_the_quote() {
        let checked = run(&holding(6), Some(2.5), 10);
        let check = on_day(10);
        assert_eq!(checked.exits[0].date, check.today);
        assert_eq!(checked.exits[0].triggered_at, check.now - Duration::seconds(1));
        assert_eq!(run(&holding(6), None, 18).exits[0].triggered_at, on_day(18).now);
    }

    proptest! {
        #[test]
        fn units_add_up_and_a_repeated_check_finds_nothing(
            samples in proptest::collection::vec((0_u64..20, proptest::option::of(0.0..9.0_f64)), 1..12),
            contracts in 1_i64..20
        ) {
            let mut held = holding(contracts);
            let mut sold = 0;
            for (day, premium) in samples {
                let checked = run(&held, premium, day);
                prop_assert!(checked.exits.iter().all(|exit| exit.units > 0 && exit.price >= Micros::ZERO));
                sold += checked.exits.iter().map(|exit| exit.units).sum::<i64>();
                prop_assert!(checked.after.remaining >= 0);
                prop_assert_eq!(sold + checked.after.remaining, contracts);
                let again = run(&checked.after, premium, day);
                prop_assert_eq!(again.exits, []);
                prop_assert_eq!(again.after, checked.after);
                held = checked.after;
            }
        }

        #[test]
        fn an_exit_is_priced_at_its_level_or_at_the_premium(premium in 0.0..9.0_f64, days in 0_u64..18, met in any::<bool>()) {
            let held = if met { trailing(6) } else { holding(6) };
            for exit in run(&held, Some(premium), days).exits {
                let level = match exit.reason {
                    StopLoss => Micros::from_dollars(1),
                    TakeProfit => Micros::from_dollars(4),
                    TrailingStop => Micros::from_number(3.5).unwrap(),
                    _ => Micros::from_number(premium).unwrap(),
                };
                prop_assert_eq!(exit.price, level);
            }
        }
    }
}
