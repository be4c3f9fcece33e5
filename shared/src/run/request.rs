//! What a client asks for, with every default filled in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Posts fetched unless the request says otherwise.
pub const POST_LIMIT: u32 = 10;
/// Candidate comments per post unless the request says otherwise.
pub const COMMENTS_PER_POST: u32 = 1_000;
/// Selected comments per post unless the request says otherwise.
pub const TOP_COMMENTS: u32 = 50;

/// A normalised request: what decides the outcome of a run, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRequest {
    /// Lower-case name.
    pub subreddit: String,
    /// The instant to freeze the run at; the source decides when absent.
    pub as_of: Option<DateTime<Utc>>,
    /// Hot posts to read, `1..=100`.
    pub post_limit: u32,
    /// Candidates per post, `1..=50_000`.
    pub comments_per_post: u32,
    /// Selected comments per post, `1..=10_000`.
    pub top_comments: u32,
}

impl RunRequest {
    /// A request for one subreddit with all defaults.
    #[must_use]
    pub fn new(subreddit: &str) -> Self {
        Self {
            subreddit: subreddit.to_lowercase(),
            as_of: None,
            post_limit: POST_LIMIT,
            comments_per_post: COMMENTS_PER_POST,
            top_comments: TOP_COMMENTS,
        }
    }

    /// SHA-256 in hex over the canonical JSON: equal requests have equal hashes.
    #[must_use]
    pub fn hash(&self) -> String {
        let canonical = serde_json::json!([
            self.subreddit,
            self.as_of.map(|at| at.timestamp_micros()),
            self.post_limit,
            self.comments_per_post,
            self.top_comments
        ]);
        format!("{:x}", Sha256::digest(canonical.to_string()))
    }

    /// Why a stored request can no longer be run, if it cannot.
    pub fn validate(&self) -> Result<(), String> {
        if !is_subreddit_name(&self.subreddit) {
            return Err(format!("`{}` is not a subreddit name", self.subreddit));
        }
        for (name, value, max) in [
            ("post_limit", self.post_limit, 100),
            ("comments_per_post", self.comments_per_post, 50_000),
            ("top_comments", self.top_comments, 10_000),
        ] {
            if !(1..=max).contains(&value) {
                return Err(format!("{name} = {value} lies outside 1..{max}"));
            }
        }
        Ok(())
    }
}

/// `^[a-z0-9][a-z0-9_]{1,20}$`.
#[must_use]
pub fn is_subreddit_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let plain = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (2..=21).contains(&bytes.len()) && plain(&bytes[0]) && bytes.iter().all(|b| plain(b) || *b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_requests_hash_alike_and_every_field_counts() {
        let base = RunRequest::new("WallStreetBets");
        assert_eq!(base.hash(), RunRequest::new("wallstreetbets").hash());
        let others = [
            RunRequest {
                subreddit: "stocks".into(),
                ..base.clone()
            },
            RunRequest {
                as_of: Some(DateTime::UNIX_EPOCH),
                ..base.clone()
            },
            RunRequest {
                post_limit: 1,
                ..base.clone()
            },
            RunRequest {
                comments_per_post: 1,
                ..base.clone()
            },
            RunRequest {
                top_comments: 1,
                ..base.clone()
            },
        ];
        assert!(others.iter().all(|other| other.hash() != base.hash()));
    }

    #[test]
    fn subreddit_names_are_lower_case_words_of_2_to_21_characters() {
        assert!(
            ["ab", "wallstreetbets", "a_", "0x", "a23456789012345678901"]
                .iter()
                .all(|n| is_subreddit_name(n))
        );
        let bad = ["", "a", "_ab", "Ab", "a-b", "a234567890123456789012", "ä1"];
        assert!(bad.iter().all(|n| !is_subreddit_name(n)));
    }

    #[test]
    fn a_request_outside_its_ranges_says_which_field() {
        let request = RunRequest {
            post_limit: 0,
            ..RunRequest::new("stocks")
        };
        assert_eq!(request.validate().unwrap_err(), "post_limit = 0 lies outside 1..100");
    }
}
