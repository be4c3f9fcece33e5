//! A post's comment tree: direct replies, depth, parent chains and the ranking of its candidates.
//!
//! Every source ends here, so that a thread looks the same wherever it comes from. One that holds its comments in
//! memory (the sample, the live listing, whose `more` stubs are simply not comments) calls [`Thread::assemble`].
//! The dump describes its lines as [`Node`]s, ranks the [`Shape`] without a single body, and hands
//! [`Thread::read`] the texts of the few that were selected.
//!
//! Invariants: candidates come first and in rank order; every parent that a chain may show is in the same thread;
//! a body of `[removed]` or `[deleted]` is in none.

mod ids;
mod rank;

use std::collections::HashSet;
use std::convert::Infallible;
use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use ids::{Id, Names};
pub use rank::{Node, Ranked, Ranking, Shape};

/// A comment as its source gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// Reddit's base-36 id without the `t1_` prefix.
    pub reddit_id: String,
    /// Id of the parent comment without the `t1_` prefix; `None` when the parent is the post.
    pub parent: Option<String>,
    /// Name of the author; `[deleted]` when unknown.
    pub author: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub created_utc: DateTime<Utc>,
    /// Score, 0 when unknown.
    pub score: i64,
    /// Its body was removed or deleted: part of the tree, never a candidate.
    pub removed: bool,
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

impl Thread {
    /// The thread of comments that are all in memory, in any order; of a repeated id the first wins.
    #[must_use]
    pub fn assemble(comments: &[Comment], limit: usize) -> Self {
        let mut names = Names::default();
        let nodes = (1u32..)
            .zip(comments)
            .map(|(place, comment)| Node::of(comment, &mut names, place))
            .collect();
        let ranking = Shape::new(nodes).rank(&names, limit);
        let copy = |place: NonZeroU32| Ok::<_, Infallible>(comments[place.get() as usize - 1].clone());
        match Self::read(&ranking, copy) {
            Ok(thread) => thread,
            Err(never) => match never {},
        }
    }

    /// The thread of a ranking, its texts fetched one by one from where [`Node::text`] says they are.
    ///
    /// # Errors
    /// The first error of `text`.
    pub fn read<E>(ranking: &Ranking, mut text: impl FnMut(NonZeroU32) -> Result<Comment, E>) -> Result<Self, E> {
        let mut comments = Vec::with_capacity(ranking.selected.len());
        for ranked in &ranking.selected {
            comments.push(ThreadComment::new(ranked, text(ranked.text)?));
        }
        Ok(Self {
            comments,
            candidates: ranking.candidates,
        })
    }

    /// The ancestors of `comments[index]` whose texts are known, immediate parent to root; empty at depth 0.
    ///
    /// Stops at a removed or missing ancestor and where a cycle would repeat itself.
    #[must_use]
    pub fn parent_chain(&self, index: usize) -> Vec<Ancestor> {
        let parent = |index: usize| self.comments.get(index).and_then(|comment| comment.parent);
        let mut met = HashSet::from([index]);
        let mut chain = Vec::new();
        let mut next = parent(index);
        while let Some((at, comment)) = next.and_then(|at| Some((at, self.comments.get(at)?))) {
            if !met.insert(at) {
                break;
            }
            chain.push(Ancestor::from(comment));
            next = comment.parent;
        }
        chain
    }
}

impl Node {
    fn of(comment: &Comment, names: &mut Names, place: u32) -> Self {
        Self {
            id: names.note(&comment.reddit_id),
            parent: comment.parent.as_deref().map(Id::new),
            score: narrow(comment.score),
            text: if comment.removed { None } else { NonZeroU32::new(place) },
        }
    }
}

/// A score for ranking; what Reddit has fits by far.
#[must_use]
pub fn narrow(score: i64) -> i32 {
    i32::try_from(score).unwrap_or(if score < 0 { i32::MIN } else { i32::MAX })
}

impl ThreadComment {
    fn new(ranked: &Ranked, comment: Comment) -> Self {
        Self {
            reddit_id: comment.reddit_id,
            author: comment.author,
            body: comment.body,
            created_utc: comment.created_utc,
            score: comment.score,
            depth: ranked.depth,
            direct_replies: ranked.direct_replies,
            parent: ranked.parent,
        }
    }
}

impl From<&ThreadComment> for Ancestor {
    fn from(comment: &ThreadComment) -> Self {
        Self {
            id: comment.reddit_id.clone(),
            body: comment.body.clone(),
            depth: comment.depth,
            author: comment.author.clone(),
        }
    }
}
