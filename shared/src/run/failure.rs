//! Why a run failed, and whether trying again makes sense.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The closed set of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The hard limit passed.
    Timeout,
    /// Left without a worker for too long.
    Orphaned,
    /// The database refused for good.
    DatabaseError,
    /// Comments could not be read.
    RedditApiError,
    /// No comment could be annotated.
    OpenaiApiError,
    /// The same phase crashed too often.
    CrashLoop,
    /// A bug of ours.
    Internal,
    /// Market data refused our credentials.
    SchwabAuthError,
    /// The configuration or the request cannot work.
    ConfigError,
}

impl ErrorCode {
    /// The stored and served word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Orphaned => "orphaned",
            Self::DatabaseError => "database_error",
            Self::RedditApiError => "reddit_api_error",
            Self::OpenaiApiError => "openai_api_error",
            Self::CrashLoop => "crash_loop",
            Self::Internal => "internal",
            Self::SchwabAuthError => "schwab_auth_error",
            Self::ConfigError => "config_error",
        }
    }

    /// Whether the stored word names a failure that may pass by itself.
    #[must_use]
    pub fn is_retryable(word: &str) -> bool {
        matches!(
            word,
            "timeout" | "orphaned" | "database_error" | "reddit_api_error" | "openai_api_error"
        )
    }

    /// What a client should do about the stored word.
    #[must_use]
    pub fn retry_hint(word: &str) -> &'static str {
        if Self::is_retryable(word) {
            "retry_with_backoff"
        } else {
            "check_input_and_retry"
        }
    }
}

/// Message of a run that passed its hard limit: the limit in minutes, rounded up, at least one.
#[must_use]
pub fn timeout_message(limit: Duration) -> String {
    let minutes = limit.as_millis().div_ceil(60_000).max(1);
    format!("Pipeline exceeded {minutes}-minute timeout")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_message_names_the_limit_in_minutes_rounded_up() {
        assert_eq!(
            timeout_message(Duration::from_hours(1)),
            "Pipeline exceeded 60-minute timeout"
        );
        assert_eq!(
            timeout_message(Duration::from_secs(3)),
            "Pipeline exceeded 1-minute timeout"
        );
        assert_eq!(
            timeout_message(Duration::from_secs(61)),
            "Pipeline exceeded 2-minute timeout"
        );
    }
}
