//! Exact amounts: micro-dollars for money and prices, millionths for rates.
//!
//! Everything is a whole number, so sums do not drift and comparisons are those of decimals. A price or level that is
//! made from a rate is rounded half up to one micro-dollar, once, when it is made.

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign},
    str::FromStr,
};

/// Micro-dollars in a dollar, and millionths in one.
const MILLION: i64 = 1_000_000;

/// Shares that one option contract stands for.
pub const CONTRACT_SHARES: i64 = 100;

/// An amount of money or a price, in micro-dollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct Micros(pub i64);

/// A dimensionless decimal such as a percentage or a delta, in millionths.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(pub i64);

impl Micros {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whole dollars.
    #[must_use]
    pub const fn from_dollars(dollars: i64) -> Self {
        Self(dollars * MILLION)
    }

    /// A price as a wire format writes it, rounded half up; `None` unless it is finite and below nine billion dollars.
    #[must_use]
    pub fn from_number(dollars: f64) -> Option<Self> {
        millionths(dollars).map(Self)
    }

    /// Dollars, for people and JSON.
    #[must_use]
    pub fn dollars(self) -> f64 {
        decimal(self.0)
    }

    /// The amount times a rate, rounded half up.
    #[must_use]
    pub fn times(self, rate: Rate) -> Self {
        Self(half_up(i128::from(self.0) * i128::from(rate.0), i128::from(MILLION)))
    }

    /// The part that `self` is of `whole`; 0 when `whole` is nothing.
    #[must_use]
    pub fn fraction_of(self, whole: Self) -> f64 {
        if whole.0 == 0 {
            return 0.0;
        }
        decimal(self.0) / decimal(whole.0)
    }

    /// Whether the change from `base` to `self` is at least `rate` of `base`, exactly.
    #[must_use]
    pub fn gained_at_least(self, base: Self, rate: Rate) -> bool {
        self.gain_against(base, rate) >= 0
    }

    /// Whether the change from `base` to `self` is more than `rate` of `base`, exactly.
    #[must_use]
    pub fn gained_more_than(self, base: Self, rate: Rate) -> bool {
        self.gain_against(base, rate) > 0
    }

    /// Whether the change from `base` to `self` is at most `rate` of `base`, exactly.
    #[must_use]
    pub fn gained_at_most(self, base: Self, rate: Rate) -> bool {
        self.gain_against(base, rate) <= 0
    }

    /// Sign of `(self - base) - rate x base`.
    fn gain_against(self, base: Self, rate: Rate) -> i128 {
        let change = (i128::from(self.0) - i128::from(base.0)) * i128::from(MILLION);
        (change - i128::from(base.0) * i128::from(rate.0)).signum()
    }

    /// How many units at `price` the amount buys; none at a price of nothing or less.
    #[must_use]
    pub const fn buys(self, price: Self) -> i64 {
        if price.0 <= 0 || self.0 <= 0 {
            return 0;
        }
        self.0 / price.0
    }
}

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The whole.
    pub const ONE: Self = Self(MILLION);

    /// A number as a wire format writes it, rounded half up to millionths; `None` unless it is finite and small.
    #[must_use]
    pub fn from_number(number: f64) -> Option<Self> {
        millionths(number).map(Self)
    }

    /// Hundredths.
    #[must_use]
    pub const fn percent(percent: i64) -> Self {
        Self(percent * MILLION / 100)
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> f64 {
        decimal(self.0)
    }

    /// Its distance from zero.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// `floor(self x units)` for a rate that is not negative.
    #[must_use]
    pub fn floor_of(self, units: i64) -> i64 {
        let part = i128::from(self.0) * i128::from(units) / i128::from(MILLION);
        i64::try_from(part).unwrap_or(i64::MAX)
    }
}

/// A decimal with at most six digits after the point.
impl FromStr for Rate {
    type Err = BadRate;

    fn from_str(text: &str) -> Result<Self, BadRate> {
        let bad = || BadRate(text.to_owned());
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !(plain(whole) && plain(part)) || part.len() > 6 || whole.len() > 9 || whole.len() + part.len() == 0 {
            return Err(bad());
        }
        let number = |text: &str| if text.is_empty() { Ok(0) } else { text.parse::<i64>() };
        let whole = number(whole).map_err(|_| bad())?;
        let part = number(&format!("{part:0<6}")).map_err(|_| bad())?;
        Ok(Self(sign * (whole * MILLION + part)))
    }
}

/// A text that is no decimal with at most six digits after the point.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a decimal with at most six digits after the point")]
pub struct BadRate(String);

/// Dollars with six digits after the point.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        write!(f, "{sign}{whole}.{part:06}")
    }
}

/// The number, as short as it can be.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

macro_rules! linear {
    ($amount:ty) => {
        impl Add for $amount {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl Sub for $amount {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
        impl Neg for $amount {
            type Output = Self;
            fn neg(self) -> Self {
                Self(-self.0)
            }
        }
        impl Mul<i64> for $amount {
            type Output = Self;
            fn mul(self, factor: i64) -> Self {
                Self(self.0 * factor)
            }
        }
        impl AddAssign for $amount {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }
        impl SubAssign for $amount {
            fn sub_assign(&mut self, other: Self) {
                self.0 -= other.0;
            }
        }
        impl Sum for $amount {
            fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
                all.fold(Self::ZERO, Add::add)
            }
        }
    };
}
linear!(Micros);
linear!(Rate);

/// `part / whole` rounded half up (towards positive infinity at a tie); `whole` is positive.
fn half_up(part: i128, whole: i128) -> i64 {
    let rounded = (2 * part + whole).div_euclid(2 * whole);
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the range is checked, and below 2^53 every whole number is exact"
)]
fn millionths(number: f64) -> Option<i64> {
    let scaled = (number * MILLION as f64 + 0.5).floor();
    (scaled.is_finite() && scaled.abs() < 9e15).then_some(scaled as i64)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "amounts stay below 2^53 micro-dollars, nine billion dollars"
)]
fn decimal(millionths: i64) -> f64 {
    millionths as f64 / MILLION as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn price(text: f64) -> Micros {
        Micros::from_number(text).unwrap()
    }

    fn rate(text: &str) -> Rate {
        text.parse().unwrap()
    }

    #[test]
    fn levels_are_rounded_half_up_to_a_micro_dollar() {
        assert_eq!(price(142.50).times(rate("0.90")), price(128.25));
        assert_eq!(price(142.50).times(rate("1.15")), price(163.875));
        assert_eq!(Micros(1).times(rate("0.5")), Micros(1));
        assert_eq!(Micros(-1).times(rate("0.5")), Micros(0));
        assert_eq!(Micros(3).times(rate("0.33")), Micros(1));
    }

    #[test]
    fn gains_are_compared_as_decimals() {
        let (entry, premium) = (Micros(3), Micros(1));
        assert!(!premium.gained_at_most(entry, rate("-0.67")));
        assert!(premium.gained_at_most(entry, rate("-0.66")));
        assert!(price(105.0).gained_at_least(price(100.0), rate("0.05")));
        assert!(!price(105.0).gained_more_than(price(100.0), rate("0.05")));
        assert!(price(105.000_001).gained_more_than(price(100.0), rate("0.05")));
    }

    #[test]
    fn decimals_are_read_exactly_and_anything_else_is_refused() {
        for (text, millionths) in [
            ("-0.50", -500_000),
            ("1.00", 1_000_000),
            ("0.000001", 1),
            ("7", 7_000_000),
            (".5", 500_000),
        ] {
            assert_eq!(rate(text), Rate(millionths), "{text}");
        }
        for text in [
            "",
            "-",
            ".",
            "1.0000001",
            "1e3",
            "+1",
            "NaN",
            "1,5",
            "--1",
            "12345678901",
        ] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_no_price_is_none() {
        for number in [f64::NAN, f64::INFINITY, 1e10] {
            assert_eq!(Micros::from_number(number), None);
        }
    }

    #[test]
    fn amounts_are_shown_with_all_their_digits() {
        assert_eq!(Micros(-1_250_000).to_string(), "-1.250000");
        assert_eq!(Micros(7).to_string(), "0.000007");
    }

    #[test]
    fn nothing_is_bought_for_nothing() {
        assert_eq!(price(100.0).buys(price(33.0)), 3);
        assert_eq!(price(100.0).buys(Micros::ZERO), 0);
        assert_eq!(price(-1.0).buys(price(1.0)), 0);
    }

    proptest! {
        #[test]
        fn what_is_bought_never_costs_more_than_there_is(amount in 0_i64..1_000_000_000_000, price in 1_i64..1_000_000_000) {
            let units = Micros(amount).buys(Micros(price));
            prop_assert!(Micros(price) * units <= Micros(amount) && Micros(price) * (units + 1) > Micros(amount));
        }

        #[test]
        fn numbers_survive_the_way_through_json(micros in -9_000_000_000_000_i64..9_000_000_000_000) {
            prop_assert_eq!(Micros::from_number(Micros(micros).dollars()), Some(Micros(micros)));
        }

        #[test]
        fn part_of_units_is_floored(units in 0_i64..1_000_000, millionths in 0_i64..=1_000_000) {
            let part = Rate(millionths).floor_of(units);
            prop_assert!(part <= units && part * 1_000_000 <= millionths * units && (part + 1) * 1_000_000 > millionths * units);
        }
    }
}
