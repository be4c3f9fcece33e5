//! What a run has traded and predicted, as its result shows it.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::{StoreError, session::Session};
use crate::{
    market::money::Micros,
    run::{
        ids::RunId,
        result::{ExitSummary, PortfolioValue, PositionSummary, PredictionCounts},
    },
};

#[derive(FromRow)]
struct OpenedRow {
    id: i64,
    portfolio: String,
    ticker: String,
    instrument_type: String,
    direction: String,
    quantity: i64,
    #[sqlx(rename = "entry_price_micros")]
    entry_price: Micros,
    #[sqlx(rename = "position_size_micros")]
    position_size: Micros,
}

/// The positions a run has opened, in that order.
pub async fn opened(session: &mut impl Session, run: RunId) -> Result<Vec<PositionSummary>, StoreError> {
    let rows = query!(
        session,
        fetch_all,
        OpenedRow,
        "select p.id, f.name as portfolio, p.ticker, p.instrument_type, p.direction,
                coalesce(p.shares, p.contracts, 0) as quantity, p.entry_price_micros, p.position_size_micros
         from positions as p join portfolios as f on f.id = p.portfolio_id where p.run_id = $1 order by p.id",
        run
    )?;
    Ok(rows.into_iter().map(PositionSummary::from).collect())
}

impl From<OpenedRow> for PositionSummary {
    fn from(row: OpenedRow) -> Self {
        Self {
            id: row.id,
            portfolio: row.portfolio,
            ticker: row.ticker,
            instrument_type: row.instrument_type,
            direction: row.direction,
            quantity: row.quantity,
            entry_price: row.entry_price.dollars(),
            position_size: row.position_size.dollars(),
        }
    }
}

#[derive(FromRow)]
struct ExitedRow {
    position_id: i64,
    portfolio: String,
    ticker: String,
    exit_reason: String,
    exit_date: NaiveDate,
    #[sqlx(rename = "exit_price_micros")]
    exit_price: Micros,
    quantity: i64,
    #[sqlx(rename = "realized_pnl_micros")]
    realized_pnl: Micros,
}

/// The exits a run has booked, in that order; manual ones belong to no run.
pub async fn exited(session: &mut impl Session, run: RunId) -> Result<Vec<ExitSummary>, StoreError> {
    let rows = query!(
        session,
        fetch_all,
        ExitedRow,
        "select e.position_id, f.name as portfolio, p.ticker, e.exit_reason, e.exit_date, e.exit_price_micros,
                coalesce(e.shares_exited, e.contracts_exited, 0) as quantity, e.realized_pnl_micros
         from position_exits as e
         join positions as p on p.id = e.position_id
         join portfolios as f on f.id = p.portfolio_id
         where e.run_id = $1 order by e.id",
        run
    )?;
    Ok(rows.into_iter().map(ExitSummary::from).collect())
}

impl From<ExitedRow> for ExitSummary {
    fn from(row: ExitedRow) -> Self {
        Self {
            position_id: row.position_id,
            portfolio: row.portfolio,
            ticker: row.ticker,
            exit_reason: row.exit_reason,
            exit_date: row.exit_date,
            exit_price: row.exit_price.dollars(),
            quantity: row.quantity,
            realized_pnl: row.realized_pnl.dollars(),
        }
    }
}

/// The predictions a run has made, and how all of its subreddit stand.
pub async fn predictions(
    session: &mut impl Session,
    run: RunId,
    subreddit: &str,
) -> Result<PredictionCounts, StoreError> {
    let (created, tracking, resolved, expired) = query!(
        session,
        fetch_one,
        (i64, i64, i64, i64),
        "select count(case when p.analysis_run_id = $1 then 1 end), count(case when p.status = 'tracking' then 1 end),
                count(case when p.status = 'resolved' then 1 end), count(case when p.status = 'expired' then 1 end)
         from predictions as p join analysis_runs as r on r.id = p.analysis_run_id where r.subreddit = $2",
        run,
        subreddit
    )?;
    Ok(PredictionCounts {
        created,
        tracking,
        resolved,
        expired,
    })
}

/// What the portfolios of a subreddit are worth.
pub async fn values(session: &mut impl Session, subreddit: &str) -> Result<Vec<PortfolioValue>, StoreError> {
    let rows = query!(
        session,
        fetch_all,
        (String, Micros, Micros),
        "select name, current_value_micros, cash_available_micros from portfolios where subreddit = $1 order by id",
        subreddit
    )?;
    let value = |(name, value, cash): (String, Micros, Micros)| PortfolioValue {
        name,
        current_value: value.dollars(),
        cash_available: cash.dollars(),
    };
    Ok(rows.into_iter().map(value).collect())
}
