//! Numbers and times as people read them. What is unknown is a dash.

use chrono::{DateTime, TimeDelta, Utc};

/// What stands for a value that is unknown.
pub const UNKNOWN: &str = "-";

/// A value, or a dash.
#[must_use]
pub fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), |value| value.to_string())
}

/// A time to the second, in UTC.
#[must_use]
pub fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// Dollars to the cent, with thousands apart.
#[must_use]
pub fn dollars(amount: f64) -> String {
    let plain = format!("{:.2}", amount.abs());
    let (whole, cents) = plain.split_once('.').unwrap_or((&plain, "00"));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount < 0.0 && plain != "0.00" { "-" } else { "" };
    format!("{sign}{grouped}.{cents}")
}

/// A number with its sign, to two places.
#[must_use]
pub fn signed(value: f64) -> String {
    format!("{value:+.2}")
}

/// A share of one, to two places.
#[must_use]
pub fn share(value: f64) -> String {
    format!("{value:.2}")
}

/// How long something took.
#[must_use]
pub fn span(length: TimeDelta) -> String {
    let millis = length.num_milliseconds().max(0);
    let seconds = millis / 1000;
    match seconds {
        0..60 => format!("{seconds}.{} s", millis % 1000 / 100),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// `1 signal`, `2 signals`.
#[must_use]
pub fn count(number: i64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// The first `width` letters, with dots where something is missing, on one line.
#[must_use]
pub fn clip(text: &str, width: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= width {
        return line;
    }
    let kept: String = line.chars().take(width.saturating_sub(3)).collect();
    format!("{}...", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_have_cents_and_thousands() {
        let cases = [
            (0.0, "0.00"),
            (999.5, "999.50"),
            (1000.0, "1,000.00"),
            (-1_234_567.891, "-1,234,567.89"),
        ];
        for (amount, expected) in cases {
            assert_eq!(dollars(amount), expected);
        }
        assert_eq!(dollars(-0.001), "0.00");
    }

    #[test]
    fn spans_are_as_exact_as_they_are_short() {
        assert_eq!(span(TimeDelta::milliseconds(8_345)), "8.3 s");
        assert_eq!(span(TimeDelta::seconds(65)), "1 min 05 s");
        assert_eq!(span(TimeDelta::seconds(7260)), "2 h 01 min");
        assert_eq!(span(TimeDelta::seconds(-1)), "0.0 s");
    }

    #[test]
    fn long_texts_are_cut_and_stay_on_one_line() {
        assert_eq!(clip("to the\n\n moon", 20), "to the moon");
        assert_eq!(clip("diamond hands for ever", 12), "diamond h...");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(
            (count(1, "signal"), count(0, "signal")),
            ("1 signal".into(), "0 signals".into())
        );
    }
}
