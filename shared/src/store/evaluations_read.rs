//! `evaluation_periods` as clients see them, and what an active one is measured by. Reads only.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{StoreError, session::Session};
use crate::market::{evaluation::ClosedPosition, money::Micros};

/// An evaluation period, as stored; the metrics are there once it is completed. `_pct` are percents.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct PeriodRow {
    /// Key.
    pub id: i64,
    /// Subreddit of the portfolio.
    pub subreddit: String,
    /// The portfolio.
    pub portfolio_id: i64,
    /// First US/Eastern day.
    pub period_start: NaiveDate,
    /// The day after the last.
    pub period_end: NaiveDate,
    /// `stock` or `option`.
    pub instrument_type: String,
    /// `quality` or `consensus`.
    pub signal_type: String,
    /// `active` or `completed`.
    pub status: String,
    /// Return of the portfolio.
    pub portfolio_return_pct: Option<f64>,
    /// Return of the index.
    pub sp500_return_pct: Option<f64>,
    /// The difference.
    pub relative_performance: Option<f64>,
    /// Whether it is positive.
    pub beat_benchmark: Option<bool>,
    /// Positions closed in the period.
    pub total_positions_closed: Option<i64>,
    /// Of these, with a profit.
    pub winning_positions: Option<i64>,
    /// The others.
    pub losing_positions: Option<i64>,
    /// Mean realised return.
    pub avg_return_pct: Option<f64>,
    /// Winning ones of all.
    pub signal_accuracy_pct: Option<f64>,
    /// What the portfolio was worth at the start.
    #[sqlx(rename = "value_at_period_start_micros")]
    pub value_at_period_start: Micros,
    /// When it was opened, on the market clock.
    pub created_at: DateTime<Utc>,
    /// What the portfolio is worth now.
    #[sqlx(rename = "current_value_micros")]
    pub current_value: Micros,
}

/// The periods of a portfolio, newest first.
pub async fn list(session: &mut impl Session, portfolio: i64) -> Result<Vec<PeriodRow>, StoreError> {
    query!(
        session,
        fetch_all,
        PeriodRow,
        "select e.*, f.subreddit, f.current_value_micros
         from evaluation_periods as e join portfolios as f on f.id = e.portfolio_id
         where e.portfolio_id = $1 order by e.period_start desc, e.id desc",
        portfolio
    )
}

/// The positions of a portfolio that were closed from `start` on and before `end`.
pub async fn closed_between(
    session: &mut impl Session,
    portfolio: i64,
    start: NaiveDate,
    end: NaiveDate,
) -> Result<Vec<ClosedPosition>, StoreError> {
    let rows = query!(
        session,
        fetch_all,
        (f64, Micros),
        "select coalesce(p.realized_return_pct, 0.0),
                (select cast(coalesce(sum(e.realized_pnl_micros), 0) as bigint) from position_exits as e
                 where e.position_id = p.id)
         from positions as p
         where p.portfolio_id = $1 and p.status = 'closed' and p.exit_date >= $2 and p.exit_date < $3 order by p.id",
        portfolio,
        start,
        end
    )?;
    let closed = |(realized_return, realized_pnl)| ClosedPosition {
        realized_pnl,
        realized_return,
    };
    Ok(rows.into_iter().map(closed).collect())
}
