//! The body of `POST /positions/{id}/close`.

use poem_openapi::Object;
use poem_openapi::registry::MetaSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::http::body::Body;
use crate::http::constraint::{Constraint, Invalid};
use crate::http::nullable::present;
use crate::http::scalar::{Scalar, scalar};

/// What to sell, and why.
#[derive(Debug, Clone, Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosePositionRequest {
    /// Why, for people; not blank.
    pub reason: CloseReason,
    /// Fraction of what is still held, above 0; everything (1) when absent. Rounded down to whole units.
    #[serde(default, deserialize_with = "present")]
    pub quantity_fraction: Option<Fraction>,
}

impl Body for ClosePositionRequest {
    fn when_absent() -> Option<Self> {
        None
    }
}

impl ClosePositionRequest {
    /// The fraction to sell.
    #[must_use]
    pub fn fraction(&self) -> f64 {
        self.quantity_fraction.map_or(1.0, |fraction| fraction.0)
    }
}

/// Words of a person, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseReason(pub String);

impl Scalar for CloseReason {
    fn schema() -> MetaSchema {
        MetaSchema {
            min_length: Some(1),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        if !text.chars().any(is_visible) {
            return Err(Invalid::new(Constraint::Length, "must not be blank"));
        }
        Ok(Self(text.to_owned()))
    }

    fn write(&self) -> Value {
        self.0.clone().into()
    }
}
scalar!(CloseReason);

/// Whether a character leaves a mark: neither a space, nor a control, nor one of those that are made not to be seen.
fn is_visible(char: char) -> bool {
    let unseen = matches!(
        char,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    );
    !(char.is_whitespace() || char.is_control() || unseen)
}

/// A number above 0, up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fraction(pub f64);

impl Scalar for Fraction {
    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(0.0),
            exclusive_minimum: Some(true),
            maximum: Some(1.0),
            ..MetaSchema::new_with_format("number", "double")
        }
    }

    fn read(_: &str) -> Result<Self, Invalid> {
        Err(Invalid::new(Constraint::Type, "must be a number"))
    }

    fn read_json(value: &Value) -> Result<Self, Invalid> {
        let number = value
            .as_f64()
            .ok_or_else(|| Invalid::new(Constraint::Type, "must be a number"))?;
        if number <= 0.0 {
            return Err(Invalid::new(Constraint::Minimum, "must be above 0"));
        }
        if number > 1.0 {
            return Err(Invalid::new(Constraint::Maximum, "must be at most 1"));
        }
        Ok(Self(number))
    }

    fn write(&self) -> Value {
        self.0.into()
    }
}
scalar!(Fraction);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fraction_lies_above_zero_and_up_to_one() {
        for value in [json!(1), json!(1.0), json!(0.000_001)] {
            assert!(Fraction::read_json(&value).is_ok(), "{value}");
        }
        for (value, constraint) in [
            (json!(0), Constraint::Minimum),
            (json!(-0.5), Constraint::Minimum),
            (json!(1.000_001), Constraint::Maximum),
            (json!("0.5"), Constraint::Type),
            (json!(null), Constraint::Type),
        ] {
            assert_eq!(
                Fraction::read_json(&value).unwrap_err().constraint,
                constraint,
                "{value}"
            );
        }
    }

    #[test]
    fn a_reason_is_not_blank() {
        for blank in [
            "",
            " \n",
            "\u{200b}",
            "\u{feff}\u{2060} ",
            "\0",
            "\u{3164}",
            "\u{202e}\u{ad}",
        ] {
            assert_eq!(
                CloseReason::read(blank).unwrap_err().constraint,
                Constraint::Length,
                "{blank:?}"
            );
        }
        assert!(CloseReason::read("\u{200b}x").is_ok());
        assert!(CloseReason::read("enough").is_ok());
    }
}
