//! How much money a signal deserves, and how many units that buys.
//!
//! A stock position gets a twentieth of the portfolio times a multiplier by confidence, kept between 2% and 15% of
//! the portfolio; an option position 2%. At $100,000 that is $2,500, $3,750 or $5,000, and $2,000. The value of the
//! portfolio is the stored one when the leg starts, before any replacement. Thresholds of confidence are met within
//! [`EPSILON`]; amounts are exact, rounded half up to a micro-dollar.

use super::{
    instrument::InstrumentType,
    money::{Micros, Rate},
    signal::EPSILON,
};

/// One step of the stock sizes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tier {
    /// Confidence from which it holds, included.
    pub from: f64,
    /// Multiplier of the base size.
    pub multiplier: Rate,
}

/// Sizes as parts of the value of the portfolio.
#[derive(Debug, Clone, PartialEq)]
pub struct SizingRules {
    /// Base size of a stock position.
    pub stock_base: Rate,
    /// Multipliers by confidence, lowest first. The lowest also holds below its threshold, which only a lowered
    /// `signal_min_confidence` lets through.
    pub tiers: [Tier; 3],
    /// Smallest stock position.
    pub stock_min: Rate,
    /// Largest stock position.
    pub stock_max: Rate,
    /// Size of an option position.
    pub option: Rate,
}

impl Default for SizingRules {
    fn default() -> Self {
        let tier = |from, percent| Tier {
            from,
            multiplier: Rate::percent(percent),
        };
        Self {
            stock_base: Rate::percent(5),
            tiers: [tier(0.50, 50), tier(0.60, 75), tier(0.75, 100)],
            stock_min: Rate::percent(2),
            stock_max: Rate::percent(15),
            option: Rate::percent(2),
        }
    }
}

/// Whether a confidence meets the bar for trading, within [`EPSILON`].
#[must_use]
pub fn qualifies(confidence: f64, least: f64) -> bool {
    confidence >= least - EPSILON
}

/// Money to spend on a position of a portfolio that is worth `value`.
#[must_use]
pub fn position_size(instrument: InstrumentType, value: Micros, confidence: f64, rules: &SizingRules) -> Micros {
    match instrument {
        InstrumentType::Stock => stock_size(value, confidence, rules),
        InstrumentType::Option => value.times(rules.option),
    }
}

/// Whole units that `size` buys at `price` per share; 0 when not even one, or without a price above zero.
#[must_use]
pub fn units(instrument: InstrumentType, size: Micros, price: Micros) -> i64 {
    size.buys(price * instrument.shares_per_unit())
}

fn stock_size(value: Micros, confidence: f64, rules: &SizingRules) -> Micros {
    let wanted = value
        .times(rules.stock_base)
        .times(multiplier(confidence, &rules.tiers));
    wanted
        .max(value.times(rules.stock_min))
        .min(value.times(rules.stock_max))
}

/// The multiplier of the highest tier that the confidence reaches.
fn multiplier(confidence: f64, tiers: &[Tier; 3]) -> Rate {
    tiers
        .iter()
        .rev()
        .find(|tier| qualifies(confidence, tier.from))
        .unwrap_or(&tiers[0])
        .multiplier
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use InstrumentType::{Option as Contracts, Stock};

    const PORTFOLIO: Micros = Micros::from_dollars(100_000);

    fn dollars(instrument: InstrumentType, confidence: f64) -> Micros {
        position_size(instrument, PORTFOLIO, confidence, &SizingRules::default())
    }

    #[test]
    fn stocks_get_more_the_surer_the_signal() {
        for (confidence, size) in [
            (0.50, 2500),
            (0.599, 2500),
            (0.60, 3750),
            (0.749, 3750),
            (0.75, 5000),
            (1.0, 5000),
        ] {
            assert_eq!(dollars(Stock, confidence), Micros::from_dollars(size), "{confidence}");
        }
    }

    #[test]
    fn a_hair_below_a_threshold_is_at_it() {
        assert_eq!(dollars(Stock, 0.6 - 1e-10), Micros::from_dollars(3750));
        assert_eq!(dollars(Stock, 0.75 - 1e-10), Micros::from_dollars(5000));
        assert!(qualifies(0.5 - 1e-10, 0.5) && !qualifies(0.4999, 0.5));
    }

    #[test]
    fn options_get_two_percent_whatever_the_confidence() {
        assert_eq!(dollars(Contracts, 0.5), Micros::from_dollars(2000));
        assert_eq!(dollars(Contracts, 1.0), Micros::from_dollars(2000));
    }

    #[test]
    fn a_stock_size_stays_between_two_and_fifteen_percent() {
        let with = |percent| SizingRules {
            stock_base: Rate::percent(percent),
            ..SizingRules::default()
        };
        assert_eq!(
            position_size(Stock, PORTFOLIO, 0.5, &with(1)),
            Micros::from_dollars(2000)
        );
        assert_eq!(
            position_size(Stock, PORTFOLIO, 1.0, &with(40)),
            Micros::from_dollars(15_000)
        );
    }

    #[test]
    fn units_are_whole_and_a_contract_costs_a_hundred_shares() {
        let size = Micros::from_dollars(2000);
        assert_eq!(units(Stock, size, Micros::from_number(142.50).unwrap()), 14);
        assert_eq!(units(Contracts, size, Micros::from_dollars(3)), 6);
        assert_eq!(units(Contracts, size, Micros::from_number(20.01).unwrap()), 0);
        assert_eq!(units(Stock, size, Micros::ZERO), 0);
    }

    proptest! {
        #[test]
        fn whatever_the_value_and_confidence_units_never_cost_more_than_the_size(
            value in 0_i64..1_000_000_000_000, confidence in 0.0..=1.0_f64, price in 1_i64..2_000_000_000
        ) {
            for instrument in [Stock, Contracts] {
                let size = position_size(instrument, Micros(value), confidence, &SizingRules::default());
                prop_assert!(Micros::ZERO <= size && size <= Micros(value));
                let units = units(instrument, size, Micros(price));
                prop_assert!(units >= 0 && instrument.worth(Micros(price), units) <= size);
            }
        }
    }
}
