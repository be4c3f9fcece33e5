//! Predictions as clients see them, and the one thing a person may write: an override.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    session::{Session, Tx},
};
use crate::{market::money::Micros, run::ids::RunId};

/// A prediction, as stored, with its author.
#[derive(Debug, Clone, FromRow)]
pub struct PredictionRow {
    /// Key.
    pub id: i64,
    /// Subreddit of the run that made it.
    pub subreddit: String,
    /// The comment it was read from.
    pub comment_id: i64,
    /// Who wrote that.
    pub author: String,
    /// Run that made it.
    pub analysis_run_id: RunId,
    /// Symbol of the underlying.
    pub ticker: String,
    /// `bullish` or `bearish`.
    pub sentiment: String,
    /// `call` or `put`.
    pub option_type: String,
    /// Strike price; `None` when no contract was found.
    #[sqlx(rename = "strike_price_micros")]
    pub strike_price: Option<Micros>,
    /// Last day of the contract.
    pub expiration_date: Option<NaiveDate>,
    /// Symbol of the contract.
    pub contract_symbol: Option<String>,
    /// Premium per share when it was made.
    #[sqlx(rename = "entry_premium_micros")]
    pub entry_premium: Option<Micros>,
    /// US/Eastern day it was made.
    pub entry_date: NaiveDate,
    /// Contracts at first.
    pub contracts: Option<i64>,
    /// Contracts still tracked.
    pub contracts_remaining: Option<i64>,
    /// Last seen premium.
    #[sqlx(rename = "current_premium_micros")]
    pub current_premium: Option<Micros>,
    /// Highest premium seen.
    #[sqlx(rename = "peak_premium_micros")]
    pub peak_premium: Option<Micros>,
    /// Whether the target was touched.
    pub trailing_stop_active: bool,
    /// `tracking`, `resolved` or `expired`.
    pub status: String,
    /// Fraction, once resolved.
    pub simulated_return_pct: Option<f64>,
    /// Whether the author was right.
    pub is_correct: Option<bool>,
    /// When it was resolved.
    pub resolved_at: Option<DateTime<Utc>>,
    /// What a person decided: `correct`, `incorrect` or `excluded`.
    pub hitl_override: Option<String>,
    /// When.
    pub hitl_override_at: Option<DateTime<Utc>>,
    /// When the author's accuracy took it in.
    pub accuracy_applied_at: Option<DateTime<Utc>>,
    /// When it was made, on the market clock.
    pub created_at: DateTime<Utc>,
}

/// Which predictions a list shows.
#[derive(Debug, Clone, Default)]
pub struct PredictionFilter {
    /// Only this subreddit.
    pub subreddit: Option<String>,
    /// Only this author.
    pub author: Option<String>,
    /// Only this ticker.
    pub ticker: Option<String>,
    /// Only `tracking`, `resolved` or `expired` ones.
    pub status: Option<String>,
    /// Only those of this run.
    pub run: Option<RunId>,
    /// Rows of the page.
    pub limit: i64,
    /// Rows before the page.
    pub offset: i64,
}

/// A query over what a filter lets through; the filter's values come first among its parameters. Runs and comments are
/// looked at for a filter that needs them, and for no other.
macro_rules! filtered {
    ($session:expr, $fetch:ident, $row:ty, $filter:expr, $head:literal, $tail:literal $(, $bind:expr)*) => {
        query!(
            $session,
            $fetch,
            $row,
            concat!(
                $head,
                " from predictions as p
                 where ($1 is null or p.analysis_run_id in (select id from analysis_runs where subreddit = $1))
                   and ($2 is null or p.comment_id in (select id from comments where author = $2))
                   and ($3 is null or p.ticker = $3) and ($4 is null or p.status = $4)
                   and ($5 is null or p.analysis_run_id = $5)",
                $tail
            ),
            &$filter.subreddit,
            &$filter.author,
            &$filter.ticker,
            &$filter.status,
            $filter.run
            $(, $bind)*
        )
    };
}

/// A page of predictions, newest first, and how many there are in all.
pub async fn list(
    session: &mut impl Session,
    filter: &PredictionFilter,
) -> Result<(Vec<PredictionRow>, i64), StoreError> {
    let (total,) = filtered!(session, fetch_one, (i64,), filter, "select count(*)", "")?;
    let rows = filtered!(
        session,
        fetch_all,
        PredictionRow,
        filter,
        "select p.*, c.author, r.subreddit from predictions as p
         join comments as c on c.id = p.comment_id join analysis_runs as r on r.id = p.analysis_run_id
         where p.id in (select p.id",
        " order by p.id desc limit $6 offset $7) order by p.id desc",
        filter.limit,
        filter.offset
    )?;
    Ok((rows, total))
}

/// The prediction with that key.
pub async fn find(session: &mut impl Session, id: i64) -> Result<Option<PredictionRow>, StoreError> {
    query!(
        session,
        fetch_optional,
        PredictionRow,
        "select p.*, c.author, r.subreddit from predictions as p
         join comments as c on c.id = p.comment_id join analysis_runs as r on r.id = p.analysis_run_id
         where p.id = $1",
        id
    )
}

/// The premium of one day.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OutcomeRow {
    /// Days since the prediction was made.
    pub day_offset: i64,
    /// Premium per share.
    #[sqlx(rename = "premium_micros")]
    pub premium: Micros,
    /// Price of the underlying, where it was known.
    #[sqlx(rename = "underlying_price_micros")]
    pub underlying_price: Option<Micros>,
}

/// The premiums of a prediction by day.
pub async fn outcomes(session: &mut impl Session, prediction: i64) -> Result<Vec<OutcomeRow>, StoreError> {
    query!(
        session,
        fetch_all,
        OutcomeRow,
        "select day_offset, premium_micros, underlying_price_micros from prediction_outcomes
         where prediction_id = $1 order by day_offset",
        prediction
    )
}

/// A simulated exit.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct PredictionExitRow {
    /// Key.
    pub id: i64,
    /// US/Eastern day.
    pub exit_date: NaiveDate,
    /// Premium per share.
    #[sqlx(rename = "exit_premium_micros")]
    pub exit_premium: Micros,
    /// Why.
    pub exit_reason: String,
    /// Fraction of the contracts tracked before.
    pub quantity_pct: f64,
    /// Contracts sold.
    pub contracts_exited: i64,
    /// Simulated profit or loss.
    #[sqlx(rename = "simulated_pnl_micros")]
    pub simulated_pnl: Micros,
    /// When, on the market clock.
    pub created_at: DateTime<Utc>,
}

/// The simulated exits of a prediction, oldest first.
pub async fn exits(session: &mut impl Session, prediction: i64) -> Result<Vec<PredictionExitRow>, StoreError> {
    query!(
        session,
        fetch_all,
        PredictionExitRow,
        "select id, exit_date, exit_premium_micros, exit_reason, quantity_pct, contracts_exited, simulated_pnl_micros,
                created_at
         from prediction_exits where prediction_id = $1 order by id",
        prediction
    )
}

/// Puts a person's word in place of the outcome; `None` takes it back, and the outcome speaks again.
///
/// A repeat changes nothing. Accuracy that was applied already is not rewritten. Whether the prediction exists is for
/// the caller to see: an unknown one is left alone.
pub async fn set_override(
    tx: &mut Tx,
    prediction: i64,
    word: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "update predictions
         set hitl_override = $2, hitl_override_at = case when $2 is null then null else $3 end,
             is_correct = case when $2 = 'correct' then true when $2 = 'incorrect' then false
                               when $2 is null and status = 'resolved' then simulated_return_pct > 0 end
         where id = $1 and hitl_override is distinct from $2",
        prediction,
        word,
        now
    )?;
    Ok(())
}
