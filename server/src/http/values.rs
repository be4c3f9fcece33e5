//! The values that several resources share: bounded integers, instants, days, and objects without fixed fields.

use chrono::{DateTime, Datelike, NaiveDate, SecondsFormat, Utc};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use serde_json::{Map, Value};

use super::constraint::{Constraint, Invalid};
use super::nullable::Nullable;
use super::scalar::{Scalar, scalar};

/// An integer between two bounds; `i64::MAX` as the upper one means none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Int<const MIN: i64, const MAX: i64>(pub i64);

/// Items of a page.
pub type Limit = Int<1, 100>;
/// Items to skip.
pub type Offset = Int<0, { i64::MAX }>;
/// Number of the last event seen.
pub type After = Int<0, { i64::MAX }>;
/// Days to look back.
pub type Days = Int<1, 90>;

/// Items of a page unless the request says otherwise.
#[must_use]
pub fn default_limit() -> Limit {
    Int(50)
}

/// Start of the list.
#[must_use]
pub fn from_the_start() -> Offset {
    Int(0)
}

/// Two weeks.
#[must_use]
pub fn two_weeks() -> Days {
    Int(14)
}

impl<const MIN: i64, const MAX: i64> Int<MIN, MAX> {
    fn check(value: i64) -> Result<Self, Invalid> {
        if value < MIN {
            return Err(Invalid::new(Constraint::Minimum, format!("must be at least {MIN}")));
        }
        if value > MAX {
            return Err(Invalid::new(Constraint::Maximum, format!("must be at most {MAX}")));
        }
        Ok(Self(value))
    }
}

impl<const MIN: i64, const MAX: i64> Scalar for Int<MIN, MAX> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "bounds are small; the one that is not is left out"
    )]
    fn schema() -> MetaSchema {
        MetaSchema {
            minimum: Some(MIN as f64),
            maximum: (MAX != i64::MAX).then_some(MAX as f64),
            ..MetaSchema::new_with_format("integer", "int64")
        }
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_padded = digits.len() > 1 && digits.starts_with('0');
        if digits.is_empty() || is_padded || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Invalid::new(Constraint::Type, "must be an integer"));
        }
        let beyond = if digits.len() < text.len() { i64::MIN } else { i64::MAX };
        match text.parse() {
            Ok(value) => Self::check(value),
            Err(_) if beyond == MAX => Err(Invalid::new(Constraint::Maximum, format!("must be at most {MAX}"))),
            Err(_) => Self::check(beyond),
        }
    }

    fn read_json(value: &Value) -> Result<Self, Invalid> {
        match value {
            Value::Number(number) if number.is_f64() => match number.to_string().strip_suffix(".0") {
                Some(whole) => Self::read(whole),
                None => Err(Invalid::new(Constraint::Type, "must be an integer")),
            },
            Value::Number(number) => Self::read(&number.to_string()),
            _ => Err(Invalid::new(Constraint::Type, "must be an integer")),
        }
    }

    fn write(&self) -> Value {
        self.0.into()
    }
}
scalar!(@[const MIN: i64, const MAX: i64] Int<MIN, MAX>);

/// An instant, written in UTC with microseconds. A leap second is the one after it; what is not within the years 1 to
/// 9999 of UTC cannot be written in this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timestamp(pub DateTime<Utc>);

impl Scalar for Timestamp {
    fn schema() -> MetaSchema {
        MetaSchema::new_with_format("string", "date-time")
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        let parsed = DateTime::parse_from_rfc3339(text).ok();
        parsed
            .and_then(|at| DateTime::from_timestamp_micros(at.timestamp_micros()))
            .filter(|at| (1..=9999).contains(&at.year()))
            .map(Self)
            .ok_or_else(|| Invalid::new(Constraint::Format, "must be an RFC 3339 time with an offset"))
    }

    fn write(&self) -> Value {
        self.0.to_rfc3339_opts(SecondsFormat::Micros, true).into()
    }
}
scalar!(Timestamp);

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at)
    }
}

impl From<Option<DateTime<Utc>>> for Nullable<Timestamp> {
    fn from(at: Option<DateTime<Utc>>) -> Self {
        Self(at.map(Timestamp))
    }
}

/// A calendar day, `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(pub NaiveDate);

impl Scalar for Day {
    fn schema() -> MetaSchema {
        MetaSchema::new_with_format("string", "date")
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        let day = (text.len() == 10)
            .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
            .flatten()
            .filter(|day| (1..=9999).contains(&day.year()));
        day.map(Self)
            .ok_or_else(|| Invalid::new(Constraint::Format, "must be a day written YYYY-MM-DD"))
    }

    fn write(&self) -> Value {
        self.0.format("%Y-%m-%d").to_string().into()
    }
}
scalar!(Day);

/// A JSON object whose fields are not fixed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FreeObject(pub Map<String, Value>);

impl Scalar for FreeObject {
    fn schema() -> MetaSchema {
        let anything = MetaSchemaRef::Inline(Box::new(MetaSchema::ANY));
        MetaSchema {
            additional_properties: Some(Box::new(anything)),
            ..MetaSchema::new("object")
        }
    }

    fn read(_: &str) -> Result<Self, Invalid> {
        Err(Invalid::new(Constraint::Type, "must be an object"))
    }

    fn read_json(value: &Value) -> Result<Self, Invalid> {
        let object = value
            .as_object()
            .ok_or_else(|| Invalid::new(Constraint::Type, "must be an object"))?;
        Ok(Self(object.clone()))
    }

    fn write(&self) -> Value {
        Value::Object(self.0.clone())
    }
}
scalar!(FreeObject);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused<T: Scalar>(text: &str) -> Constraint {
        T::read(text)
            .err()
            .map(|invalid| invalid.constraint)
            .expect("a refusal")
    }

    #[test]
    fn an_integer_outside_its_bounds_is_refused_and_never_clamped() {
        assert_eq!(Limit::read("100"), Ok(Int(100)));
        assert_eq!(refused::<Limit>("0"), Constraint::Minimum);
        assert_eq!(refused::<Limit>("101"), Constraint::Maximum);
        assert_eq!(refused::<Limit>("99999999999999999999"), Constraint::Maximum);
        assert_eq!(refused::<Offset>("99999999999999999999"), Constraint::Maximum);
        assert_eq!(refused::<Offset>("-99999999999999999999"), Constraint::Minimum);
    }

    #[test]
    fn an_integer_is_written_in_digits_and_in_one_way() {
        for text in ["", "-", "+1", "1.5", "1e2", " 1", "0x1", "ten", "١", "01", "00", "-01"] {
            assert_eq!(refused::<Limit>(text), Constraint::Type, "{text:?}");
        }
        assert_eq!(Limit::read_json(&json!(2.0)), Ok(Int(2)));
        for value in [json!(2.5), json!("2"), json!(true), json!(null), json!([2])] {
            assert_eq!(
                Limit::read_json(&value).unwrap_err().constraint,
                Constraint::Type,
                "{value}"
            );
        }
    }

    #[test]
    fn an_instant_needs_an_offset_and_is_written_in_utc_with_microseconds() {
        let at = Timestamp::read("2026-01-05T21:00:00.1234567+01:00").expect("a time");
        assert_eq!(at.write(), json!("2026-01-05T20:00:00.123456Z"));
        let leap = Timestamp::read("2016-12-31T23:59:60.25Z").expect("a time");
        assert_eq!(leap.write(), json!("2017-01-01T00:00:00.250000Z"));
        for bad in [
            "2026-01-05T20:00:00",
            "9999-12-31T23:59:59-00:01",
            "0001-01-01T00:00:00+00:01",
            "0000-01-01T00:00:00Z",
        ] {
            assert_eq!(refused::<Timestamp>(bad), Constraint::Format, "{bad}");
        }
    }

    #[test]
    fn a_day_has_four_two_and_two_digits() {
        assert_eq!(Day::read("2026-02-28").expect("a day").write(), json!("2026-02-28"));
        for text in ["2026-2-28", "2026-02-30", "28.02.2026", "+2026-02-28", "0000-01-01"] {
            assert_eq!(refused::<Day>(text), Constraint::Format, "{text}");
        }
    }
}
