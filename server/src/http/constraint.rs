//! Why a value was refused: the words of `details.constraint`, and the way they travel through serde.
//!
//! Parameters are read by our own types and fail with [`Invalid`] directly. Bodies are read by serde, whose errors are
//! plain text: our types write theirs as `minimum: must be at least 1`, serde writes `unknown field ...`, and
//! [`Invalid::from_serde`] reads both back. It is the only place that knows serde's wording; a test per word guards it.

use std::fmt;

/// The rule a value broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    /// Not of the JSON type the schema names.
    Type,
    /// Absent, though the schema requires it.
    Required,
    /// A field the schema does not know.
    Unknown,
    /// Below the least value.
    Minimum,
    /// Above the greatest value.
    Maximum,
    /// Too short or too long.
    Length,
    /// Does not match the pattern.
    Pattern,
    /// Not one of the listed values.
    Enum,
    /// Not written as the format asks, or given more than once.
    Format,
    /// Contradicts something else that is already known.
    Conflict,
}

impl Constraint {
    /// Every rule.
    pub const ALL: [Self; 10] = [
        Self::Type,
        Self::Required,
        Self::Unknown,
        Self::Minimum,
        Self::Maximum,
        Self::Length,
        Self::Pattern,
        Self::Enum,
        Self::Format,
        Self::Conflict,
    ];

    /// The served word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Required => "required",
            Self::Unknown => "unknown",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::Length => "length",
            Self::Pattern => "pattern",
            Self::Enum => "enum",
            Self::Format => "format",
            Self::Conflict => "conflict",
        }
    }
}

/// A refused value: the rule it broke, and the same for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The rule.
    pub constraint: Constraint,
    /// What would have been right.
    pub message: String,
}

impl Invalid {
    /// A refusal with its reason.
    #[must_use]
    pub fn new(constraint: Constraint, message: impl Into<String>) -> Self {
        Self {
            constraint,
            message: message.into(),
        }
    }

    /// Reads the text of a serde error.
    #[must_use]
    pub fn from_serde(text: &str) -> Self {
        for constraint in Constraint::ALL {
            let ours = text
                .strip_prefix(constraint.as_str())
                .and_then(|rest| rest.strip_prefix(": "));
            if let Some(message) = ours {
                return Self::new(constraint, message);
            }
        }
        let expected = text
            .split_once(", expected ")
            .map_or("something else", |(_, expected)| expected);
        match text {
            text if text.starts_with("unknown field") => {
                Self::new(Constraint::Unknown, format!("is not known here; expected {expected}"))
            }
            text if text.starts_with("unknown variant") => Self::new(Constraint::Enum, format!("must be {expected}")),
            text if text.starts_with("missing field") => Self::new(Constraint::Required, "must be given"),
            _ if expected == "string or map" => Self::new(Constraint::Type, "must be a string"),
            _ if expected.starts_with("struct") => Self::new(Constraint::Type, "must be an object"),
            _ => Self::new(Constraint::Type, format!("must be {expected}")),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.constraint.as_str(), self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_survives_its_way_through_serde() {
        for constraint in Constraint::ALL {
            let invalid = Invalid::new(constraint, "must be so");
            let error = <serde_json::Error as serde::de::Error>::custom(&invalid);
            assert_eq!(Invalid::from_serde(&error.to_string()), invalid);
        }
    }
}
