//! `comments` and `run_comments`: the selection of a run.

use chrono::{DateTime, Utc};

use super::{StoreError, error::unreadable, session::Tx};
use crate::{
    run::ids::RunId,
    sources::thread::{Ancestor, ThreadComment},
};

/// A comment that was selected, with the scores that selected it.
#[derive(Debug, Clone)]
pub struct Selected<'a> {
    /// The comment.
    pub comment: &'a ThreadComment,
    /// Its ancestors, parent first.
    pub parent_chain: Vec<Ancestor>,
    /// Reddit id of its parent, when that has a text.
    pub parent_id: Option<&'a str>,
    /// `0..=1`.
    pub financial_score: f64,
    /// `0..=1`.
    pub priority_score: f64,
    /// Snapshot of the author's trust.
    pub author_trust: f64,
}

/// Stores the selection of one post and resolves its parents; safe to repeat.
///
/// A known comment moves to this run. Its annotation and trust snapshot stay once it is annotated; until then
/// everything is refreshed.
pub async fn store_selection(
    tx: &mut Tx,
    run: RunId,
    post_id: i64,
    selection: &[Selected<'_>],
) -> Result<(), StoreError> {
    let mut ids = Vec::with_capacity(selection.len());
    for selected in selection {
        ids.push(upsert(tx, run, post_id, selected).await?);
    }
    for (id, selected) in ids.into_iter().zip(selection) {
        execute!(
            tx,
            "insert into run_comments (run_id, comment_id) values ($1, $2) on conflict (run_id, comment_id) do nothing",
            run,
            id
        )?;
        execute!(
            tx,
            "update comments set parent_comment_id = (select p.id from comments as p where p.reddit_id = $2)
             where id = $1 and ($2 is not null or analyzed_at is null)",
            id,
            selected.parent_id
        )?;
    }
    Ok(())
}

async fn upsert(tx: &mut Tx, run: RunId, post_id: i64, selected: &Selected<'_>) -> Result<i64, StoreError> {
    let comment = selected.comment;
    let chain = serde_json::to_string(&selected.parent_chain).map_err(unreadable("parent_chain"))?;
    let created: DateTime<Utc> = comment.created_utc;
    let (id,) = query!(
        tx,
        fetch_one,
        (i64,),
        "insert into comments (analysis_run_id, post_id, reddit_id, author, body, created_utc, score, depth,
                               prioritization_score, financial_score, author_trust_score, parent_chain)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (reddit_id) do update set
             analysis_run_id = excluded.analysis_run_id,
             post_id = case when comments.analyzed_at is null then excluded.post_id else comments.post_id end,
             author = case when comments.analyzed_at is null then excluded.author else comments.author end,
             body = case when comments.analyzed_at is null then excluded.body else comments.body end,
             created_utc = case when comments.analyzed_at is null then excluded.created_utc else comments.created_utc end,
             score = case when comments.analyzed_at is null then excluded.score else comments.score end,
             depth = case when comments.analyzed_at is null then excluded.depth else comments.depth end,
             prioritization_score = case when comments.analyzed_at is null
                 then excluded.prioritization_score else comments.prioritization_score end,
             financial_score = case when comments.analyzed_at is null
                 then excluded.financial_score else comments.financial_score end,
             author_trust_score = case when comments.analyzed_at is null
                 then excluded.author_trust_score else comments.author_trust_score end,
             parent_chain = case when comments.analyzed_at is null
                 then excluded.parent_chain else comments.parent_chain end
         returning id",
        run,
        post_id,
        &comment.reddit_id,
        &comment.author,
        &comment.body,
        created,
        comment.score,
        i64::from(comment.depth),
        selected.priority_score,
        selected.financial_score,
        selected.author_trust,
        chain
    )?;
    Ok(id)
}
