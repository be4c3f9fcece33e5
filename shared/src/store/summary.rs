//! What a run has found so far, as partial and final results show it.

use sqlx::FromRow;

use super::{Store, StoreError, annotations, phases, runs::Run, session::Conn, trades};
use crate::run::{
    ids::RunId,
    result::{AnalysisResult, Counts, SignalSummary, TickerSummary},
};

/// Builds the result of a run from the rows; the same rows give the same result.
pub async fn build(store: &Store, run: &Run) -> Result<AnalysisResult, StoreError> {
    let counts = counts(store, run.id).await?;
    let mut conn = store.read().await?;
    Ok(AnalysisResult {
        subreddit: run.subreddit.clone(),
        market_now: run.market_now.unwrap_or(run.queued_at),
        counts,
        tickers: tickers(&mut conn, run.id).await?,
        signals: signals(&mut conn, run.id).await?,
        positions_opened: trades::opened(&mut conn, run.id).await?,
        exits: trades::exited(&mut conn, run.id).await?,
        predictions: trades::predictions(&mut conn, run.id, &run.subreddit).await?,
        portfolios: trades::values(&mut conn, &run.subreddit).await?,
        warnings_count: warnings_count(&mut conn, run.id).await?,
        model_usage: None,
    })
}

/// What the acquisition phase hands on about its size.
async fn counts(store: &Store, run: RunId) -> Result<Counts, StoreError> {
    let coverage = annotations::coverage(store, run).await?;
    let mut conn = store.read().await?;
    let row = query!(
        &mut conn,
        fetch_optional,
        (Option<i64>, Option<i64>),
        "select cast(output ->> 'posts' as bigint), cast(output ->> 'comments' as bigint)
         from run_phases where run_id = $1 and key = 'acquisition' and output is not null",
        run
    )?;
    let (posts, comments) = row.unwrap_or_default();
    Ok(Counts {
        posts: posts.unwrap_or(0),
        comments_fetched: comments.unwrap_or(0),
        comments_selected: coverage.selected,
        comments_annotated: coverage.annotated,
        comments_reused: coverage.reused,
    })
}

#[derive(FromRow)]
struct TickerRow {
    ticker: String,
    mentions: i64,
    bullish: i64,
    bearish: i64,
    neutral: i64,
    sentiment_score: f64,
}

async fn tickers(conn: &mut Conn, run: RunId) -> Result<Vec<TickerSummary>, StoreError> {
    let rows = query!(
        conn,
        fetch_all,
        TickerRow,
        "select ct.ticker, count(*) as mentions,
                count(case when ct.sentiment = 'bullish' then 1 end) as bullish,
                count(case when ct.sentiment = 'bearish' then 1 end) as bearish,
                count(case when ct.sentiment = 'neutral' then 1 end) as neutral,
                avg(case ct.sentiment when 'bullish' then c.ai_confidence when 'bearish' then -c.ai_confidence else 0.0 end)
                    as sentiment_score
         from run_comments as rc
         join comments as c on c.id = rc.comment_id
         join comment_tickers as ct on ct.comment_id = c.id
         where rc.run_id = $1 group by ct.ticker order by count(*) desc, ct.ticker",
        run
    )?;
    Ok(rows.into_iter().map(TickerSummary::from).collect())
}

impl From<TickerRow> for TickerSummary {
    fn from(row: TickerRow) -> Self {
        Self {
            ticker: row.ticker,
            mentions: row.mentions,
            bullish: row.bullish,
            bearish: row.bearish,
            neutral: row.neutral,
            sentiment_score: row.sentiment_score,
        }
    }
}

async fn signals(conn: &mut Conn, run: RunId) -> Result<Vec<SignalSummary>, StoreError> {
    query!(
        conn,
        fetch_all,
        SignalSummary,
        "select id, subreddit, ticker, signal_type, signal_date, prediction, confidence, comment_count,
                sentiment_score, has_reasoning, is_emergence, prior_7d_mentions, distinct_users
         from signals where run_id = $1 order by confidence desc, id",
        run
    )
}

async fn warnings_count(conn: &mut Conn, run: RunId) -> Result<i64, StoreError> {
    let phases = phases::list(conn, run).await?;
    let mut count = 0;
    for phase in &phases {
        count += i64::try_from(phase.parsed_warnings()?.len()).unwrap_or(0);
    }
    Ok(count)
}
