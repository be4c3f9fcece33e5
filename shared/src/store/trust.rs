//! What authors are trusted by: their newly annotated comments, their resolved predictions, and their rows.
//!
//! Everything that is written here belongs into the one transaction of the trust phase, so that no comment and no
//! prediction counts twice.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    session::{Session, Tx},
};
use crate::{market::trust::Override, run::ids::RunId};

/// A comment that the run was the first to annotate.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct NewComment {
    /// Who wrote it.
    pub author: String,
    /// Its text.
    pub body: String,
    /// Votes.
    pub score: i64,
    /// Whether it argues.
    pub has_reasoning: bool,
    /// Confidence of the annotation.
    pub ai_confidence: f64,
}

/// The comments that the run has annotated, by author, then key; those of `[deleted]` have no author.
pub async fn new_comments(session: &mut impl Session, run: RunId) -> Result<Vec<NewComment>, StoreError> {
    query!(
        session,
        fetch_all,
        NewComment,
        "select author, body, score, has_reasoning, ai_confidence from comments
         where analyzed_run_id = $1 and author <> '[deleted]' order by author, id",
        run
    )
}

/// A resolved prediction that no accuracy has taken in.
#[derive(Debug, Clone, PartialEq)]
pub struct NewVerdict {
    /// Key of the prediction.
    pub prediction: i64,
    /// Who wrote its comment.
    pub author: String,
    /// Its return, a fraction.
    pub simulated_return: f64,
    /// What a person decided.
    pub decided: Option<Override>,
}

/// The resolved predictions of a subreddit that no accuracy has taken in, in the order they were resolved. Excluded
/// ones wait, in case somebody takes that back.
pub async fn new_verdicts(tx: &mut Tx, subreddit: &str) -> Result<Vec<NewVerdict>, StoreError> {
    let rows = query!(
        tx,
        fetch_all,
        (i64, String, Option<f64>, Option<String>),
        "select p.id, c.author, p.simulated_return_pct, p.hitl_override
         from predictions as p
         join comments as c on c.id = p.comment_id join analysis_runs as r on r.id = p.analysis_run_id
         where p.status = 'resolved' and p.accuracy_applied_at is null and r.subreddit = $1
           and p.hitl_override is distinct from 'excluded' and c.author <> '[deleted]'
         order by p.resolved_at, p.id",
        subreddit
    )?;
    let verdict =
        |(prediction, author, simulated_return, decided): (i64, String, Option<f64>, Option<String>)| NewVerdict {
            prediction,
            author,
            simulated_return: simulated_return.unwrap_or(0.0),
            decided: decided.as_deref().and_then(Override::parse),
        };
    Ok(rows.into_iter().map(verdict).collect())
}

/// Marks a prediction as taken in.
pub async fn take_in(tx: &mut Tx, prediction: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
    execute!(
        tx,
        "update predictions set accuracy_applied_at = $2 where id = $1 and accuracy_applied_at is null",
        prediction,
        at
    )?;
    Ok(())
}

/// An author, as stored.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Author {
    /// Name.
    pub username: String,
    /// When the first comment was annotated.
    pub first_seen: DateTime<Utc>,
    /// Comments annotated so far.
    pub total_comments: i64,
    /// Those of them that argue.
    pub high_quality_comments: i64,
    /// Votes of all of them.
    pub total_upvotes: i64,
    /// Mean conviction.
    pub avg_conviction_score: Option<f64>,
    /// Moving average over resolved predictions.
    pub avg_sentiment_accuracy: Option<f64>,
    /// Trust.
    pub trust_score: f64,
}

impl Author {
    /// One who was never seen before.
    #[must_use]
    pub fn new(username: &str, now: DateTime<Utc>) -> Self {
        Self {
            username: username.to_owned(),
            first_seen: now,
            total_comments: 0,
            high_quality_comments: 0,
            total_upvotes: 0,
            avg_conviction_score: None,
            avg_sentiment_accuracy: None,
            trust_score: 0.5,
        }
    }
}

/// The author of that name.
pub async fn find(tx: &mut Tx, username: &str) -> Result<Option<Author>, StoreError> {
    query!(
        tx,
        fetch_optional,
        Author,
        "select username, first_seen, total_comments, high_quality_comments, total_upvotes, avg_conviction_score,
                avg_sentiment_accuracy, trust_score
         from authors where username = $1",
        username
    )
}

/// Writes an author back, or down; `now` is the last sign of life.
pub async fn keep(tx: &mut Tx, author: &Author, now: DateTime<Utc>) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into authors (username, first_seen, total_comments, high_quality_comments, total_upvotes,
                              avg_conviction_score, avg_sentiment_accuracy, last_active, trust_score)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (username) do update
         set total_comments = excluded.total_comments, high_quality_comments = excluded.high_quality_comments,
             total_upvotes = excluded.total_upvotes, avg_conviction_score = excluded.avg_conviction_score,
             avg_sentiment_accuracy = excluded.avg_sentiment_accuracy, last_active = excluded.last_active,
             trust_score = excluded.trust_score",
        &author.username,
        author.first_seen,
        author.total_comments,
        author.high_quality_comments,
        author.total_upvotes,
        author.avg_conviction_score,
        author.avg_sentiment_accuracy,
        now,
        author.trust_score
    )?;
    Ok(())
}
