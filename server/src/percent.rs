//! Percents, as answers show them.

use shared::market::money::Micros;

/// What percentage `part` is of `whole`; `None` when that is nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "amounts lie far below 2^53 micro-dollars")]
pub fn percent(part: Micros, whole: Micros) -> Option<f64> {
    (whole.0 != 0).then(|| part.0 as f64 * 100.0 / whole.0 as f64)
}

/// A stored fraction as a percentage, without the dust of binary fractions.
#[must_use]
pub fn of_fraction(fraction: f64) -> f64 {
    (fraction * 1e11).round() / 1e9
}

/// A percentage without that dust.
#[must_use]
pub fn tidy(percent: f64) -> f64 {
    (percent * 1e9).round() / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_percents_come_out_whole() {
        let dollars = |number: f64| Micros::from_number(number).expect("an amount");
        assert_eq!(percent(dollars(2.45), dollars(24.5)), Some(10.0));
        assert_eq!(percent(dollars(-1.0), dollars(8.0)), Some(-12.5));
        assert_eq!(percent(dollars(1.0), Micros::ZERO), None);
        for (fraction, expected) in [(0.07, 7.0), (0.0407, 4.07), (-0.29, -29.0), (0.0, 0.0)] {
            assert_eq!(of_fraction(fraction).to_bits(), f64::to_bits(expected), "{fraction}");
        }
        assert_eq!(tidy(0.1 + 0.2).to_bits(), 0.3_f64.to_bits());
    }
}
