//! Where posts and comments come from: the sample, a dump, or Reddit itself.
//!
//! The acquisition phase asks for the hot posts of a subreddit and then for the thread of each post. A source
//! answers with what existed before `now` and nothing later. Trees are assembled by [`super::thread`], so that
//! ranking, depth and parent chains are the same wherever the data comes from.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::thread::Thread;

/// A submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Post {
    /// Reddit's base-36 id without the `t3_` prefix.
    pub reddit_id: String,
    /// Lower-case name of the subreddit.
    pub subreddit: String,
    /// Title; empty for a stub (a post known only through its comments).
    pub title: String,
    /// Text of a self post; empty for links.
    pub selftext: String,
    /// Score; 0 for a stub.
    pub upvotes: i64,
    /// Comments the source counts for it (for a dump: its lines before `now`).
    pub total_comments: i64,
    /// Where it links to.
    pub url: Option<String>,
}

/// Why a source could not answer.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The configuration cannot work: a missing path or variable, a file in which nothing parses.
    #[error("{0}")]
    Config(String),
    /// The service or the file failed, after the retries.
    #[error("{what}")]
    Unavailable {
        /// What was asked for.
        what: String,
        /// What came back.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The caller asked to stop.
    #[error("interrupted")]
    Interrupted,
}

/// A source of posts and comments.
#[async_trait]
pub trait CommentSource: Send + Sync {
    /// The instant at which a run without `as_of` is frozen; `None` for a live source, whose now is the clock.
    ///
    /// `previous` is the `market_now` of the newest run of that subreddit.
    async fn market_now(
        &self,
        subreddit: &str,
        previous: Option<DateTime<Utc>>,
    ) -> Result<Option<DateTime<Utc>>, SourceError>;

    /// Whether [`market_now`](Self::market_now) answers at once, so that it can be asked before a run is claimed.
    fn knows_now(&self) -> bool;

    /// The hottest posts at `now`, hottest first, at most `limit`; fewer, or none, is not an error.
    async fn hot_posts(&self, subreddit: &str, now: DateTime<Utc>, limit: usize) -> Result<Vec<Post>, SourceError>;

    /// The thread of one of the posts that `hot_posts` returned for the same `now`, with at most `limit` candidates.
    async fn thread(&self, post: &Post, now: DateTime<Utc>, limit: usize) -> Result<Thread, SourceError>;
}
