//! Numbers as services write them, and as they write that there is none.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::market::money::{Micros, Rate};

/// What stands for a missing number in the greeks of an option.
const ABSENT: f64 = -999.0;
/// The highest price of a share, or premium per share, that is believed.
const MOST: Micros = Micros::from_dollars(1_000_000);
/// Words that Python and Java write for what JSON cannot say.
const BARE: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// A number that may not be there: missing, null, NaN, -999, or something else altogether.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Number(Option<f64>);

impl Number {
    /// As a price; what nothing on an exchange has ever cost is none, so that no sum can leave its range.
    pub(super) fn price(self) -> Option<Micros> {
        self.0.and_then(Micros::from_number).filter(|price| *price <= MOST)
    }

    /// As a rate.
    pub(super) fn rate(self) -> Option<Rate> {
        self.0.and_then(Rate::from_number)
    }

    /// This one, else the other.
    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }

    /// Halfway to the other.
    pub(super) fn middle(self, other: Self) -> Self {
        Self(self.0.zip(other.0).map(|(one, other)| f64::midpoint(one, other)))
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        Ok(Self(number.filter(|number: &f64| {
            number.is_finite() && (number - ABSENT).abs() > f64::EPSILON
        })))
    }
}

/// The text with null for every bare NaN and Infinity; `None` when it has none.
pub(super) fn without_nan(text: &str) -> Option<String> {
    let mut clean = String::with_capacity(text.len());
    let (mut rest, mut quoted, mut found) = (text, false, false);
    while let Some(next) = rest.chars().next() {
        let bare = BARE.iter().find(|word| !quoted && rest.starts_with(**word));
        let taken = match (bare, next) {
            (Some(word), _) => {
                found = true;
                clean.push_str("null");
                rest = &rest[word.len()..];
                continue;
            }
            (None, '\\') if quoted => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            (None, next) => next.len_utf8(),
        };
        quoted ^= next == '"';
        clean.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    found.then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_no_number_is_none() {
        for absent in [
            json!(null),
            json!("NaN"),
            json!(-999.0),
            json!(-999),
            json!("n/a"),
            json!([1]),
        ] {
            assert_eq!(Number::deserialize(&absent).unwrap(), Number(None), "{absent}");
        }
        assert_eq!(Number::deserialize(json!("0.5")).unwrap(), Number(Some(0.5)));
        assert_eq!(
            Number::deserialize(json!(7)).unwrap().price(),
            Some(Micros::from_dollars(7))
        );
    }
}
