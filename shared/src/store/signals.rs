//! `signals` and `signal_comments`, as the signals phase writes them; reads for clients are in `signals_read`.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::FromRow;

use super::{Store, StoreError, session::Tx};
use crate::{
    market::{
        annotation::Sentiment,
        emergence::prior_window_start,
        signal::{Mention, Signal},
    },
    run::ids::RunId,
};

#[derive(FromRow)]
struct MentionRow {
    ticker: String,
    sentiment: String,
    comment_id: i64,
    author: String,
    has_reasoning: bool,
    sarcasm_detected: bool,
    ai_confidence: f64,
    author_trust_score: Option<f64>,
}

impl MentionRow {
    fn into_mention(self) -> (String, Mention) {
        let sentiment = match self.sentiment.as_str() {
            "bullish" => Sentiment::Bullish,
            "bearish" => Sentiment::Bearish,
            _ => Sentiment::Neutral,
        };
        let mention = Mention {
            comment_id: self.comment_id,
            author: self.author,
            sentiment,
            has_reasoning: self.has_reasoning,
            sarcasm: self.sarcasm_detected,
            ai_confidence: self.ai_confidence,
            author_trust: self.author_trust_score,
        };
        (self.ticker, mention)
    }
}

/// The annotated mentions of a run grouped by ticker, tickers ascending, comments ascending.
pub async fn mentions(store: &Store, run: RunId) -> Result<Vec<(String, Vec<Mention>)>, StoreError> {
    let rows = query!(
        &mut store.read().await?,
        fetch_all,
        MentionRow,
        "select ct.ticker, ct.sentiment, c.id as comment_id, c.author, c.has_reasoning, c.sarcasm_detected,
                c.ai_confidence, c.author_trust_score
         from comment_tickers as ct join comments as c on c.id = ct.comment_id
         where c.analysis_run_id = $1 and c.analyzed_at is not null order by c.id",
        run
    )?;
    let mut grouped = std::collections::BTreeMap::<String, Vec<Mention>>::new();
    for (ticker, mention) in rows.into_iter().map(MentionRow::into_mention) {
        grouped.entry(ticker).or_default().push(mention);
    }
    Ok(grouped.into_iter().collect())
}

/// Mentions of a ticker in a subreddit on the seven UTC days before `today`.
///
/// Counted by the time of the annotation, which never moves; the run of a comment does.
pub async fn prior_mentions(store: &Store, subreddit: &str, ticker: &str, today: NaiveDate) -> Result<i64, StoreError> {
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    let (count,) = query!(
        &mut store.read().await?,
        fetch_one,
        (i64,),
        "select count(*) from comment_tickers as ct
         join comments as c on c.id = ct.comment_id
         join reddit_posts as p on p.id = c.post_id
         where ct.ticker = $1 and p.subreddit = $2 and ct.created_at >= $3 and ct.created_at < $4",
        ticker,
        subreddit,
        midnight(prior_window_start(today)),
        midnight(today)
    )?;
    Ok(count)
}

/// What a signal belongs to.
#[derive(Debug, Clone, Copy)]
pub struct SignalKey<'a> {
    /// The run in which it fired.
    pub run: RunId,
    /// Subreddit.
    pub subreddit: &'a str,
    /// Symbol.
    pub ticker: &'a str,
    /// UTC day.
    pub date: NaiveDate,
    /// Market clock.
    pub at: DateTime<Utc>,
}

/// Inserts the signal or rewrites the one of the same day, with the comments behind it.
///
/// `created_at` and `position_opened` of an earlier run of the day stay.
pub async fn upsert(
    tx: &mut Tx,
    key: &SignalKey<'_>,
    signal: &Signal,
    is_emergence: Option<bool>,
    prior_7d_mentions: i64,
) -> Result<i64, StoreError> {
    let (id,) = query!(
        tx,
        fetch_one,
        (i64,),
        "insert into signals (subreddit, signal_date, created_at, updated_at, ticker, signal_type, sentiment_score,
                              prediction, confidence, comment_count, has_reasoning, is_emergence, prior_7d_mentions,
                              distinct_users, run_id)
         values ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         on conflict (subreddit, ticker, signal_type, signal_date) do update
         set updated_at = excluded.updated_at, sentiment_score = excluded.sentiment_score,
             prediction = excluded.prediction, confidence = excluded.confidence,
             comment_count = excluded.comment_count, has_reasoning = excluded.has_reasoning,
             is_emergence = excluded.is_emergence, prior_7d_mentions = excluded.prior_7d_mentions,
             distinct_users = excluded.distinct_users, run_id = excluded.run_id
         returning id",
        key.subreddit,
        key.date,
        key.at,
        key.ticker,
        signal.kind.as_str(),
        signal.sentiment_score,
        signal.direction.as_str(),
        signal.confidence,
        i64::try_from(signal.comment_ids.len()).unwrap_or(i64::MAX),
        signal.has_reasoning,
        is_emergence,
        prior_7d_mentions,
        i64::try_from(signal.distinct_users).unwrap_or(i64::MAX),
        key.run
    )?;
    relink(tx, id, signal, key.at).await?;
    Ok(id)
}

async fn relink(tx: &mut Tx, id: i64, signal: &Signal, at: DateTime<Utc>) -> Result<(), StoreError> {
    execute!(tx, "delete from signal_comments where signal_id = $1", id)?;
    for comment in &signal.comment_ids {
        execute!(
            tx,
            "insert into signal_comments (signal_id, comment_id, created_at) values ($1, $2, $3)",
            id,
            comment,
            at
        )?;
    }
    Ok(())
}

/// Signals that fired in a run.
pub async fn count_of_run(store: &Store, run: RunId) -> Result<i64, StoreError> {
    let (count,) = query!(
        &mut store.read().await?,
        fetch_one,
        (i64,),
        "select count(*) from signals where run_id = $1",
        run
    )?;
    Ok(count)
}
