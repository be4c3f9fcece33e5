//! Scalars of the wire: one trait that holds schema and check together, and the plumbing poem-openapi asks for.
//!
//! A [`Scalar`] knows its schema, reads itself from a parameter or a JSON value, and writes itself. The macro
//! [`scalar!`] turns that into the four traits a field or a parameter needs; nothing is validated anywhere else.

use poem_openapi::registry::MetaSchema;
use poem_openapi::types::Type;
use serde_json::Value;

use super::constraint::{Constraint, Invalid};

/// A value that stands in a parameter or a JSON field.
pub trait Scalar: Sized + Send + Sync {
    /// Whether several header lines are one list of such values.
    const IS_LIST: bool = false;

    /// What the document says about it.
    fn schema() -> MetaSchema;

    /// Reads it from a parameter, or from a JSON string.
    fn read(text: &str) -> Result<Self, Invalid>;

    /// Reads it from JSON.
    fn read_json(value: &Value) -> Result<Self, Invalid> {
        match value {
            Value::String(text) => Self::read(text),
            _ => Err(Invalid::new(Constraint::Type, "must be a string")),
        }
    }

    /// Writes it as JSON.
    fn write(&self) -> Value;
}

/// What a query or header parameter can be: a scalar, a listed word, or either of them optional.
pub trait Parameter: Type + Sized {
    /// Whether several header lines are one list of such values.
    const IS_LIST: bool = false;

    /// Reads the parameter; `None` when the request does not carry it.
    fn read_parameter(text: Option<&str>) -> Result<Self, Invalid>;
}

impl<T: Parameter> Parameter for Option<T> {
    const IS_LIST: bool = T::IS_LIST;

    fn read_parameter(text: Option<&str>) -> Result<Self, Invalid> {
        text.map(|text| T::read_parameter(Some(text))).transpose()
    }
}

/// The refusal of an absent required value.
#[must_use]
pub fn required() -> Invalid {
    Invalid::new(Constraint::Required, "must be given")
}

/// Gives a [`Scalar`] everything that fields and parameters need.
macro_rules! scalar {
    ($(@[$($generics:tt)*])? $type:ty) => {
        impl $(<$($generics)*>)? poem_openapi::types::Type for $type {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                let schema = <Self as $crate::http::scalar::Scalar>::schema();
                poem_openapi::registry::MetaSchemaRef::Inline(Box::new(schema))
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl $(<$($generics)*>)? poem_openapi::types::ToJSON for $type {
            fn to_json(&self) -> Option<serde_json::Value> {
                Some($crate::http::scalar::Scalar::write(self))
            }
        }

        impl $(<$($generics)*>)? poem_openapi::types::ParseFromJSON for $type {
            fn parse_from_json(value: Option<serde_json::Value>) -> poem_openapi::types::ParseResult<Self> {
                let value = value.ok_or_else(poem_openapi::types::ParseError::expected_input)?;
                $crate::http::scalar::Scalar::read_json(&value).map_err(poem_openapi::types::ParseError::custom)
            }
        }

        impl<'de $(, $($generics)*)?> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <serde_json::Value as serde::Deserialize>::deserialize(deserializer)?;
                $crate::http::scalar::Scalar::read_json(&value).map_err(serde::de::Error::custom)
            }
        }

        impl $(<$($generics)*>)? $crate::http::scalar::Parameter for $type {
            const IS_LIST: bool = <Self as $crate::http::scalar::Scalar>::IS_LIST;

            fn read_parameter(text: Option<&str>) -> Result<Self, $crate::http::constraint::Invalid> {
                let text = text.ok_or_else($crate::http::scalar::required)?;
                $crate::http::scalar::Scalar::read(text)
            }
        }
    };
}
pub(crate) use scalar;

/// Lets a closed enumeration stand in a parameter; the words are named once more for the refusal.
macro_rules! listed {
    ($type:ty: $($word:literal),+) => {
        impl $crate::http::scalar::Parameter for $type {
            fn read_parameter(text: Option<&str>) -> Result<Self, $crate::http::constraint::Invalid> {
                let text = text.ok_or_else($crate::http::scalar::required)?;
                poem_openapi::types::ParseFromParameter::parse_from_parameter(text).map_err(|_| {
                    let words = [$($word),+].join(", ");
                    $crate::http::constraint::Invalid::new(
                        $crate::http::constraint::Constraint::Enum,
                        format!("must be one of {words}"),
                    )
                })
            }
        }
    };
}
pub(crate) use listed;
