//! The evaluation periods of the subreddit's four portfolios: begun, or measured against the index and begun anew.

use chrono::{Days, NaiveDate};
use shared::{
    market::{
        calendar::eastern_day,
        candle::DailyBar,
        evaluation::{ActivePeriod, Period, PeriodStep, index_closes, measure, next_step},
    },
    store::{
        evaluations::{self, ActiveRow},
        evaluations_read, portfolios,
        session::{Session, Tx},
    },
};

use crate::phase::{PhaseContext, PhaseError};

/// What the portfolios are compared with.
const INDEX: &str = "^GSPC";
/// Days before a period among which its start has a close, whatever holidays there are.
const REACH: Days = Days::new(10);

/// The bars of the index over the period that ends with this run; empty when none ends or none can be had.
pub(super) async fn index_bars(context: &PhaseContext<'_>) -> Result<Vec<DailyBar>, PhaseError> {
    let (today, now) = (today(context), context.market().now());
    let (_, step) = step(context, &mut context.store().read().await?).await?;
    let (PeriodStep::Roll { over, .. }, Some(daily)) = (step, &context.sources().daily) else {
        return Ok(Vec::new());
    };
    let from = over.start.checked_sub_days(REACH).unwrap_or(over.start);
    let call = daily.bars(INDEX, from, over.end.min(today), now);
    let answer = context.interruptible(call).await?;
    Ok(answer.unwrap_or_else(|error| {
        tracing::warn!(%error, "no closes of the index; the period is measured without them");
        Vec::new()
    }))
}

/// Creates or completes the periods, as the day demands.
pub(super) async fn advance(context: &PhaseContext<'_>, tx: &mut Tx, index: &[DailyBar]) -> Result<(), PhaseError> {
    let (rows, step) = step(context, tx).await?;
    match step {
        PeriodStep::Nothing => Ok(()),
        PeriodStep::OutOfStep => {
            tracing::warn!(
                subreddit = context.subreddit(),
                "evaluation periods are out of step; left alone"
            );
            Ok(())
        }
        PeriodStep::Create(period) => create(context, tx, period).await,
        PeriodStep::Roll { over, next } => {
            complete(context, tx, &rows, over, index).await?;
            create(context, tx, next).await
        }
    }
}

async fn step(
    context: &PhaseContext<'_>,
    session: &mut impl Session,
) -> Result<(Vec<ActiveRow>, PeriodStep), PhaseError> {
    let rows = evaluations::active(session, context.subreddit()).await?;
    let active: Vec<_> = rows.iter().map(ActivePeriod::from).collect();
    Ok((rows, next_step(&active, today(context))))
}

fn today(context: &PhaseContext<'_>) -> NaiveDate {
    eastern_day(context.market().now())
}

async fn create(context: &PhaseContext<'_>, tx: &mut Tx, period: Period) -> Result<(), PhaseError> {
    for portfolio in portfolios::list(tx, Some(context.subreddit())).await? {
        evaluations::create(tx, &portfolio, period, context.market().now()).await?;
    }
    tracing::info!(start = %period.start, end = %period.end, "evaluation period begun");
    Ok(())
}

async fn complete(
    context: &PhaseContext<'_>,
    tx: &mut Tx,
    rows: &[ActiveRow],
    over: Period,
    index: &[DailyBar],
) -> Result<(), PhaseError> {
    let index = index_closes(index, over, today(context));
    let portfolios = portfolios::list(tx, Some(context.subreddit())).await?;
    for row in rows {
        let Some(portfolio) = portfolios.iter().find(|portfolio| portfolio.id == row.portfolio_id) else {
            continue;
        };
        let closed = evaluations_read::closed_between(tx, row.portfolio_id, over.start, over.end).await?;
        let measures = measure(row.start_value, portfolio.current_value, &closed, index);
        evaluations::complete(tx, row.id, &measures).await?;
    }
    tracing::info!(start = %over.start, end = %over.end, "evaluation period completed");
    Ok(())
}
