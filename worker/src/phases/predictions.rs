//! Phase 3, second part: what every opinion would have earned.
//!
//! Unit: a ticker. Each comment that takes a side on it pretends to buy contracts: all bulls the same call, all bears
//! the same put of one chain. Where there is no contract to buy, or no chain, the prediction is dead from the start
//! and nobody is judged by it. Chains are asked for a few at a time and stored in the order of the tickers, so that
//! two runs over the same day write the same rows in the same order.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use futures::{StreamExt as _, stream};
use serde_json::json;
use shared::{
    market::{
        calendar::eastern_day,
        coin::is_coin,
        option::{Chain, OptionType},
        strike::{NoStrike, StrikeRules, prediction_contracts, select_strike},
    },
    run::warning::WarningType,
    sources::market::MarketError,
    store::predictions::{self, Entry, Opinion, PredictionKey},
};

use crate::phase::{Phase, PhaseContext, PhaseError, PhaseReport, facts_of};

/// Chains asked for at the same time.
const CONCURRENT: usize = 5;

/// See the module.
pub(super) struct Predictions;

/// What the opinions of one side of a ticker come to.
type Verdict = Result<Entry, Reason>;

/// Why there is nothing to buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// The chain, which may be that of an unknown symbol, has no eligible contract.
    NoStrike(NoStrike),
    /// There is no chain.
    NoChain { attempts: u32 },
}

#[async_trait]
impl Phase for Predictions {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        let Some(market) = context.sources().market.clone() else {
            tracing::info!("no market source; nothing is predicted");
            return Ok(PhaseReport::default());
        };
        let now = context.market().now();
        let (today, rules) = (eastern_day(now), context.config().strikes.clone());
        let (from, to) = (
            today + Duration::days(rules.min_dte),
            today + Duration::days(rules.max_dte),
        );
        let pending = predictions::opinions(context.store(), context.run_id()).await?;
        let mut done: i64 = context.cursor()?;
        let total = done + i64::try_from(pending.len()).unwrap_or(i64::MAX - done);
        let fetched = stream::iter(pending).map(move |(ticker, opinions)| {
            let market = Arc::clone(&market);
            async move {
                let chain = if is_coin(&ticker) {
                    Err(MarketError::Unknown(ticker.clone()))
                } else {
                    market.chain(&ticker, from, to, now).await
                };
                (ticker, opinions, chain)
            }
        });
        let mut fetched = fetched.buffered(CONCURRENT);
        while let Some((ticker, opinions, chain)) = context.interruptible(fetched.next()).await? {
            done += 1;
            context.advance(done, total);
            let entry_for = |side| decide(chain.as_ref(), side, today, &rules);
            predict(context, &ticker, &opinions, entry_for, done).await?;
        }
        context.advance(total, total);
        Ok(PhaseReport {
            output: json!({ "tickers": total }),
            ..PhaseReport::default()
        })
    }
}

/// The contract of one side and how many of it, or why there is none. An unknown symbol has an empty chain.
fn decide(
    chain: Result<&Chain, &MarketError>,
    side: OptionType,
    today: chrono::NaiveDate,
    rules: &StrikeRules,
) -> Verdict {
    let (contracts, underlying) = match chain {
        Ok(chain) => (chain.contracts.as_slice(), chain.underlying_price),
        Err(MarketError::Unknown(_)) => (&[][..], None),
        Err(error) => {
            return Err(Reason::NoChain {
                attempts: error.attempts(),
            });
        }
    };
    let strike = select_strike(contracts, side, today, underlying, rules).map_err(Reason::NoStrike)?;
    Ok(Entry {
        contracts: prediction_contracts(strike.mark, rules),
        strike,
    })
}

/// One ticker: decide once a side, warn once a side or ticker, commit all of its predictions.
async fn predict(
    context: &mut PhaseContext<'_>,
    ticker: &str,
    opinions: &[Opinion],
    entry_for: impl Fn(OptionType) -> Verdict,
    done: i64,
) -> Result<(), PhaseError> {
    let mut sides = Vec::new();
    for side in [OptionType::Call, OptionType::Put] {
        if opinions.iter().any(|opinion| opinion.option_type == side) {
            let verdict = entry_for(side);
            if let Err(reason) = verdict {
                warn(context, ticker, side, reason, opinions.len());
            }
            sides.push((side, verdict.ok()));
        }
    }
    let now = context.market().now();
    let key = PredictionKey {
        run: context.run_id(),
        ticker,
        entry_date: eastern_day(now),
        at: now,
    };
    let mut unit = context.unit().await?;
    for opinion in opinions {
        let entry = sides.iter().find(|(side, _)| *side == opinion.option_type);
        predictions::insert(unit.tx(), &key, *opinion, entry.and_then(|(_, entry)| entry.as_ref())).await?;
    }
    context.commit(unit, Some(json!(done))).await
}

/// Says why predictions are dead from the start; a chain that is missing is said once for both sides.
fn warn(context: &mut PhaseContext<'_>, ticker: &str, side: OptionType, reason: Reason, opinions: usize) {
    let (kind, message, facts) = match reason {
        Reason::NoStrike(none) => (
            WarningType::PredictionStrikeUnavailable,
            format!(
                "There is no {} on {ticker} to hold its predictions to: {none}",
                side.as_str()
            ),
            json!({ "ticker": ticker, "option_type": side.as_str(), "expirations_checked": none.expirations_checked }),
        ),
        Reason::NoChain { attempts } => (
            WarningType::SchwabPredictionUnavailable,
            format!("The option chain of {ticker} could not be had; its predictions are not tracked"),
            json!({ "ticker": ticker, "attempts": attempts, "predictions_affected": opinions }),
        ),
    };
    context.warn(kind, message, Some(ticker), facts_of(facts));
}
