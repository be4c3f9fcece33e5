//! `predictions`, as the predictions phase writes them; reads for clients are in `predictions_read`.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{Store, StoreError, session::Tx};
use crate::{
    market::{option::OptionType, strike::Strike},
    run::ids::RunId,
};

/// A comment that takes a side on a ticker and is not held to it yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opinion {
    /// Key of the comment.
    pub comment_id: i64,
    /// What would pay if it is right: a call when it is bullish, a put when it is bearish.
    pub option_type: OptionType,
}

#[derive(FromRow)]
struct OpinionRow {
    ticker: String,
    comment_id: i64,
    sentiment: String,
}

/// The opinions among a run's comments that have no prediction yet, by ticker, tickers and comments ascending.
pub async fn opinions(store: &Store, run: RunId) -> Result<Vec<(String, Vec<Opinion>)>, StoreError> {
    let rows = query!(
        &mut store.read().await?,
        fetch_all,
        OpinionRow,
        "select ct.ticker, ct.comment_id, ct.sentiment
         from comment_tickers as ct join comments as c on c.id = ct.comment_id
         where c.analysis_run_id = $1 and c.analyzed_at is not null and ct.sentiment in ('bullish', 'bearish')
           and not exists (select 1 from predictions as p
                           where p.comment_id = ct.comment_id and p.ticker = ct.ticker)
         order by ct.comment_id",
        run
    )?;
    let mut grouped = BTreeMap::<String, Vec<Opinion>>::new();
    for row in rows {
        let option_type = if row.sentiment == "bullish" {
            OptionType::Call
        } else {
            OptionType::Put
        };
        grouped.entry(row.ticker).or_default().push(Opinion {
            comment_id: row.comment_id,
            option_type,
        });
    }
    Ok(grouped.into_iter().collect())
}

/// What the predictions of a ticker have in common.
#[derive(Debug, Clone, Copy)]
pub struct PredictionKey<'a> {
    /// The run that makes them.
    pub run: RunId,
    /// Symbol.
    pub ticker: &'a str,
    /// US/Eastern day.
    pub entry_date: NaiveDate,
    /// Market clock.
    pub at: DateTime<Utc>,
}

/// Contracts that a prediction pretends to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Which.
    pub strike: Strike,
    /// How many, above zero.
    pub contracts: i64,
}

/// Inserts the prediction: tracked from its entry on, or dead from the start without one. One that is there already
/// stays. Yields whether it was new.
pub async fn insert(
    tx: &mut Tx,
    key: &PredictionKey<'_>,
    opinion: Opinion,
    entry: Option<&Entry>,
) -> Result<bool, StoreError> {
    let strike = entry.map(|entry| &entry.strike);
    let sentiment = match opinion.option_type {
        OptionType::Call => "bullish",
        OptionType::Put => "bearish",
    };
    let rows = execute!(
        tx,
        "insert into predictions
             (comment_id, analysis_run_id, ticker, sentiment, option_type, entry_date, created_at, status,
              strike_price_micros, expiration_date, contract_symbol, entry_premium_micros, current_premium_micros,
              peak_premium_micros, contracts, contracts_remaining)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $12, $13, $13)
         on conflict (comment_id, ticker) do nothing",
        opinion.comment_id,
        key.run,
        key.ticker,
        sentiment,
        opinion.option_type.as_str(),
        key.entry_date,
        key.at,
        if entry.is_some() { "tracking" } else { "expired" },
        strike.map(|strike| strike.strike),
        strike.map(|strike| strike.expiration),
        strike.map(|strike| &strike.contract_symbol),
        strike.map(|strike| strike.mark),
        entry.map(|entry| entry.contracts)
    )?;
    Ok(rows == 1)
}
