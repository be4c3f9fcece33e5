//! A check of a stock position: its levels bar by bar, then the rules on days, once, on the quote at now.
//!
//! The bars go oldest first, on after a part was sold and no further after everything was. What is left then meets,
//! in this order,
//! 1. the breakeven promotion: gain and days enough and the target never met, so the stop rises to the entry price
//!    and the tier to extended, both for good;
//! 2. the time stops, which sell everything at the quote: the base tier without enough gain, the extended tier after
//!    its days, every tier after the most days. A position promoted late may thus be closed in the same check.
//!
//! The rules on days need no bars. Days are calendar days from the entry date to the run's Eastern day. The caller
//! makes the bars with [`timeline`](super::timeline::timeline); bars outside the holding's window are skipped, so a
//! check repeated from the state after it finds nothing new.

use super::{
    accounting::hold_days,
    bracket::test_bar,
    candle::Quote,
    exit::{Check, Checked, Exit, ExitReason},
    money::Micros,
    stock_holding::{StockExitRules, StockHolding, TimeExtension},
    timeline::Bar,
};

/// What is sold of a holding at a check, and the holding after it. `bars` ascend and were known at the check.
#[must_use]
pub fn check_stock(
    holding: &StockHolding,
    bars: &[Bar],
    quote: &Quote,
    check: Check,
    rules: &StockExitRules,
) -> Checked<StockHolding> {
    let mut after = *holding;
    let mut exits = Vec::new();
    for bar in bars.iter().filter(|bar| holding.window.admits(bar)) {
        if after.remaining > 0 {
            exits.extend(test_bar(&mut after, bar, rules));
        }
    }
    if after.remaining > 0 {
        let days = hold_days(after.entry_date, check.today);
        promote(&mut after, quote.price, days, rules);
        exits.extend(stop_in_time(&mut after, quote, days, check, rules));
    }
    after.window = after.window.checked(check.now);
    Checked { exits, after }
}

/// Raises the stop to the entry price once gain and days suffice and the target was never met.
fn promote(holding: &mut StockHolding, price: Micros, days: i64, rules: &StockExitRules) {
    let gains = price.gained_at_least(holding.entry_price, rules.breakeven_trigger);
    if gains && days >= rules.breakeven_min_days && !holding.trailing_stop_active {
        holding.stop_loss_price = holding.entry_price;
        holding.extend(TimeExtension::Extended);
    }
}

/// Sells everything at the quote when the tier's time is over.
fn stop_in_time(
    holding: &mut StockHolding,
    quote: &Quote,
    days: i64,
    check: Check,
    rules: &StockExitRules,
) -> Option<Exit> {
    if !is_over(holding, quote.price, days, rules) {
        return None;
    }
    let units = std::mem::take(&mut holding.remaining);
    Some(Exit {
        reason: ExitReason::TimeStop,
        price: quote.price,
        units,
        date: check.today,
        triggered_at: quote.at,
    })
}

fn is_over(holding: &StockHolding, price: Micros, days: i64, rules: &StockExitRules) -> bool {
    let tier_over = match holding.time_extension {
        TimeExtension::Base => {
            days >= rules.time_stop_base_days
                && !price.gained_at_least(holding.entry_price, rules.time_stop_base_min_gain)
        }
        TimeExtension::Extended => days >= rules.time_stop_extended_days,
        TimeExtension::Trailing => false,
    };
    tier_over || days >= rules.time_stop_max_days
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
    use proptest::prelude::*;

    use super::*;
    use ExitReason::{BreakevenStop, StopLoss, TakeProfit, TimeStop, TrailingStop};

    fn entry_date() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 9).unwrap()
    }

    fn opened_at() -> DateTime<Utc> {
        "2026-03-09T15:00:00Z".parse().unwrap()
    }

    /// Bought at 100: stop 90, target 115.
    fn holding(shares: i64) -> StockHolding {
        let rules = StockExitRules::default();
        StockHolding::opened(Micros::from_dollars(100), entry_date(), opened_at(), shares, &rules)
    }

    fn raised(shares: i64) -> StockHolding {
        StockHolding {
            stop_loss_price: Micros::from_dollars(100),
            time_extension: TimeExtension::Extended,
            ..holding(shares)
        }
    }

    fn trailing(shares: i64) -> StockHolding {
        StockHolding {
            trailing_stop_active: true,
            time_extension: TimeExtension::Trailing,
            peak_price: Micros::from_dollars(120),
            ..holding(shares)
        }
    }

    /// Five minutes, the `index`-th after the opening.
    fn bar(index: i64, open: f64, high: f64, low: f64) -> Bar {
        let price = |dollars| Micros::from_number(dollars).unwrap();
        let from = opened_at() + Duration::minutes(5 * index);
        Bar {
            time: from,
            from,
            until: from + Duration::minutes(5),
            open: price(open),
            high: price(high),
            low: price(low),
            close: price(open),
        }
    }

    fn on_day(days: u64) -> Check {
        Check {
            today: entry_date() + Days::new(days),
            now: opened_at() + Duration::days(i64::try_from(days).unwrap()) + Duration::hours(4),
        }
    }

    fn quote(price: f64, check: Check) -> Quote {
        Quote {
            at: check.now - Duration::seconds(1),
            price: Micros::from_number(price).unwrap(),
            delta: None,
            underlying_price: None,
        }
    }

    fn run(held: &StockHolding, bars: &[Bar], price: f64, days: u64) -> Checked<StockHolding> {
        let check = on_day(days);
        check_stock(held, bars, &quote(price, check), check, &StockExitRules::default())
    }

    fn sold(checked: &Checked<StockHolding>) -> Vec<(ExitReason, f64, i64)> {
        let brief = |exit: &Exit| (exit.reason, exit.price.dollars(), exit.units);
        checked.exits.iter().map(brief).collect()
    }

    #[test]
    fn a_position_without_bars_and_reasons_is_left_alone_but_for_the_time_of_the_check() {
        let checked = run(&holding(10), &[], 104.0, 4);
        assert_eq!(sold(&checked), []);
        let expected = StockHolding {
            window: holding(10).window.checked(on_day(4).now),
            ..holding(10)
        };
        assert_eq!(checked.after, expected);
    }

    #[test]
    fn the_base_tier_ends_on_day_five_without_a_gain_of_five_percent() {
        assert_eq!(sold(&run(&holding(10), &[], 104.99, 4)), []);
        assert_eq!(sold(&run(&holding(10), &[], 104.99, 5)), [(TimeStop, 104.99, 10)]);
        assert_eq!(sold(&run(&holding(10), &[], 105.0, 5)), []);
    }

    #[test]
    fn a_gain_of_five_percent_on_day_five_raises_the_stop_for_good() {
        assert_eq!(
            run(&holding(10), &[], 105.0, 4).after.time_extension,
            TimeExtension::Base
        );
        let after = run(&holding(10), &[], 105.0, 5).after;
        assert_eq!(
            (after.stop_loss_price, after.time_extension),
            (Micros::from_dollars(100), TimeExtension::Extended)
        );
        let later = run(&after, &[], 101.0, 6);
        assert_eq!(sold(&later), [], "the gain is gone, the tier stays");
        assert_eq!(later.after.stop_loss_price, Micros::from_dollars(100));
    }

    #[test]
    fn the_extended_tier_ends_on_day_seven_whatever_it_gains() {
        assert_eq!(sold(&run(&raised(10), &[], 108.0, 6)), []);
        assert_eq!(sold(&run(&raised(10), &[], 108.0, 7)), [(TimeStop, 108.0, 10)]);
    }

    #[test]
    fn a_position_promoted_as_late_as_day_seven_is_closed_in_the_same_check() {
        let checked = run(&holding(10), &[], 108.0, 7);
        assert_eq!(sold(&checked), [(TimeStop, 108.0, 10)]);
        assert_eq!(checked.after.time_extension, TimeExtension::Extended);
    }

    #[test]
    fn the_trailing_tier_ends_on_day_ten_only() {
        assert_eq!(sold(&run(&trailing(5), &[], 113.0, 9)), []);
        assert_eq!(sold(&run(&trailing(5), &[], 113.0, 10)), [(TimeStop, 113.0, 5)]);
    }

    #[test]
    fn a_position_that_met_its_target_is_never_promoted() {
        let after = run(&trailing(5), &[], 113.0, 9).after;
        assert_eq!(
            (after.stop_loss_price, after.time_extension),
            (Micros::from_dollars(90), TimeExtension::Trailing)
        );
    }

    #[test]
    fn exits_at_the_quote_are_dated_today_and_those_in_a_bar_with_its_day() {
        let checked = run(&holding(10), &[bar(0, 100.0, 116.0, 99.0)], 113.0, 10);
        assert_eq!(sold(&checked), [(TakeProfit, 115.0, 5), (TimeStop, 113.0, 5)]);
        let dates: Vec<_> = checked
            .exits
            .iter()
            .map(|exit| (exit.date, exit.triggered_at))
            .collect();
        let check = on_day(10);
        assert_eq!(
            dates,
            [
                (entry_date(), opened_at()),
                (check.today, check.now - Duration::seconds(1))
            ]
        );
    }

    #[test]
    fn bars_go_on_after_a_part_was_sold_and_end_with_the_rest() {
        let bars = [
            bar(0, 100.0, 116.0, 99.0),
            bar(1, 116.0, 130.0, 115.0),
            bar(2, 128.0, 129.0, 120.0),
            bar(3, 70.0, 71.0, 60.0),
        ];
        let checked = run(&holding(11), &bars, 60.0, 0);
        assert_eq!(sold(&checked), [(TakeProfit, 115.0, 5), (TrailingStop, 120.9, 6)]);
        assert_eq!(checked.after.remaining, 0);
    }

    #[test]
    fn of_a_level_and_a_rule_on_days_the_level_wins() {
        assert_eq!(
            sold(&run(&holding(10), &[bar(0, 95.0, 96.0, 89.0)], 80.0, 10)),
            [(StopLoss, 90.0, 10)]
        );
        assert_eq!(
            sold(&run(&raised(10), &[bar(0, 103.0, 104.0, 99.0)], 99.0, 7)),
            [(BreakevenStop, 100.0, 10)]
        );
        assert_eq!(
            sold(&run(&trailing(5), &[bar(0, 113.0, 114.0, 110.0)], 99.0, 10)),
            [(TrailingStop, 111.6, 5)]
        );
        // The target comes first and forbids the promotion.
        let checked = run(&holding(10), &[bar(0, 110.0, 116.0, 109.0)], 112.0, 7);
        assert_eq!(sold(&checked), [(TakeProfit, 115.0, 5)]);
        assert_eq!(checked.after.stop_loss_price, Micros::from_dollars(90));
    }

    #[test]
    fn a_stop_raised_at_one_check_is_touched_at_the_next_only() {
        let dip = bar(0, 100.0, 101.0, 95.0);
        let first = run(&holding(10), &[dip], 106.0, 5);
        assert_eq!(sold(&first), []);
        let again = run(&first.after, &[dip], 106.0, 5);
        assert_eq!(sold(&again), [], "the dip was before the stop was raised");
    }

    #[test]
    fn a_bar_from_before_the_opening_is_never_tested() {
        assert_eq!(sold(&run(&holding(10), &[bar(-1, 85.0, 120.0, 80.0)], 104.0, 0)), []);
    }

    #[test]
    fn a_whole_day_is_tested_like_a_candle() {
        let day = crate::market::candle::DailyBar {
            date: entry_date() + Days::new(1),
            open: Micros::from_dollars(100),
            high: Micros::from_dollars(101),
            low: Micros::from_dollars(88),
            close: Micros::from_dollars(95),
        };
        let session = crate::market::calendar::Calendar::default().session(day.date).unwrap();
        let checked = run(&holding(10), &[Bar::of_day(&day, &session, on_day(2).now)], 95.0, 2);
        assert_eq!(sold(&checked), [(StopLoss, 90.0, 10)]);
        assert_eq!(
            (checked.exits[0].date, checked.exits[0].triggered_at),
            (day.date, session.close)
        );
    }

    prop_compose! {
        /// Bars from before the opening to after it, prices around the entry, each coherent.
        fn any_bars()(rows in proptest::collection::vec((70.0..140.0_f64, 0.0..25.0_f64, 0.0..25.0_f64), 0..40)) -> Vec<Bar> {
            (-5..).zip(rows).map(|(index, (open, up, down))| bar(index, open, open + up, open - down)).collect()
        }
    }

    proptest! {
        #[test]
        fn every_exit_has_units_and_a_price_of_its_bar_or_the_quote(
            bars in any_bars(), shares in 1_i64..50, days in 0_u64..12, price in 60.0..150.0_f64
        ) {
            let checked = run(&holding(shares), &bars, price, days);
            let units: i64 = checked.exits.iter().map(|exit| exit.units).sum();
            prop_assert_eq!(units, shares - checked.after.remaining);
            prop_assert!(checked.after.remaining >= 0);
            for exit in &checked.exits {
                prop_assert!(exit.units > 0 && exit.triggered_at >= opened_at());
                let in_bar = |bar: &Bar| bar.time == exit.triggered_at && (bar.low..=bar.high).contains(&exit.price);
                let at_quote = exit.price == Micros::from_number(price).unwrap() && exit.date == on_day(days).today;
                prop_assert!(at_quote || bars.iter().any(in_bar), "{:?}", exit);
            }
        }

        #[test]
        fn a_check_repeated_from_the_state_after_it_finds_nothing(
            bars in any_bars(), shares in 1_i64..50, days in 0_u64..12, price in 60.0..150.0_f64
        ) {
            let after = run(&holding(shares), &bars, price, days).after;
            let again = run(&after, &bars, price, days);
            prop_assert_eq!(again.exits, []);
            prop_assert_eq!(again.after, after);
        }

        #[test]
        fn bars_may_come_in_one_check_or_in_several(bars in any_bars(), shares in 1_i64..50, cut in 0_usize..40) {
            let whole = run(&holding(shares), &bars, 100.0, 0);
            let cut = cut.min(bars.len());
            let halfway = Check {
                today: entry_date(),
                now: bars[..cut].last().map_or_else(opened_at, |bar| bar.until),
            };
            let rules = StockExitRules::default();
            let first = check_stock(&holding(shares), &bars[..cut], &quote(100.0, halfway), halfway, &rules);
            let second = run(&first.after, &bars, 100.0, 0);
            prop_assert_eq!([first.exits, second.exits].concat(), whole.exits);
            prop_assert_eq!(second.after, whole.after);
        }

        #[test]
        fn the_tier_never_moves_down_and_the_peak_never_falls(
            bars in any_bars(), days in proptest::collection::vec((0_u64..9, 60.0..150.0_f64), 1..6)
        ) {
            let mut held = holding(20);
            for (day, price) in days {
                let after = run(&held, &bars, price, day).after;
                prop_assert!(after.time_extension >= held.time_extension);
                prop_assert!(after.peak_price >= held.peak_price && after.stop_loss_price >= held.stop_loss_price);
                held = after;
            }
        }
    }
}
