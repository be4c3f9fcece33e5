//! Phase 6: what has become of open positions, then of tracked predictions.
//!
//! Unit: some positions of a ticker, then the predictions of a ticker. Prices are fetched before the transaction and
//! asked for once per run; a ticker without a price is skipped and warned about, the others go on. What the portfolios
//! are worth afterwards is recorded together with the phase's completion. Without a market source nothing is touched
//! but that record.

mod feed;
mod positions;
mod predictions;
mod premiums;
mod stocks;

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use shared::{
    market::{calendar::eastern_day, exit::Check},
    sources::market::MarketSource,
    store::{monitoring, portfolios, runs, tracking, unit::Unit},
};

use self::{feed::Feed, predictions::Cursor};
use crate::phase::{Phase, PhaseContext, PhaseError, PhaseReport};

/// See the module.
pub(super) struct Monitoring;

#[async_trait]
impl Phase for Monitoring {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        let market = context.sources().market.clone();
        let watched = market.is_some();
        let units = if let Some(market) = market {
            watch(context, market).await?
        } else {
            tracing::info!("no market source; positions and predictions are left alone");
            0
        };
        Ok(PhaseReport {
            output: json!({ "units": units }),
            last_unit: Some(take_stock(context, watched).await?),
            ..PhaseReport::default()
        })
    }
}

/// Checks positions and predictions; yields how many there are in this run.
async fn watch(context: &mut PhaseContext<'_>, market: Arc<dyn MarketSource>) -> Result<i64, PhaseError> {
    let now = context.market().now();
    let check = Check {
        today: eastern_day(now),
        now,
    };
    let feed = Arc::new(Feed::new(market, context.sources(), check));
    let (run, cursor) = (context.run_id(), context.cursor::<Cursor>()?);
    let mut conn = context.store().read().await?;
    let positions = monitoring::pending(&mut conn, context.subreddit(), run).await?;
    let tracked = tracking::tracking(&mut conn, context.subreddit(), cursor.after.as_deref()).await?;
    let checked = monitoring::checked(&mut conn, run).await?;
    drop(conn);
    let count = |rows: usize| i64::try_from(rows).unwrap_or(i64::MAX);
    let before = checked + count(positions.len());
    let total = before + cursor.done + count(tracked.len());
    let premiums = positions::check(context, &feed, positions, (checked, total)).await?;
    predictions::check(context, &feed, premiums, tracked, (before + cursor.done, total)).await?;
    context.advance(total, total);
    Ok(total)
}

/// The last unit: what the portfolios are worth after this run, and how often it has sold.
async fn take_stock(context: &PhaseContext<'_>, watched: bool) -> Result<Unit, PhaseError> {
    let (run, subreddit, now) = (context.run_id(), context.subreddit(), context.market().now());
    let mut unit = context.unit().await?;
    portfolios::ensure_four(unit.tx(), subreddit, now).await?;
    if watched {
        for portfolio in portfolios::list(unit.tx(), Some(subreddit)).await? {
            portfolios::revalue(unit.tx(), portfolio.id, now).await?;
        }
    }
    portfolios::record_values(unit.tx(), run, subreddit).await?;
    runs::count_trades(unit.tx(), run).await?;
    Ok(unit)
}
