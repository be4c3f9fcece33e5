//! Permalinks in paths: UUIDs, and nothing else can exist.

use poem_openapi::registry::MetaSchema;
use serde_json::Value;
use uuid::Uuid;

use crate::http::constraint::{Constraint, Invalid};
use crate::http::scalar::{Scalar, scalar};

/// Permalink of a job or a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(pub String);

impl Scalar for Name {
    fn schema() -> MetaSchema {
        MetaSchema::new_with_format("string", "uuid")
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        match Uuid::try_parse(text) {
            Ok(uuid) => Ok(Self(uuid.hyphenated().to_string())),
            Err(_) => Err(Invalid::new(Constraint::Format, "must be a UUID")),
        }
    }

    fn write(&self) -> Value {
        self.0.clone().into()
    }
}
scalar!(Name);
