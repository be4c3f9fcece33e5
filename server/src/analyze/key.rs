//! The `Idempotency-Key` header.

use poem_openapi::registry::MetaSchema;
use serde_json::Value;

use crate::http::constraint::{Constraint, Invalid};
use crate::http::scalar::{Scalar, scalar};

/// A key of 1 to 255 printable ASCII characters; quotes around it do not belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(pub String);

impl Scalar for IdempotencyKey {
    fn schema() -> MetaSchema {
        MetaSchema {
            min_length: Some(1),
            max_length: Some(257),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        let bare = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(text);
        if bare.starts_with('"') || bare.ends_with('"') {
            return Err(Invalid::new(Constraint::Pattern, "must have two quotes or none"));
        }
        if !bare.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(Invalid::new(
                Constraint::Pattern,
                "must consist of printable ASCII characters",
            ));
        }
        if !(1..=255).contains(&bare.len()) {
            return Err(Invalid::new(Constraint::Length, "must have 1 to 255 characters"));
        }
        Ok(Self(bare.to_owned()))
    }

    fn write(&self) -> Value {
        self.0.clone().into()
    }
}
scalar!(IdempotencyKey);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_the_same_with_and_without_quotes() {
        assert_eq!(IdempotencyKey::read("\"a b\""), IdempotencyKey::read("a b"));
        assert_eq!(IdempotencyKey::read(&"k".repeat(255)).map(|key| key.0.len()), Ok(255));
        for bad in ["", "\"\"", &"k".repeat(256)] {
            assert_eq!(
                IdempotencyKey::read(bad).unwrap_err().constraint,
                Constraint::Length,
                "{bad:?}"
            );
        }
        for bad in ["ä", "a\tb", "\u{fffd}", "\"", "\"a", "a\"", "\"\"\""] {
            assert_eq!(
                IdempotencyKey::read(bad).unwrap_err().constraint,
                Constraint::Pattern,
                "{bad:?}"
            );
        }
    }
}
