//! Tracked predictions, after all positions: the option cascade on paper, ticker by ticker.
//!
//! Unit: a ticker. The cursor names the last one, so a resume goes on behind it. No portfolio is touched.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use shared::{
    market::{accounting::hold_days, candle::Quote, tracking::check_prediction},
    run::warning::WarningType,
    store::{
        session::Tx,
        tracking::{self, Outcome, TrackedPrediction},
    },
};

use super::{feed::Feed, positions::AHEAD, premiums::Premiums};
use crate::phase::{PhaseContext, PhaseError};

/// How far the predictions are.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// The last ticker that is done.
    pub(super) after: Option<String>,
    /// Predictions that are done.
    pub(super) done: i64,
}

/// Checks the tracked predictions, with the premiums that are known already; `before` and `total` count units of the
/// phase.
pub(super) async fn check(
    context: &mut PhaseContext<'_>,
    feed: &Arc<Feed>,
    known: Premiums,
    tracked: Vec<TrackedPrediction>,
    (before, total): (i64, i64),
) -> Result<(), PhaseError> {
    let mut cursor: Cursor = context.cursor()?;
    let mut groups = BTreeMap::<String, Vec<TrackedPrediction>>::new();
    for prediction in tracked {
        groups.entry(prediction.ticker.clone()).or_default().push(prediction);
    }
    let known = Arc::new(known);
    let mut answers = stream::iter(groups)
        .map(|(ticker, group)| {
            let (feed, known) = (Arc::clone(feed), Arc::clone(&known));
            async move {
                let fresh = fetch(&feed, &known, &group).await;
                (ticker, group, fresh)
            }
        })
        .buffered(AHEAD);
    let mut done = before;
    while let Some((ticker, group, fresh)) = context.interruptible(answers.next()).await? {
        let units = i64::try_from(group.len()).unwrap_or(0);
        done += units;
        cursor.done += units;
        cursor.after = Some(ticker.clone());
        context.advance(done, total);
        let premium = |contract: &str| fresh.of(contract).or_else(|| known.of(contract));
        warn(context, feed, &ticker, &group, premium);
        let mut unit = context.unit().await?;
        for prediction in &group {
            let quote = premium(&prediction.contract_symbol);
            look_at(context, unit.tx(), feed, prediction, quote).await?;
        }
        context.commit(unit, Some(json!(cursor))).await?;
    }
    Ok(())
}

/// The premiums that nobody has asked for yet.
async fn fetch(feed: &Feed, known: &Premiums, group: &[TrackedPrediction]) -> Premiums {
    let missing: BTreeSet<_> = group
        .iter()
        .filter(|prediction| needs_premium(prediction, feed) && !known.knows(&prediction.contract_symbol))
        .map(|prediction| prediction.contract_symbol.clone())
        .collect();
    let mut fresh = Premiums::default();
    fresh.ask(feed, missing).await;
    fresh
}

fn needs_premium(prediction: &TrackedPrediction, feed: &Feed) -> bool {
    !prediction.tracked.holding.is_expired(feed.check.today)
}

/// Checks one prediction; without a premium the stale one stays, and only an expired contract ends.
async fn look_at(
    context: &PhaseContext<'_>,
    tx: &mut Tx,
    feed: &Feed,
    prediction: &TrackedPrediction,
    quote: Option<&Quote>,
) -> Result<(), PhaseError> {
    let (id, before, now) = (prediction.id, &prediction.tracked, feed.check.now);
    let quote = quote.filter(|quote| needs_premium(prediction, feed) && quote.at >= prediction.made_at);
    let (checked, end) = check_prediction(before, quote, feed.check, &context.config().option_exits);
    if let Some(quote) = quote {
        let outcome = Outcome {
            day_offset: hold_days(before.holding.entry_date, feed.check.today),
            premium: quote.price,
            underlying_price: quote.underlying_price,
        };
        tracking::keep_outcome(tx, id, outcome, now).await?;
    }
    if checked.after != *before {
        tracking::book(tx, id, before, &checked.exits, now).await?;
        tracking::keep(tx, id, &checked.after).await?;
    }
    if let Some(end) = end {
        tracking::resolve(tx, id, end, now).await?;
    }
    Ok(())
}

/// One warning per ticker, with the number of its predictions that no premium was had for.
fn warn<'a>(
    context: &mut PhaseContext<'_>,
    feed: &Feed,
    ticker: &str,
    group: &[TrackedPrediction],
    premium: impl Fn(&str) -> Option<&'a Quote>,
) {
    let without = |prediction: &&TrackedPrediction| {
        needs_premium(prediction, feed) && premium(&prediction.contract_symbol).is_none()
    };
    let affected = group.iter().filter(without).count();
    if affected == 0 {
        return;
    }
    let facts = Map::from_iter([
        ("ticker".to_owned(), json!(ticker)),
        ("predictions_affected".to_owned(), json!(affected)),
    ]);
    let message = format!("No premiums for {affected} predictions on {ticker}; they keep their last ones");
    context.warn(WarningType::SchwabOptionsUnavailable, message, Some(ticker), facts);
}
