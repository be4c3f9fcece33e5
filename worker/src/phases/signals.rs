//! Phase 4: the signals of the day.
//!
//! Unit: a ticker. The direction of a mention is its stance towards the ticker, not that of the whole comment. A
//! signal that stops firing later in the day stays as it was.

use async_trait::async_trait;
use serde_json::json;
use shared::{
    market::{
        emergence::{Talk, is_emergence},
        signal::{Mention, Signal, detect, distinct_users},
    },
    store::{signals, signals::SignalKey},
};

use crate::phase::{Phase, PhaseContext, PhaseError, PhaseReport};

/// See the module.
pub(super) struct Signals;

#[async_trait]
impl Phase for Signals {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        let grouped = signals::mentions(context.store(), context.run_id()).await?;
        let total = i64::try_from(grouped.len()).unwrap_or(i64::MAX);
        for (done, (ticker, mentions)) in (1..).zip(&grouped) {
            context.check()?;
            context.advance(done, total);
            judge(context, ticker, mentions).await?;
        }
        context.advance(total, total);
        let count = signals::count_of_run(context.store(), context.run_id()).await?;
        context.publish().await?;
        Ok(PhaseReport {
            output: json!({ "signals": count }),
            signals_created: Some(count),
            ..PhaseReport::default()
        })
    }
}

/// One ticker: gather the talk before, decide, commit what fired.
async fn judge(context: &mut PhaseContext<'_>, ticker: &str, mentions: &[Mention]) -> Result<(), PhaseError> {
    let today = context.market().utc_day();
    let talk = Talk {
        prior_7d_mentions: signals::prior_mentions(context.store(), context.subreddit(), ticker, today).await?,
        mentions: i64::try_from(mentions.len()).unwrap_or(i64::MAX),
        authors: i64::try_from(distinct_users(mentions)).unwrap_or(i64::MAX),
    };
    let emergence = is_emergence(context.config().start_date, today, talk, &context.config().emergence);
    let fired = detect(mentions, &context.config().signals);
    if emergence == Some(true) && fired.is_empty() {
        tracing::info!(
            ticker,
            mentions = talk.mentions,
            authors = talk.authors,
            "ticker emerges without a signal"
        );
    }
    if fired.is_empty() {
        return Ok(());
    }
    commit(context, ticker, &fired, emergence, talk.prior_7d_mentions).await
}

async fn commit(
    context: &mut PhaseContext<'_>,
    ticker: &str,
    fired: &[Signal],
    emergence: Option<bool>,
    prior: i64,
) -> Result<(), PhaseError> {
    let market = context.market();
    let subreddit = context.subreddit().to_owned();
    let key = SignalKey {
        run: context.run_id(),
        subreddit: &subreddit,
        ticker,
        date: market.utc_day(),
        at: market.now(),
    };
    let mut unit = context.unit().await?;
    for signal in fired {
        signals::upsert(unit.tx(), &key, signal, emergence, prior).await?;
    }
    context.commit(unit, None).await
}
