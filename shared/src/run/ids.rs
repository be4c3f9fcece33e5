//! The names of runs and results.
//!
//! A run has two: the integer key of its row and a UUIDv7 that serves as a permalink. A result has a UUIDv7.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Primary key of `analysis_runs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! permalink {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new name, ordered by time.
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7().hyphenated().to_string())
            }

            /// Reads a name from outside; `None` when it is not a UUID.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(|uuid| Self(uuid.hyphenated().to_string()))
            }

            /// The lower-case hyphenated form.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The same as a UUID; nil for text that never was one.
            #[must_use]
            pub fn uuid(&self) -> Uuid {
                Uuid::try_parse(&self.0).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

permalink!(
    /// The other public name of a run.
    JobId
);
permalink!(
    /// Permalink of a stored result.
    ResultId
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back_in_its_canonical_form() {
        let job = JobId::generate();
        assert_eq!(JobId::parse(&job.as_str().to_uppercase()), Some(job));
        assert_eq!(JobId::parse("abc"), None);
    }
}
