//! `evaluation_periods` as the trust phase moves them on: created, completed, in lockstep over a subreddit.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    portfolios::Portfolio,
    session::{Session, Tx},
};
use crate::market::{
    evaluation::{ActivePeriod, Measures, Period},
    money::Micros,
};

/// An active row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct ActiveRow {
    /// Key.
    pub id: i64,
    /// The portfolio.
    pub portfolio_id: i64,
    /// First US/Eastern day.
    pub period_start: NaiveDate,
    /// The day after the last.
    pub period_end: NaiveDate,
    /// What the portfolio was worth at the start.
    #[sqlx(rename = "value_at_period_start_micros")]
    pub start_value: Micros,
}

impl From<&ActiveRow> for ActivePeriod {
    fn from(row: &ActiveRow) -> Self {
        Self {
            portfolio_id: row.portfolio_id,
            period: Period {
                start: row.period_start,
                end: row.period_end,
            },
        }
    }
}

/// The active rows of a subreddit.
pub async fn active(session: &mut impl Session, subreddit: &str) -> Result<Vec<ActiveRow>, StoreError> {
    query!(
        session,
        fetch_all,
        ActiveRow,
        "select e.id, e.portfolio_id, e.period_start, e.period_end, e.value_at_period_start_micros
         from evaluation_periods as e join portfolios as f on f.id = e.portfolio_id
         where f.subreddit = $1 and e.status = 'active' order by e.portfolio_id, e.id",
        subreddit
    )
}

/// Begins a period of a portfolio with what it is worth now.
pub async fn create(tx: &mut Tx, portfolio: &Portfolio, period: Period, at: DateTime<Utc>) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into evaluation_periods
             (portfolio_id, period_start, period_end, instrument_type, signal_type, value_at_period_start_micros,
              created_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        portfolio.id,
        period.start,
        period.end,
        &portfolio.instrument_type,
        &portfolio.signal_type,
        portfolio.current_value,
        at
    )?;
    Ok(())
}

/// Ends a period with what it came to.
pub async fn complete(tx: &mut Tx, id: i64, measures: &Measures) -> Result<(), StoreError> {
    let count = |positions: usize| i64::try_from(positions).unwrap_or(i64::MAX);
    execute!(
        tx,
        "update evaluation_periods
         set status = 'completed', portfolio_return_pct = $2, sp500_return_pct = $3, relative_performance = $4,
             beat_benchmark = $5, total_positions_closed = $6, winning_positions = $7, losing_positions = $8,
             avg_return_pct = $9, signal_accuracy_pct = $10
         where id = $1 and status = 'active'",
        id,
        measures.portfolio_return_pct,
        measures.benchmark.map(|benchmark| benchmark.sp500_return_pct),
        measures.benchmark.map(|benchmark| benchmark.relative_performance),
        measures.benchmark.map(|benchmark| benchmark.beat_benchmark),
        count(measures.total_positions_closed),
        count(measures.winning_positions),
        count(measures.losing_positions),
        measures.avg_return_pct,
        measures.signal_accuracy_pct
    )?;
    Ok(())
}
