//! A post's comment tree: direct replies, depth, parent chains and the ranking of its candidates.
//!
//! A source fills in [`Node`]s in any order; [`rank`] decides which comments are candidates and which ancestors
//! they need, without looking at a body, so that a dump of millions of lines never holds one it does not select.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The shape of one comment, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Reddit's base-36 id without the `t1_` prefix.
    pub id: String,
    /// Id of the parent comment; `None` when the parent is the post.
    pub parent: Option<String>,
    /// Score, 0 when unknown.
    pub score: i64,
    /// Its body was removed or deleted: part of the tree, never a candidate.
    pub removed: bool,
}

/// Where a comment stands in its tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// Index into the nodes handed to [`rank`].
    pub index: usize,
    /// Parent steps to the post through nodes that are present; one more at an unknown parent.
    pub depth: u32,
    /// Visible direct replies before any cap, removed ones included.
    pub direct_replies: u32,
    /// Index of the parent, when it is present and not removed.
    pub parent: Option<usize>,
}

/// A comment with its text and its place in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreadComment {
    /// Reddit's base-36 id without the `t1_` prefix.
    pub reddit_id: String,
    /// Name of the author; `[deleted]` when unknown.
    pub author: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub created_utc: DateTime<Utc>,
    /// Score, 0 when unknown.
    pub score: i64,
    /// See [`Ranked::depth`].
    pub depth: u32,
    /// See [`Ranked::direct_replies`].
    pub direct_replies: u32,
    /// Index into [`Thread::comments`] of the parent whose text is known.
    pub parent: Option<usize>,
}

/// An entry of a parent chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestor {
    /// Reddit id of the ancestor.
    pub id: String,
    /// Its text.
    pub body: String,
    /// Its depth.
    pub depth: u32,
    /// Its author.
    pub author: String,
}

/// The candidates of a post in rank order, followed by the ancestors that only their parent chains need.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// Candidates first, then ancestors.
    pub comments: Vec<ThreadComment>,
    /// How many of `comments` are candidates.
    pub candidates: usize,
}
