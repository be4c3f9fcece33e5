//! The levels of a stock position against one bar: stop, target, trailing stop.
//!
//! Nobody knows what happened first inside a bar, so the order is one of caution: a touched stop wins over
//! everything, then the first target, then the trailing stop, which is tested with the peak of the bars before and
//! not at all in the bar of the target. Afterwards the peak rolls; the high of the bar of the target is at least the
//! target, so the peak is too.
//!
//! A sale is made at its level. A level that the bar has jumped over is filled at its open instead: a stop or trailing
//! stop at the lower of the two, a target at the higher. So no exit has a price that was not traded in its bar.

use super::{
    exit::{Exit, ExitReason},
    money::Micros,
    stock_holding::{StockExitRules, StockHolding, TimeExtension},
    timeline::Bar,
};

/// Tests one bar, moves the holding on, and says what is sold; `None` also for a target that is met with too few
/// units to sell a part of, which only starts the trailing stop.
pub fn test_bar(holding: &mut StockHolding, bar: &Bar, rules: &StockExitRules) -> Option<Exit> {
    let exit = if bar.low <= holding.stop_loss_price {
        stop(holding, bar)
    } else if holding.trailing_stop_active {
        trail(holding, bar, rules)
    } else if bar.high >= holding.take_profit_price {
        take_profit(holding, bar, rules)
    } else {
        None
    };
    holding.peak_price = holding.peak_price.max(bar.high);
    if let Some(exit) = &exit {
        holding.remaining -= exit.units;
    }
    exit
}

fn stop(holding: &StockHolding, bar: &Bar) -> Option<Exit> {
    let reason = if holding.is_breakeven() {
        ExitReason::BreakevenStop
    } else {
        ExitReason::StopLoss
    };
    sale(reason, holding.stop_loss_price.min(bar.open), holding.remaining, bar)
}

fn trail(holding: &StockHolding, bar: &Bar, rules: &StockExitRules) -> Option<Exit> {
    let level = holding.trailing_level(rules);
    if bar.low > level {
        return None;
    }
    sale(ExitReason::TrailingStop, level.min(bar.open), holding.remaining, bar)
}

fn take_profit(holding: &mut StockHolding, bar: &Bar, rules: &StockExitRules) -> Option<Exit> {
    holding.trailing_stop_active = true;
    holding.extend(TimeExtension::Trailing);
    let units = rules.take_profit_exit.floor_of(holding.remaining);
    sale(
        ExitReason::TakeProfit,
        holding.take_profit_price.max(bar.open),
        units,
        bar,
    )
}

/// A sale in a bar; none of zero units.
fn sale(reason: ExitReason, price: Micros, units: i64, bar: &Bar) -> Option<Exit> {
    (units > 0).then(|| Exit {
        reason,
        price,
        units,
        date: bar.day(),
        triggered_at: bar.time,
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};

    use super::*;
    use ExitReason::{BreakevenStop, StopLoss, TakeProfit, TrailingStop};

    fn opened_at() -> DateTime<Utc> {
        "2026-03-02T15:00:00Z".parse().unwrap()
    }

    /// Bought at 100: stop 90, target 115.
    fn holding(shares: i64) -> StockHolding {
        let day = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        StockHolding::opened(
            Micros::from_dollars(100),
            day,
            opened_at(),
            shares,
            &StockExitRules::default(),
        )
    }

    /// The target was met and the peak is 120: trailing level 111.60.
    fn trailing(shares: i64) -> StockHolding {
        StockHolding {
            trailing_stop_active: true,
            time_extension: TimeExtension::Trailing,
            peak_price: Micros::from_dollars(120),
            ..holding(shares)
        }
    }

    fn price(dollars: f64) -> Micros {
        Micros::from_number(dollars).unwrap()
    }

    fn bar(open: f64, high: f64, low: f64) -> Bar {
        Bar {
            time: opened_at(),
            from: opened_at(),
            until: opened_at(),
            open: price(open),
            high: price(high),
            low: price(low),
            close: price(open),
        }
    }

    fn test(holding: &mut StockHolding, bar: &Bar) -> Option<(ExitReason, f64, i64)> {
        test_bar(holding, bar, &StockExitRules::default()).map(|exit| (exit.reason, exit.price.dollars(), exit.units))
    }

    #[test]
    fn a_bar_between_the_levels_only_moves_the_peak() {
        let mut held = holding(10);
        assert_eq!(test(&mut held, &bar(100.0, 114.99, 90.01)), None);
        assert_eq!(
            held,
            StockHolding {
                peak_price: price(114.99),
                ..holding(10)
            }
        );
    }

    #[test]
    fn a_touched_stop_sells_everything_at_the_stop() {
        let mut held = holding(10);
        assert_eq!(test(&mut held, &bar(100.0, 101.0, 90.0)), Some((StopLoss, 90.0, 10)));
        assert_eq!(held.remaining, 0);
    }

    #[test]
    fn a_stop_at_the_entry_price_is_a_breakeven_stop() {
        let mut held = StockHolding {
            stop_loss_price: price(100.0),
            ..holding(10)
        };
        assert_eq!(
            test(&mut held, &bar(104.0, 105.0, 99.0)),
            Some((BreakevenStop, 100.0, 10))
        );
    }

    #[test]
    fn the_target_sells_half_and_starts_the_trailing_stop() {
        let mut held = holding(11);
        assert_eq!(test(&mut held, &bar(110.0, 116.0, 101.0)), Some((TakeProfit, 115.0, 5)));
        let expected = StockHolding {
            peak_price: price(116.0),
            ..trailing(6)
        };
        assert_eq!(
            held, expected,
            "and 101, far below the trailing level, does not count in this bar"
        );
    }

    #[test]
    fn the_target_of_a_single_share_starts_the_trailing_stop_without_a_sale() {
        let mut held = holding(1);
        assert_eq!(test(&mut held, &bar(110.0, 115.0, 109.0)), None);
        assert_eq!(
            held,
            StockHolding {
                peak_price: price(115.0),
                ..trailing(1)
            }
        );
    }

    #[test]
    fn the_target_is_met_once() {
        let mut held = trailing(6);
        assert_eq!(test(&mut held, &bar(130.0, 140.0, 129.0)), None);
        assert_eq!((held.remaining, held.peak_price), (6, price(140.0)));
    }

    #[test]
    fn the_trailing_stop_sells_the_rest_seven_percent_below_the_peak_before_the_bar() {
        assert_eq!(test(&mut trailing(6), &bar(113.0, 119.0, 111.61)), None);
        assert_eq!(
            test(&mut trailing(6), &bar(113.0, 119.0, 111.6)),
            Some((TrailingStop, 111.6, 6))
        );
        // The high of the bar itself would put the level at 120.90, above its low.
        assert_eq!(test(&mut trailing(6), &bar(119.0, 130.0, 115.0)), None);
    }

    #[test]
    fn of_two_rules_in_one_bar_the_earlier_wins() {
        // Stop and target.
        assert_eq!(
            test(&mut holding(10), &bar(100.0, 120.0, 89.0)),
            Some((StopLoss, 90.0, 10))
        );
        // Stop and trailing stop.
        assert_eq!(
            test(&mut trailing(10), &bar(112.0, 113.0, 80.0)),
            Some((StopLoss, 90.0, 10))
        );
        // Breakeven stop and trailing stop.
        let mut raised = StockHolding {
            stop_loss_price: price(100.0),
            ..trailing(10)
        };
        assert_eq!(
            test(&mut raised, &bar(112.0, 113.0, 99.0)),
            Some((BreakevenStop, 100.0, 10))
        );
        // Breakeven stop and target.
        let mut raised = StockHolding {
            stop_loss_price: price(100.0),
            ..holding(10)
        };
        assert_eq!(
            test(&mut raised, &bar(112.0, 116.0, 99.0)),
            Some((BreakevenStop, 100.0, 10))
        );
        // Target and trailing stop: the bar of the target is not tested for trailing.
        assert_eq!(
            test(&mut holding(10), &bar(114.0, 125.0, 95.0)),
            Some((TakeProfit, 115.0, 5))
        );
    }

    #[test]
    fn a_level_that_the_bar_has_jumped_over_is_filled_at_its_open() {
        assert_eq!(
            test(&mut holding(10), &bar(85.0, 88.0, 84.0)),
            Some((StopLoss, 85.0, 10))
        );
        assert_eq!(
            test(&mut holding(10), &bar(118.0, 121.0, 117.0)),
            Some((TakeProfit, 118.0, 5))
        );
        assert_eq!(
            test(&mut trailing(10), &bar(105.0, 110.0, 104.0)),
            Some((TrailingStop, 105.0, 10))
        );
        let mut raised = StockHolding {
            stop_loss_price: price(100.0),
            ..holding(10)
        };
        assert_eq!(
            test(&mut raised, &bar(97.0, 99.0, 96.0)),
            Some((BreakevenStop, 97.0, 10))
        );
    }

    #[test]
    fn a_target_that_sells_everything_leaves_nothing() {
        let rules = StockExitRules {
            take_profit_exit: crate::market::money::Rate::ONE,
            ..StockExitRules::default()
        };
        let mut held = holding(3);
        assert_eq!(
            test_bar(&mut held, &bar(110.0, 116.0, 101.0), &rules).map(|exit| exit.units),
            Some(3)
        );
        assert_eq!(held.remaining, 0);
    }
}
