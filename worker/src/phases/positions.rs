//! Phase 5: what is bought on the signals of the day.
//!
//! Unit: a qualified signal, the surest first. It has a leg in up to two portfolios: shares and contracts. Their prices
//! are had before the transaction ([`offer`]), and so is that of the holding that may have to give way; then one
//! transaction opens both legs ([`leg`]), judging everything anew inside. A leg that fails does not spoil the other, and
//! is not tried again once the other is open. Nothing is bought while the exchange is closed.

mod leg;
mod offer;

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde_json::json;
use shared::{
    market::{calendar::eastern_day, instrument::InstrumentType, sizing::qualifies, slots::Opening},
    run::warning::WarningType,
    sources::market::MarketSource,
    store::{
        portfolios::{self, Portfolio},
        positions::{self, UntradedSignal},
    },
};

use self::leg::{Leg, Occasion};
use crate::phase::{Phase, PhaseContext, PhaseError, PhaseReport, facts_of};

/// See the module.
pub(super) struct Positions;

/// Keys of the signals that are done, whatever came of them.
type Cursor = BTreeSet<i64>;

#[async_trait]
impl Phase for Positions {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        let mut report = PhaseReport {
            trades: true,
            ..PhaseReport::default()
        };
        let Some(market) = context.sources().market.clone() else {
            tracing::info!("no market source; nothing is bought");
            return Ok(report);
        };
        let mut done: Cursor = context.cursor()?;
        let signals = qualified(context, &done).await?;
        let open = context.sources().calendar.is_open(context.market().now());
        if !open && !signals.is_empty() {
            warn_of_closed_market(context, signals.len());
        }
        prepare(context).await?;
        let (before, all) = (count(done.len()), count(done.len() + signals.len()));
        if open {
            for (number, signal) in (before + 1..).zip(&signals) {
                context.check()?;
                context.advance(number, all);
                done.insert(signal.id);
                trade(context, market.as_ref(), signal, &done).await?;
            }
        }
        context.advance(all, all);
        context.publish().await?;
        report.output = json!({ "signals": all, "market_open": open });
        Ok(report)
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The signals of this run that are sure enough and not done.
async fn qualified(context: &PhaseContext<'_>, done: &Cursor) -> Result<Vec<UntradedSignal>, PhaseError> {
    let least = context.config().signal_min_confidence;
    let mut conn = context.store().read().await?;
    let today = context.market().utc_day();
    let mut signals = positions::untraded_signals(&mut conn, context.run_id(), context.subreddit(), today).await?;
    signals.retain(|signal| qualifies(signal.confidence, least) && !done.contains(&signal.id));
    Ok(signals)
}

/// The unit before the first signal: the subreddit has its four portfolios, and they are valued.
async fn prepare(context: &mut PhaseContext<'_>) -> Result<(), PhaseError> {
    let (subreddit, now) = (context.subreddit().to_owned(), context.market().now());
    let mut unit = context.unit().await?;
    portfolios::ensure_four(unit.tx(), &subreddit, now).await?;
    for portfolio in portfolios::list(unit.tx(), Some(&subreddit)).await? {
        portfolios::revalue(unit.tx(), portfolio.id, now).await?;
    }
    context.commit(unit, None).await
}

/// One signal: gather the prices, then decide and commit.
async fn trade(
    context: &mut PhaseContext<'_>,
    market: &dyn MarketSource,
    signal: &UntradedSignal,
    done: &Cursor,
) -> Result<(), PhaseError> {
    let legs = gather(context, market, signal).await?;
    let now = context.market().now();
    let occasion = Occasion {
        run: context.run_id(),
        today: eastern_day(now),
        now,
    };
    let mut unit = context.unit().await?;
    let mut opened = false;
    for leg in &legs {
        let outcome = leg::open(unit.tx(), leg, signal, &occasion, context.config()).await?;
        match outcome {
            Some(Opening::Open(_) | Opening::Replace { .. }) => opened = true,
            Some(Opening::InsufficientCash { needed, available }) => {
                let facts = json!({ "portfolio": leg.portfolio.name, "needed": needed.dollars(),
                                    "available": available.dollars() });
                let message = format!("{} lacks the cash to act on {}", leg.portfolio.name, signal.ticker);
                context.warn(
                    WarningType::InsufficientCash,
                    message,
                    Some(&signal.ticker),
                    facts_of(facts),
                );
            }
            Some(Opening::Rejected(_)) | None => {}
        }
    }
    if opened {
        positions::mark_traded(unit.tx(), signal.id).await?;
    }
    context.commit(unit, Some(json!(done))).await
}

/// The legs that have a price, each with the price of the holding that it may push out.
async fn gather(
    context: &mut PhaseContext<'_>,
    market: &dyn MarketSource,
    signal: &UntradedSignal,
) -> Result<Vec<Leg>, PhaseError> {
    let offers = offer::gather(context, market, signal).await?;
    let all = portfolios::list(&mut context.store().read().await?, Some(context.subreddit())).await?;
    let mut legs = Vec::new();
    for offer in offers {
        let trades = |portfolio: &&Portfolio| {
            portfolio.signal_type == signal.signal_type
                && InstrumentType::parse(&portfolio.instrument_type) == Some(offer.instrument())
        };
        let Some(portfolio) = all.iter().find(trades).cloned() else {
            continue;
        };
        let exit = offer::exit_price(context, market, &portfolio, signal, &offer).await?;
        legs.push(Leg { portfolio, offer, exit });
    }
    Ok(legs)
}

fn warn_of_closed_market(context: &mut PhaseContext<'_>, signals: usize) {
    context.warn(
        WarningType::MarketHoursSkipped,
        format!("The market is closed; nothing is bought on {signals} signals"),
        None,
        facts_of(json!({ "signals_affected": signals })),
    );
}
