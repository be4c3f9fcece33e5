//! What is computed of a position when it is shown: pure functions of its row, the rules of exits and today.
//!
//! All of them are about a position that is still held: a closed one has no price, no distance and no days to go.

use chrono::NaiveDate;
use shared::market::money::{Micros, Rate};
use shared::store::pipeline_config::TradeRules;
use shared::store::positions_read::PositionRow;

use crate::percent::percent;

/// The last seen price of a position that is held.
#[must_use]
pub fn current_price(row: &PositionRow) -> Option<Micros> {
    row.last_price.filter(|_| row.is_open())
}

/// Percent above or below the entry price.
#[must_use]
pub fn unrealized_return_pct(row: &PositionRow) -> Option<f64> {
    return_pct(row.entry_price, current_price(row)?)
}

/// Percent by which a price lies above or below what was paid; `None` when that was nothing.
#[must_use]
pub fn return_pct(entry: Micros, price: Micros) -> Option<f64> {
    percent(price - entry, entry)
}

/// The same of an option's premium; `None` for stocks.
#[must_use]
pub fn premium_change_pct(row: &PositionRow) -> Option<f64> {
    unrealized_return_pct(row).filter(|_| !row.is_stock())
}

/// What the units still held are worth at the last seen price.
#[must_use]
pub fn market_value(row: &PositionRow) -> Option<Micros> {
    let shares = if row.is_stock() {
        1
    } else {
        shared::market::money::CONTRACT_SHARES
    };
    Some(current_price(row)? * row.remaining() * shares)
}

/// Days held: up to today while open, as stored once closed.
#[must_use]
pub fn hold_days(row: &PositionRow, today: Option<NaiveDate>) -> Option<i64> {
    if row.is_open() {
        Some(days_held(row.entry_date, today?))
    } else {
        row.hold_days
    }
}

/// Calendar days from the entry to today.
#[must_use]
pub fn days_held(entry: NaiveDate, today: NaiveDate) -> i64 {
    (today - entry).num_days()
}

/// Days until the contract ends; `None` for stocks and closed positions.
#[must_use]
pub fn dte(row: &PositionRow, today: Option<NaiveDate>) -> Option<i64> {
    let last = row.expiration_date.filter(|_| row.is_open())?;
    Some((last - today?).num_days())
}

/// Percent of the price by which it may change before the nearest trigger is touched.
#[must_use]
pub fn nearest_exit_distance_pct(row: &PositionRow, rules: &TradeRules) -> Option<f64> {
    let price = current_price(row)?;
    let distance = |level: Micros| percent(Micros((level - price).0.abs()), price);
    triggers(row, rules).into_iter().filter_map(distance).reduce(f64::min)
}

/// The prices at which monitoring would act: the stop, and the target or after it the trailing level.
fn triggers(row: &PositionRow, rules: &TradeRules) -> Vec<Micros> {
    let trailing = |peak: Option<Micros>, fall: Rate| peak.map(|peak| peak.times(Rate::ONE - fall));
    let (stop, target, trail) = if row.is_stock() {
        (
            row.stop_loss_price,
            row.take_profit_price,
            trailing(row.peak_price, rules.stock_exits.trailing_stop),
        )
    } else {
        let at = |change: Rate| Some(row.entry_price.times(Rate::ONE + change));
        (
            at(rules.option_exits.stop_loss),
            at(rules.option_exits.take_profit),
            trailing(row.peak_premium, rules.option_exits.trailing_stop),
        )
    };
    let second = if row.trailing_stop_active { trail } else { target };
    stop.into_iter().chain(second).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::DateTime;
    use shared::market::option_holding::OptionExitRules;
    use shared::market::stock_holding::StockExitRules;
    use shared::run::ids::RunId;

    use super::*;

    pub(crate) fn dollars(number: f64) -> Micros {
        Micros::from_number(number).expect("an amount")
    }

    pub(crate) fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).expect("a day")
    }

    pub(crate) fn rules() -> TradeRules {
        TradeRules {
            signal_min_confidence: 0.5,
            stock_exits: StockExitRules::default(),
            option_exits: OptionExitRules::default(),
        }
    }

    /// Ten shares bought at 142.50, last seen at 150.
    pub(crate) fn stock() -> PositionRow {
        PositionRow {
            id: 11,
            subreddit: "stocks".into(),
            portfolio_id: 1,
            signal_id: 7,
            run_id: RunId(1),
            ticker: "ABC".into(),
            instrument_type: "stock".into(),
            signal_type: "quality".into(),
            direction: "long".into(),
            confidence: 0.7,
            position_size: dollars(1425.0),
            entry_date: day(1, 5),
            entry_price: dollars(142.5),
            opened_at: DateTime::UNIX_EPOCH,
            status: "open".into(),
            shares: Some(10),
            shares_remaining: Some(10),
            stop_loss_price: Some(dollars(128.25)),
            take_profit_price: Some(dollars(163.875)),
            peak_price: Some(dollars(160.0)),
            trailing_stop_active: false,
            time_extension: "base".into(),
            option_type: None,
            strike_price: None,
            expiration_date: None,
            contract_symbol: None,
            contracts: None,
            contracts_remaining: None,
            premium_paid: None,
            peak_premium: None,
            underlying_price_at_entry: None,
            last_price: Some(dollars(150.0)),
            last_priced_at: None,
            last_checked_at: None,
            last_checked_run_id: None,
            exit_date: None,
            exit_reason: None,
            hold_days: None,
            realized_return_pct: None,
        }
    }

    /// Two calls bought at 4.00, last seen at 5.00.
    pub(crate) fn option() -> PositionRow {
        PositionRow {
            instrument_type: "option".into(),
            direction: "call".into(),
            position_size: dollars(800.0),
            entry_price: dollars(4.0),
            shares: None,
            shares_remaining: None,
            stop_loss_price: None,
            take_profit_price: None,
            peak_price: None,
            option_type: Some("call".into()),
            strike_price: Some(dollars(145.0)),
            expiration_date: Some(day(1, 22)),
            contract_symbol: Some("ABC   260122C00145000".into()),
            contracts: Some(2),
            contracts_remaining: Some(2),
            premium_paid: Some(dollars(800.0)),
            peak_premium: Some(dollars(6.0)),
            underlying_price_at_entry: Some(dollars(142.5)),
            last_price: Some(dollars(5.0)),
            ..stock()
        }
    }

    fn closed(row: PositionRow) -> PositionRow {
        PositionRow {
            status: "closed".into(),
            hold_days: Some(3),
            ..row
        }
    }

    fn at(row: PositionRow, price: f64) -> PositionRow {
        PositionRow {
            last_price: Some(dollars(price)),
            ..row
        }
    }

    fn trailing(row: PositionRow) -> PositionRow {
        PositionRow {
            trailing_stop_active: true,
            ..row
        }
    }

    fn near(value: Option<f64>, expected: f64) -> bool {
        value.is_some_and(|value| (value - expected).abs() < 1e-9)
    }

    #[test]
    fn the_nearest_trigger_is_the_stop_or_the_target_or_after_it_the_trailing_level() {
        for (row, level, what) in [
            (stock(), 163.875, "the target"),
            (at(stock(), 130.0), 128.25, "the stop"),
            (at(stock(), 120.0), 128.25, "the stop from below"),
            (trailing(stock()), 148.8, "7 % below the peak of 160"),
            (trailing(at(stock(), 130.0)), 128.25, "the stop, which stays"),
            (option(), 2.0, "half of the premium"),
            (at(option(), 7.0), 8.0, "twice the premium"),
            (trailing(option()), 4.2, "30 % below the peak of 6"),
        ] {
            let price = row.last_price.expect("a price").dollars();
            let expected = (level - price).abs() / price * 100.0;
            let distance = nearest_exit_distance_pct(&row, &rules());
            assert!(near(distance, expected), "{what}: {distance:?} is not {expected}");
        }
    }

    #[test]
    fn returns_are_percents_of_the_entry_price() {
        for (row, change, premium) in [
            (at(stock(), 148.2), Some(4.0), None),
            (at(stock(), 128.25), Some(-10.0), None),
            (option(), Some(25.0), Some(25.0)),
            (at(option(), 0.0), Some(-100.0), Some(-100.0)),
            (closed(option()), None, None),
            (
                PositionRow {
                    last_price: None,
                    ..stock()
                },
                None,
                None,
            ),
        ] {
            assert_eq!(
                (unrealized_return_pct(&row), premium_change_pct(&row)),
                (change, premium)
            );
        }
    }

    #[test]
    fn a_worthless_premium_has_no_distance() {
        assert_eq!(nearest_exit_distance_pct(&at(option(), 0.0), &rules()), None);
        assert_eq!(nearest_exit_distance_pct(&closed(stock()), &rules()), None);
    }

    #[test]
    fn a_contract_stands_for_a_hundred_shares() {
        assert_eq!(market_value(&stock()), Some(dollars(1500.0)));
        assert_eq!(market_value(&option()), Some(dollars(1000.0)));
        assert_eq!(market_value(&closed(stock())), None);
    }

    #[test]
    fn days_are_counted_to_the_markets_today_while_it_is_held() {
        let today = Some(day(1, 9));
        assert_eq!((hold_days(&stock(), today), dte(&stock(), today)), (Some(4), None));
        assert_eq!(
            (hold_days(&option(), today), dte(&option(), today)),
            (Some(4), Some(13))
        );
        assert_eq!(dte(&option(), Some(day(1, 23))), Some(-1));
        assert_eq!(
            (hold_days(&closed(option()), today), dte(&closed(option()), today)),
            (Some(3), None)
        );
        assert_eq!(hold_days(&stock(), None), None);
    }
}
