//! What an option is worth by the formula of Black and Scholes.
//!
//! F. Black, M. Scholes, "The Pricing of Options and Corporate Liabilities", Journal of Political Economy 81 (1973),
//! without dividends and without interest, for European exercise. It prices the chains of an invented market; real
//! premiums come from their source.
//!
//! The same bits on every machine: only `+ - * /` and `sqrt` are used, which IEEE 754 defines to the last digit; the
//! exponential, the logarithm and the normal distribution are sums of fixed length.

use super::option::OptionType;

/// What an option depends on.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// Call or put.
    pub option_type: OptionType,
    /// Price of the underlying, above zero.
    pub underlying: f64,
    /// Strike price, above zero.
    pub strike: f64,
    /// Standard deviation of a year's move, as a part of the price; above zero.
    pub volatility: f64,
    /// Years until it expires, above zero.
    pub years: f64,
}

/// What it is worth.
#[derive(Debug, Clone, Copy)]
pub struct Value {
    /// Premium per share, never below zero.
    pub premium: f64,
    /// Change of the premium per dollar of the underlying.
    pub delta: f64,
}

impl Terms {
    /// Premium and delta.
    #[must_use]
    pub fn value(&self) -> Value {
        let spread = self.volatility * self.years.sqrt();
        let above = ln(self.underlying / self.strike) / spread + spread / 2.0;
        let (first, second) = (normal(above), normal(above - spread));
        let call = self.underlying * first - self.strike * second;
        let (premium, delta) = match self.option_type {
            OptionType::Call => (call, first),
            OptionType::Put => (call - self.underlying + self.strike, first - 1.0),
        };
        Value {
            premium: premium.max(0.0),
            delta,
        }
    }

    /// What exercising it now would yield, per share.
    #[must_use]
    pub fn intrinsic(&self) -> f64 {
        match self.option_type {
            OptionType::Call => (self.underlying - self.strike).max(0.0),
            OptionType::Put => (self.strike - self.underlying).max(0.0),
        }
    }
}

/// The standard normal distribution up to `x`, off by at most 7.5e-8: Abramowitz and Stegun, "Handbook of
/// Mathematical Functions" (1964), 26.2.17.
fn normal(x: f64) -> f64 {
    /// One over the square root of two pi.
    const DENSITY: f64 = 0.398_942_280_401_432_7;
    const STEPS: [f64; 5] = [
        1.330_274_429,
        -1.821_255_978,
        1.781_477_937,
        -0.356_563_782,
        0.319_381_530,
    ];
    // Beyond eight deviations nothing is left.
    let far = x.abs().min(8.0);
    let t = 1.0 / (1.0 + 0.231_641_9 * far);
    let sum = STEPS.iter().fold(0.0, |sum, step| (sum + step) * t);
    let beyond = DENSITY * exp(-far * far / 2.0) * sum;
    if x < 0.0 { beyond } else { 1.0 - beyond }
}

/// `e^x` for `-40 <= x <= 0`: the series of `x / 1024`, squared ten times.
fn exp(x: f64) -> f64 {
    let small = x / 1024.0;
    let series = (1..=9).rev().map(f64::from).fold(1.0, |sum, n| 1.0 + small / n * sum);
    (0..10).fold(series, |power, _| power * power)
}

/// The natural logarithm for `x > 0` within a factor of a billion of 1: the series of the 64th root.
fn ln(x: f64) -> f64 {
    let root = (0..6).fold(x, |root, _| root.sqrt());
    let z = (root - 1.0) / (root + 1.0);
    let series = (0..10)
        .rev()
        .map(|n| f64::from(2 * n + 1))
        .fold(0.0, |sum, odd| sum * z * z + 1.0 / odd);
    128.0 * z * series
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn terms(option_type: OptionType, underlying: f64, strike: f64) -> Terms {
        Terms {
            option_type,
            underlying,
            strike,
            volatility: 0.2,
            years: 1.0,
        }
    }

    #[test]
    fn the_value_is_that_of_the_textbook() {
        let call = terms(OptionType::Call, 100.0, 100.0).value();
        assert!((call.premium - 7.965_567).abs() < 1e-4, "{call:?}");
        assert!((call.delta - 0.539_828).abs() < 1e-6, "{call:?}");
        let put = terms(OptionType::Put, 100.0, 110.0).value();
        assert!((put.premium - 14.292_1).abs() < 1e-3, "{put:?}");
    }

    #[test]
    fn exponential_and_logarithm_agree_with_those_of_the_library() {
        for step in 0..400 {
            let x = -f64::from(step) / 10.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-11, "{x}");
            let y = x.exp() * 10.0;
            if y > 1e-9 {
                assert!((ln(y) - y.ln()).abs() < 1e-12, "{y}");
            }
        }
    }

    #[test]
    fn the_normal_distribution_is_that_of_the_tables() {
        for (x, part) in [(0.0, 0.5), (1.0, 0.841_344_746), (-1.96, 0.024_997_895), (9.0, 1.0)] {
            assert!((normal(x) - part).abs() < 7.5e-8, "{x}");
        }
    }

    proptest! {
        #[test]
        fn a_call_less_a_put_is_the_underlying_less_the_strike(
            underlying in 5.0..1_000.0, ratio in 0.5..2.0, volatility in 0.1..1.5, days in 1.0..60.0
        ) {
            let strike = underlying * ratio;
            let of = |option_type| Terms { option_type, underlying, strike, volatility, years: days / 365.0 }.value();
            let (call, put) = (of(OptionType::Call), of(OptionType::Put));
            prop_assert!((call.premium - put.premium - (underlying - strike)).abs() < 1e-3);
            prop_assert!((call.delta - put.delta - 1.0).abs() < 1e-12);
            prop_assert!((0.0..=1.0).contains(&call.delta) && (-1.0..=0.0).contains(&put.delta));
        }

        #[test]
        fn a_higher_strike_makes_calls_cheaper_and_puts_dearer(
            underlying in 5.0..1_000.0, ratio in 0.5..2.0, volatility in 0.1..1.5, days in 1.0..60.0
        ) {
            let of = |option_type, strike| {
                Terms { option_type, underlying, strike, volatility, years: days / 365.0 }.value()
            };
            let (low, high) = (underlying * ratio, underlying * ratio * 1.02);
            let (near, far) = (of(OptionType::Call, low), of(OptionType::Call, high));
            prop_assert!(near.premium >= far.premium - 1e-4 && near.delta >= far.delta - 1e-6);
            let (near, far) = (of(OptionType::Put, low), of(OptionType::Put, high));
            prop_assert!(near.premium <= far.premium + 1e-4 && near.delta >= far.delta - 1e-6);
        }
    }
}
