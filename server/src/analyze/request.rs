//! The body of `POST /analyze`, and what it means once every default is filled in.

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use poem_openapi::registry::MetaSchema;
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use serde_json::Value;
use shared::run::request::{COMMENTS_PER_POST, POST_LIMIT, RunRequest, TOP_COMMENTS};

use crate::http::body::Body;
use crate::http::constraint::{Constraint, Invalid};
use crate::http::nullable::{present, present_object};
use crate::http::scalar::{Scalar, scalar};
use crate::http::values::{Day, Int, Timestamp};
use crate::words::Subreddit;

/// What to do when a run is active already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum, Deserialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum OnConflict {
    /// Answer 409.
    #[default]
    Reject,
    /// Be given the active run if it was asked the same question, else 409.
    Join,
}

/// How to answer.
#[derive(Debug, Clone, Copy, Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsyncMode {
    /// `false` waits for the end of the run, as long as the server allows; `true` answers at once.
    pub requested: bool,
}

/// Options of an analysis.
#[derive(Debug, Clone, Default, Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalyzeOptions {
    /// How to answer; at once when absent. `Prefer: wait=N` has the last word.
    #[serde(default, deserialize_with = "present_object")]
    pub async_mode: Option<AsyncMode>,
    /// Analyse as if it were this instant: a time with an offset, or a day (20:00 UTC of it). Not in the future, not
    /// before the newest completed run of the subreddit, and only with recorded comments.
    #[serde(default, deserialize_with = "present")]
    pub as_of: Option<AsOf>,
    /// Hot posts to read; 10 when absent.
    #[serde(default, deserialize_with = "present")]
    pub post_limit: Option<Int<1, 100>>,
    /// Candidate comments per post; 1000 when absent.
    #[serde(default, deserialize_with = "present")]
    pub comments_per_post: Option<Int<1, 50_000>>,
    /// Selected comments per post; 50 when absent.
    #[serde(default, deserialize_with = "present")]
    pub top_comments: Option<Int<1, 10_000>>,
}

/// What to analyse. Everything is optional, the whole body included.
#[derive(Debug, Clone, Default, Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalyzeRequest {
    /// The subreddit, in any case; the service's default one when absent.
    #[serde(default, deserialize_with = "present")]
    pub subreddit: Option<Subreddit>,
    /// What to do when a run is active already; `reject` when absent.
    #[serde(default, deserialize_with = "present")]
    pub on_conflict: Option<OnConflict>,
    /// Options.
    #[serde(default, deserialize_with = "present_object")]
    pub options: Option<AnalyzeOptions>,
}

impl Body for AnalyzeRequest {
    fn when_absent() -> Option<Self> {
        Some(Self::default())
    }
}

impl AnalyzeRequest {
    /// The request with every default filled in.
    #[must_use]
    pub fn normalised(&self, default_subreddit: &str) -> RunRequest {
        let options = self.options.clone().unwrap_or_default();
        let or = |value: Option<i64>, default| value.and_then(|value| u32::try_from(value).ok()).unwrap_or(default);
        RunRequest {
            subreddit: self
                .subreddit
                .as_ref()
                .map_or_else(|| default_subreddit.to_owned(), |name| name.0.clone()),
            as_of: options.as_of.map(|at| at.0),
            post_limit: or(options.post_limit.map(|n| n.0), POST_LIMIT),
            comments_per_post: or(options.comments_per_post.map(|n| n.0), COMMENTS_PER_POST),
            top_comments: or(options.top_comments.map(|n| n.0), TOP_COMMENTS),
        }
    }

    /// Whether an equal active run will do.
    #[must_use]
    pub fn joins(&self) -> bool {
        self.on_conflict.unwrap_or_default() == OnConflict::Join
    }

    /// Whether the body asks to wait for the end.
    #[must_use]
    pub fn waits(&self) -> bool {
        let mode = self.options.as_ref().and_then(|options| options.async_mode);
        mode.is_some_and(|mode| !mode.requested)
    }
}

/// An instant, or a day that stands for 20:00 UTC of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf(pub DateTime<Utc>);

impl Scalar for AsOf {
    fn schema() -> MetaSchema {
        const DAY: &str = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])";
        const TIME: &str = r"T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)";
        MetaSchema {
            pattern: Some(format!("^{DAY}({TIME})?$")),
            ..MetaSchema::new("string")
        }
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        if let Ok(Day(day)) = Day::read(text) {
            return Ok(Self(day.and_time(NaiveTime::MIN).and_utc() + TimeDelta::hours(20)));
        }
        match Timestamp::read(text) {
            Ok(at) => Ok(Self(at.0)),
            Err(_) => Err(Invalid::new(
                Constraint::Format,
                "must be an RFC 3339 time with an offset, or a day",
            )),
        }
    }

    fn write(&self) -> Value {
        Timestamp(self.0).write()
    }
}
scalar!(AsOf);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_stands_for_eight_in_the_evening_utc() {
        let day = AsOf::read("2026-01-05").expect("a day");
        assert_eq!(Ok(day), AsOf::read("2026-01-05T20:00:00Z"));
        assert_eq!(Ok(day), AsOf::read("2026-01-05T21:00:00+01:00"));
        for bad in ["2026-01-05T20:00:00", "yesterday", "", "2026-02-30"] {
            assert_eq!(AsOf::read(bad).unwrap_err().constraint, Constraint::Format, "{bad:?}");
        }
    }

    #[test]
    fn an_empty_request_means_all_defaults() {
        assert_eq!(
            AnalyzeRequest::default().normalised("stocks"),
            RunRequest::new("stocks")
        );
        let empty: AnalyzeRequest = serde_json::from_str(r#"{"options": {}}"#).expect("a request");
        assert_eq!(empty.normalised("stocks"), RunRequest::new("stocks"));
    }

    #[test]
    fn only_an_explicit_false_waits() {
        let waits = |text: &str| serde_json::from_str::<AnalyzeRequest>(text).expect("a request").waits();
        assert!(waits(r#"{"options": {"async_mode": {"requested": false}}}"#));
        assert!(!waits(r#"{"options": {"async_mode": {"requested": true}}}"#));
        assert!(!waits("{}"));
    }
}
