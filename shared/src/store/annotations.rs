//! The annotation columns of `comments`, and `comment_tickers`.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Store, StoreError, error::unreadable, session::Tx};
use crate::{
    market::annotation::Annotation,
    run::ids::RunId,
    sources::{language::AnnotationInput, thread::Ancestor},
};

/// How much of a run's selection is annotated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Selected comments.
    pub selected: i64,
    /// Of these annotated.
    pub annotated: i64,
    /// Of these by an earlier run.
    pub reused: i64,
}

/// How much of the run's selection is annotated, and by whom.
pub async fn coverage(store: &Store, run: RunId) -> Result<Coverage, StoreError> {
    let (selected, annotated, reused) = query!(
        &mut store.read().await?,
        fetch_one,
        (i64, i64, i64),
        "select count(*), count(c.analyzed_at), count(case when c.analyzed_run_id <> $1 then 1 end)
         from run_comments as rc join comments as c on c.id = rc.comment_id where rc.run_id = $1",
        run
    )?;
    Ok(Coverage {
        selected,
        annotated,
        reused,
    })
}

#[derive(FromRow)]
struct PendingRow {
    id: i64,
    author: String,
    body: String,
    author_trust_score: Option<f64>,
    parent_chain: String,
    title: String,
    image_analysis: Option<String>,
}

/// Keys of the selected comments without an annotation, ascending.
pub async fn pending(store: &Store, run: RunId) -> Result<Vec<i64>, StoreError> {
    let rows = query!(
        &mut store.read().await?,
        fetch_all,
        (i64,),
        "select c.id from run_comments as rc join comments as c on c.id = rc.comment_id
         where rc.run_id = $1 and c.analyzed_at is null order by c.id",
        run
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// The pending comments with keys in `first..=last`, with the context an annotator needs.
pub async fn inputs(
    store: &Store,
    run: RunId,
    first: i64,
    last: i64,
) -> Result<Vec<(i64, AnnotationInput)>, StoreError> {
    let rows = query!(
        &mut store.read().await?,
        fetch_all,
        PendingRow,
        "select c.id, c.author, c.body, c.author_trust_score, c.parent_chain, p.title, p.image_analysis
         from run_comments as rc
         join comments as c on c.id = rc.comment_id
         join reddit_posts as p on p.id = c.post_id
         where rc.run_id = $1 and c.analyzed_at is null and c.id between $2 and $3 order by c.id",
        run,
        first,
        last
    )?;
    rows.into_iter().map(|row| Ok((row.id, row.into_input()?))).collect()
}

impl PendingRow {
    fn into_input(self) -> Result<AnnotationInput, StoreError> {
        let chain: Vec<Ancestor> =
            serde_json::from_str(&self.parent_chain).map_err(unreadable("comments.parent_chain"))?;
        Ok(AnnotationInput {
            post_title: self.title,
            image_description: self.image_analysis,
            parents: chain
                .into_iter()
                .map(|ancestor| (ancestor.author, ancestor.body))
                .collect(),
            author: self.author,
            author_trust: self.author_trust_score.unwrap_or(0.5),
            body: self.body,
        })
    }
}

/// Stores one annotation; one that is there already stays. Yields whether it was new.
pub async fn store(
    tx: &mut Tx,
    run: RunId,
    comment: i64,
    annotation: &Annotation,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rows = execute!(
        tx,
        "update comments
         set sentiment = $3, sarcasm_detected = $4, has_reasoning = $5, ai_confidence = $6, reasoning_summary = $7,
             analyzed_at = $8, analyzed_run_id = $2
         where id = $1 and analyzed_at is null",
        comment,
        run,
        annotation.sentiment.as_str(),
        annotation.sarcasm_detected,
        annotation.has_reasoning,
        annotation.confidence.clamp(0.0, 1.0),
        &annotation.reasoning_summary,
        at
    )?;
    if rows == 0 {
        return Ok(false);
    }
    for entry in &annotation.ticker_sentiments {
        execute!(
            tx,
            "insert into comment_tickers (comment_id, ticker, sentiment, created_at) values ($1, $2, $3, $4)
             on conflict (comment_id, ticker) do nothing",
            comment,
            &entry.ticker,
            entry.sentiment.as_str(),
            at
        )?;
    }
    Ok(true)
}
