//! Which option contracts trade in the sample world, and what they are worth.
//!
//! Every week has one expiration, its last trading day; the next four that are not over are listed. Strikes lie on
//! the grid that people talk about, as far from the price as the volatility makes worth listing. A contract that has
//! left the list because the price has moved on is still priced, so that who holds it can sell it.
//!
//! Premiums come from Black and Scholes with the volatility that the paths are drawn with: that of the instrument and
//! that of the index times beta, which are independent. They are rounded to cents and worth one at least while the
//! contract lives; at its last close it is worth what exercising it yields, and after that day nobody quotes it.

use std::iter::successors;

use chrono::{DateTime, Days, NaiveDate, Utc, Weekday};

use super::instruments::Instrument;
use super::path::{DOLLAR, INDEX_VOLATILITY, to_cent};
use crate::market::{
    black_scholes::Terms,
    calendar::Calendar,
    money::{Micros, Rate},
    occ::OccSymbol,
    option::OptionType,
};

/// Weekly expirations listed.
const WEEKS: usize = 4;
/// The square of the 252 trading days' square root, in the thousandths that volatilities are scaled with.
const YEAR_ROOT: f64 = 15.875;
/// Seconds in a year of 365 days.
const YEAR_SECONDS: f64 = 31_536_000.0;
/// Digits of a delta.
const DELTA_STEPS: f64 = 10_000.0;

/// What a contract is worth at an instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Worth {
    /// Premium per share, in whole cents.
    pub(super) premium: Micros,
    /// Its change per dollar of the underlying, with four digits; `None` when trading is over.
    pub(super) delta: Option<f64>,
}

/// The distance between strikes at a price, both in micro-dollars.
pub(super) const fn grid(price: i64) -> i64 {
    match price / DOLLAR {
        ..20 => DOLLAR / 2,
        20..100 => DOLLAR,
        100..250 => 5 * DOLLAR,
        250..2_000 => 10 * DOLLAR,
        _ => 1_000 * DOLLAR,
    }
}

/// The standard deviation of a year's move, as a part of the price.
pub(super) fn volatility(instrument: &Instrument) -> f64 {
    let own = Rate::percent(instrument.volatility_percent).number();
    let beta = Rate::percent(instrument.beta_percent).number();
    let index = beta * Rate(INDEX_VOLATILITY).number() * YEAR_ROOT;
    (own * own + index * index).sqrt()
}

/// The expiration of the week of `day`: Friday, or the trading day before when that is a holiday.
pub(super) fn expiration_of_week(calendar: &Calendar, day: NaiveDate) -> NaiveDate {
    let friday = day.week(Weekday::Mon).first_day() + Days::new(4);
    if calendar.is_trading_day(friday) {
        friday
    } else {
        calendar.previous_trading_day(friday)
    }
}

/// The expirations listed on `day`, the nearest first; `day` itself may be one.
pub(super) fn expirations(calendar: &Calendar, day: NaiveDate) -> Vec<NaiveDate> {
    successors(Some(day), |day| day.checked_add_days(Days::new(7)))
        .map(|day| expiration_of_week(calendar, day))
        .filter(|expiration| *expiration >= day)
        .take(WEEKS)
        .collect()
}

/// The strikes listed at a price, the lowest first, in micro-dollars.
pub(super) fn strikes(instrument: &Instrument, price: i64) -> impl Iterator<Item = i64> {
    let grid = grid(price);
    let reach = 10 + instrument.volatility_percent / 2;
    let (lowest, highest) = (
        price / 100 * (100 - reach) / grid + 1,
        price / 100 * (100 + reach) / grid,
    );
    (lowest..=highest).map(move |number| number * grid)
}

/// What a contract is worth at `now` when its underlying is at `price`; `None` for one that never traded or does no more.
pub(super) fn worth(
    calendar: &Calendar,
    instrument: &Instrument,
    contract: &OccSymbol,
    price: i64,
    now: DateTime<Utc>,
) -> Option<Worth> {
    let weekly = expiration_of_week(calendar, contract.expiration) == contract.expiration;
    if !instrument.has_options() || !weekly || contract.strike <= Micros::ZERO {
        return None;
    }
    let end = calendar.session(contract.expiration)?.close;
    let left = (end - now).to_std().unwrap_or_default();
    let terms = Terms {
        option_type: contract.option_type,
        underlying: Micros(price).dollars(),
        strike: contract.strike.dollars(),
        volatility: volatility(instrument),
        years: left.as_secs_f64() / YEAR_SECONDS,
    };
    if left.is_zero() {
        let premium = Micros::from_number(terms.intrinsic())?;
        return Some(Worth { premium, delta: None });
    }
    let value = terms.value();
    Some(Worth {
        premium: Micros(to_cent(Micros::from_number(value.premium)?.0)),
        delta: Some((value.delta * DELTA_STEPS).round() / DELTA_STEPS),
    })
}

/// The contracts listed on `day` at a price: calls before puts, then by expiration, then by strike.
pub(super) fn contracts(calendar: &Calendar, instrument: &Instrument, price: i64, day: NaiveDate) -> Vec<OccSymbol> {
    let mut contracts = Vec::new();
    for option_type in [OptionType::Call, OptionType::Put] {
        for expiration in expirations(calendar, day) {
            contracts.extend(strikes(instrument, price).map(|strike| OccSymbol {
                root: instrument.symbol.to_owned(),
                expiration,
                option_type,
                strike: Micros(strike),
            }));
        }
    }
    contracts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::sample::path::CENT;
    use proptest::prelude::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn tesla() -> &'static Instrument {
        Instrument::find("TSLA").unwrap()
    }

    fn worth_at(symbol: &str, price: i64, now: &str) -> Option<Worth> {
        worth(
            &Calendar::default(),
            tesla(),
            &symbol.parse().unwrap(),
            price * DOLLAR,
            now.parse().unwrap(),
        )
    }

    #[test]
    fn options_expire_on_fridays_or_before_a_holiday() {
        let calendar = Calendar::default();
        let of = |day| {
            expirations(&calendar, date(day))
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of("2026-01-05"),
            ["2026-01-09", "2026-01-16", "2026-01-23", "2026-01-30"]
        );
        assert_eq!(of("2026-01-10")[0], "2026-01-16");
        // Good Friday, on which the week that is over early is no longer listed.
        assert_eq!(of("2026-04-01")[0], "2026-04-02");
        assert_eq!(of("2026-04-03")[0], "2026-04-10");
    }

    #[test]
    fn an_expiration_two_to_three_weeks_ahead_is_always_listed() {
        let calendar = Calendar::default();
        for day in date("2026-01-01").iter_days().take(800) {
            let listed = expirations(&calendar, day);
            let ahead = |expiration: &NaiveDate| (14..=21).contains(&(*expiration - day).num_days());
            assert!(!calendar.is_trading_day(day) || listed.iter().any(ahead), "{day}");
        }
    }

    #[test]
    fn strikes_surround_the_price_on_its_grid() {
        let strikes: Vec<_> = strikes(tesla(), 312_400_000).collect();
        assert!(strikes.iter().all(|strike| strike % (10 * DOLLAR) == 0));
        assert!(strikes[0] <= 200 * DOLLAR && *strikes.last().unwrap() >= 420 * DOLLAR);
    }

    #[test]
    fn a_contract_is_worth_a_cent_at_least_while_it_lives() {
        let far = worth_at("TSLA  260116C00900000", 310, "2026-01-15T16:00:00Z").unwrap();
        assert_eq!((far.premium, far.delta), (Micros(CENT), Some(0.0)));
    }

    #[test]
    fn at_the_last_close_it_is_worth_what_exercising_yields() {
        let over = |symbol| worth_at(symbol, 310, "2026-01-16T21:00:00Z").unwrap();
        assert_eq!(
            over("TSLA  260116C00300000"),
            Worth {
                premium: Micros::from_dollars(10),
                delta: None
            }
        );
        assert_eq!(over("TSLA  260116P00300000").premium, Micros::ZERO);
    }

    #[test]
    fn only_weekly_contracts_trade() {
        assert!(worth_at("TSLA  260115C00300000", 310, "2026-01-05T16:00:00Z").is_none());
        assert!(worth_at("TSLA  260116C00000000", 310, "2026-01-05T16:00:00Z").is_none());
        assert!(worth_at("TSLA  260116C00300000", 310, "2026-01-05T16:00:00Z").is_some());
    }

    #[test]
    fn volatilities_are_those_of_the_paths() {
        let of = |symbol| volatility(Instrument::find(symbol).unwrap());
        assert!((of("SPY") - 0.1349).abs() < 1e-4 && (of("TSLA") - 0.6098).abs() < 1e-3);
    }

    proptest! {
        #[test]
        fn parity_holds_within_rounding_and_deltas_fall_with_the_strike(
            price in 20_000_i64..45_000, minutes in 1_i64..30_000
        ) {
            let (calendar, price) = (Calendar::default(), price * CENT);
            let now = calendar.session(date("2026-01-30")).unwrap().close - chrono::Duration::minutes(minutes);
            let of = |strike, option_type| {
                let root = "TSLA".to_owned();
                let contract = OccSymbol { root, expiration: date("2026-01-30"), option_type, strike: Micros(strike) };
                worth(&calendar, tesla(), &contract, price, now).unwrap()
            };
            let mut previous: Option<(Worth, Worth)> = None;
            for strike in strikes(tesla(), price) {
                let (call, put) = (of(strike, OptionType::Call), of(strike, OptionType::Put));
                let parity = call.premium.0 - put.premium.0 - (price - strike);
                prop_assert!(parity.abs() <= 2 * CENT, "{} at {}", parity, strike);
                prop_assert!((0.0..=1.0).contains(&call.delta.unwrap()) && (-1.0..=0.0).contains(&put.delta.unwrap()));
                if let Some((lower_call, lower_put)) = previous.replace((call, put)) {
                    prop_assert!(call.delta <= lower_call.delta && put.delta <= lower_put.delta);
                    prop_assert!(call.premium <= lower_call.premium && put.premium >= lower_put.premium);
                }
            }
        }
    }
}
