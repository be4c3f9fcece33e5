//! `/evaluation-periods`: how a portfolio did in each thirty days, against the S&P 500.

pub mod benchmark;

use chrono::{DateTime, Utc};
use poem_openapi::{Object, OpenApi};
use shared::market::evaluation::{Period, measure};
use shared::store::evaluations_read::{self, PeriodRow};
use shared::store::portfolios;
use shared::store::signals_read;

use crate::app::App;
use crate::http::envelope::Meta;
use crate::http::error::ApiError;
use crate::http::nullable::Nullable;
use crate::http::params::{Key, Q};
use crate::http::reply::{Handled, Operation, Reply};
use crate::http::values::{Day, Timestamp};
use crate::percent;
use crate::tags::Tags;
use crate::words::Subreddit;

/// Thirty days of a portfolio.
#[derive(Debug, Clone, Object)]
pub struct EvaluationPeriod {
    /// Key.
    pub id: i64,
    /// Subreddit of the portfolio.
    pub subreddit: String,
    /// The portfolio.
    pub portfolio_id: i64,
    /// First US/Eastern day.
    pub period_start: Day,
    /// The day after the last.
    pub period_end: Day,
    /// `stock` or `option`.
    pub instrument_type: String,
    /// `quality` or `consensus`.
    pub signal_type: String,
    /// `active`, with figures as they are now, or `completed`.
    pub status: String,
    /// Percent the portfolio gained; 0 when it began with nothing.
    pub portfolio_return_pct: Nullable<f64>,
    /// Percent the index gained; null when its prices could not be had.
    pub sp500_return_pct: Nullable<f64>,
    /// The difference in percentage points; null without the index.
    pub relative_performance: Nullable<f64>,
    /// Whether that is positive; null without the index.
    pub beat_benchmark: Nullable<bool>,
    /// Positions closed in the period.
    pub total_positions_closed: Nullable<i64>,
    /// Of these, with a profit.
    pub winning_positions: Nullable<i64>,
    /// The others.
    pub losing_positions: Nullable<i64>,
    /// Mean realised return in percent; 0 without closed positions.
    pub avg_return_pct: Nullable<f64>,
    /// Winning positions of all in percent; 0 without closed positions.
    pub signal_accuracy_pct: Nullable<f64>,
    /// Dollars the portfolio was worth at the start.
    pub value_at_period_start: f64,
    /// When it was opened, on the market clock.
    pub created_at: Timestamp,
}

/// About the periods of a portfolio.
#[derive(Debug, Clone, Object)]
pub struct EvaluationMeta {
    /// When the answer was made.
    pub timestamp: Timestamp,
    /// Version of the service.
    pub version: String,
    /// Name of the request: the one sent in `X-Request-Id`, or a new one.
    pub request_id: String,
    /// Items in the list.
    pub total: i64,
    /// The portfolio that was asked for.
    pub portfolio_id: i64,
}

/// The periods of a portfolio.
#[derive(Debug, Clone, Object)]
pub struct EvaluationPeriodList {
    /// Newest first.
    pub data: Vec<EvaluationPeriod>,
    /// About the list.
    pub meta: EvaluationMeta,
}

/// `GET /evaluation-periods`
pub struct ListEvaluationPeriods;
impl Operation for ListEvaluationPeriods {
    const ERRORS: &'static [u16] = &[404, 422];
}

/// The operations.
pub struct EvaluationApi(pub App);

#[OpenApi(tag = "Tags::Portfolios")]
impl EvaluationApi {
    /// List the evaluation periods of a portfolio
    ///
    /// Newest first. The active one shows its figures as they are now.
    #[oai(
        path = "/evaluation-periods",
        method = "get",
        operation_id = "list_evaluation_periods"
    )]
    async fn list_evaluation_periods(
        &self,
        /// Periods of this portfolio.
        portfolio_id: Q<Key>,
        /// Only when the portfolio belongs to this subreddit.
        subreddit: Q<Option<Subreddit>>,
    ) -> Handled<EvaluationPeriodList, ListEvaluationPeriods> {
        let id = portfolio_id.0.0;
        let mut conn = self.0.store.snapshot().await?;
        let portfolio = portfolios::find(&mut conn, id).await?;
        let portfolio = portfolio.ok_or_else(|| ApiError::not_found("portfolio"))?;
        let meant = subreddit.0.is_none_or(|name| name.0 == portfolio.subreddit);
        let rows = if meant {
            evaluations_read::list(&mut conn, id).await?
        } else {
            Vec::new()
        };
        let now = signals_read::market_now(&mut conn, &portfolio.subreddit).await?;
        drop(conn);
        let now = now.unwrap_or_else(shared::clock::now);
        let mut data = Vec::with_capacity(rows.len());
        for row in rows {
            let row = if row.status == "active" {
                self.measured(row, now).await?
            } else {
                row
            };
            data.push(EvaluationPeriod::from(row));
        }
        Ok(Reply::ok(&EvaluationPeriodList::of(data, id)))
    }
}

impl EvaluationApi {
    /// An active period with its figures as they are at `now`.
    async fn measured(&self, row: PeriodRow, now: DateTime<Utc>) -> Result<PeriodRow, ApiError> {
        let period = Period {
            start: row.period_start,
            end: row.period_end,
        };
        let index = self.0.benchmark.closes(&self.0.prices, period, now).await;
        let mut conn = self.0.store.snapshot().await?;
        let closed = evaluations_read::closed_between(&mut conn, row.portfolio_id, period.start, period.end).await?;
        let measures = measure(row.value_at_period_start, row.current_value, &closed, index);
        let count = |number: usize| i64::try_from(number).ok();
        Ok(PeriodRow {
            portfolio_return_pct: Some(measures.portfolio_return_pct),
            sp500_return_pct: measures.benchmark.map(|index| index.sp500_return_pct),
            relative_performance: measures.benchmark.map(|index| index.relative_performance),
            beat_benchmark: measures.benchmark.map(|index| index.beat_benchmark),
            total_positions_closed: count(measures.total_positions_closed),
            winning_positions: count(measures.winning_positions),
            losing_positions: count(measures.losing_positions),
            avg_return_pct: Some(measures.avg_return_pct),
            signal_accuracy_pct: Some(measures.signal_accuracy_pct),
            ..row
        })
    }
}

impl From<PeriodRow> for EvaluationPeriod {
    fn from(row: PeriodRow) -> Self {
        let shown = |value: Option<f64>| Nullable(value.map(percent::tidy));
        Self {
            id: row.id,
            subreddit: row.subreddit,
            portfolio_id: row.portfolio_id,
            period_start: Day(row.period_start),
            period_end: Day(row.period_end),
            instrument_type: row.instrument_type,
            signal_type: row.signal_type,
            status: row.status,
            portfolio_return_pct: shown(row.portfolio_return_pct),
            sp500_return_pct: shown(row.sp500_return_pct),
            relative_performance: shown(row.relative_performance),
            beat_benchmark: row.beat_benchmark.into(),
            total_positions_closed: row.total_positions_closed.into(),
            winning_positions: row.winning_positions.into(),
            losing_positions: row.losing_positions.into(),
            avg_return_pct: shown(row.avg_return_pct),
            signal_accuracy_pct: shown(row.signal_accuracy_pct),
            value_at_period_start: row.value_at_period_start.dollars(),
            created_at: row.created_at.into(),
        }
    }
}

impl EvaluationPeriodList {
    fn of(data: Vec<EvaluationPeriod>, portfolio_id: i64) -> Self {
        let Meta {
            timestamp,
            version,
            request_id,
        } = Meta::now();
        let total = i64::try_from(data.len()).unwrap_or(i64::MAX);
        let meta = EvaluationMeta {
            timestamp,
            version,
            request_id,
            total,
            portfolio_id,
        };
        Self { data, meta }
    }
}
