//! The service itself: where it stands, whether it lives, whether it is ready.

use chrono::{DateTime, Utc};
use poem_openapi::registry::MetaSchema;
use poem_openapi::{Object, OpenApi};
use serde_json::Value;
use shared::store::overview::{self, Overview};
use shared::store::processes::{self, ProcessRow};
use shared::store::runs::{self, Run};
use uuid::Uuid;

use crate::app::App;
use crate::http::constraint::{Constraint, Invalid};
use crate::http::envelope::Envelope;
use crate::http::error::{ApiError, Code};
use crate::http::nullable::Nullable;
use crate::http::params::Q;
use crate::http::reply::{Handled, Operation, Reply};
use crate::http::scalar::{Scalar, scalar};
use crate::http::values::{FreeObject, Timestamp};
use crate::runs::state::RunState;
use crate::tags::Tags;

/// A worker not heard of for this long counts as lost.
pub const SILENT: chrono::TimeDelta = chrono::TimeDelta::seconds(30);

/// A run that is active.
#[derive(Debug, Clone, Object)]
pub struct ActiveRunSummary {
    /// Key of the run.
    pub run_id: i64,
    /// Permalink of the run.
    pub job_id: Uuid,
    /// Its subreddit.
    pub subreddit: String,
    /// Its state.
    pub status: RunState,
    /// Label of its phase; null before the first.
    pub phase_label: Nullable<String>,
}

/// A worker process.
#[derive(Debug, Clone, Object)]
pub struct WorkerSummary {
    /// Unique per start.
    pub id: String,
    /// Its host.
    pub host: String,
    /// Last sign of life.
    pub last_seen: Timestamp,
    /// `live`, or `lost` when it has been silent for 30 seconds.
    pub state: String,
    /// Which source it reads each kind of data from.
    pub sources: FreeObject,
}

/// Runs that wait for a worker.
#[derive(Debug, Clone, Object)]
pub struct QueueSummary {
    /// How many there are.
    pub queued: i64,
    /// How long the oldest has waited; null when none waits.
    pub oldest_queued_seconds: Nullable<i64>,
}

/// Where the service stands.
#[derive(Debug, Clone, Object)]
pub struct SystemStatus {
    /// Phase of the system: `paper_trading`.
    pub phase: String,
    /// Whether the system is old enough to tell what is new in the talk.
    pub emergence_active: bool,
    /// Days until it is; 0 once it is.
    pub emergence_days_remaining: i64,
    /// Open positions of all portfolios.
    pub open_position_count: i64,
    /// End of the newest completed run; null before the first.
    pub last_run_completed_at: Nullable<Timestamp>,
    /// The newest active run; null when none is.
    pub active_run_id: Nullable<i64>,
    /// Every active run, newest first.
    pub active_runs: Vec<ActiveRunSummary>,
    /// Workers that have not ended in order, newest first.
    pub workers: Vec<WorkerSummary>,
    /// Runs that wait for a worker.
    pub queue: QueueSummary,
}

/// Whether the process answers.
#[derive(Debug, Clone, Object)]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// What was looked at; null unless asked for with `verbose`.
    pub checks: Nullable<Vec<HealthCheck>>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, Object)]
pub struct HealthCheck {
    /// What: `process`, `database` or `migrations`.
    pub name: String,
    /// `ok`.
    pub status: String,
}

/// `GET /status`, `GET /livez`, `GET /readyz`
pub struct Look;
impl Operation for Look {
    const ERRORS: &'static [u16] = &[];
}

/// `GET /readyz`
pub struct Ready;
impl Operation for Ready {
    const ERRORS: &'static [u16] = &[422];
}

/// A yes or no in a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Switch(pub bool);

impl Scalar for Switch {
    fn schema() -> MetaSchema {
        MetaSchema::new("boolean")
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        let value = text
            .parse()
            .map_err(|_| Invalid::new(Constraint::Type, "must be true or false"))?;
        Ok(Self(value))
    }

    fn write(&self) -> Value {
        self.0.into()
    }
}
scalar!(Switch);

/// The operations.
pub struct SystemApi(pub App);

#[OpenApi(tag = "Tags::System")]
impl SystemApi {
    /// Get the state of the service
    ///
    /// Active runs, workers and the queue.
    #[oai(path = "/status", method = "get", operation_id = "get_status")]
    async fn get_status(&self) -> Handled<Envelope<SystemStatus>, Look> {
        let mut conn = self.0.store.read().await?;
        let figures = overview::figures(&mut conn).await?;
        let active = runs::active(&mut conn).await?;
        let workers = processes::list(&mut conn).await?;
        Ok(Reply::ok(&Envelope::new(SystemStatus::of(
            &figures,
            active,
            workers,
            shared::clock::now(),
        ))))
    }

    /// Ask whether the process lives
    ///
    /// Depends on nothing.
    #[oai(path = "/livez", method = "get", operation_id = "get_livez")]
    #[expect(clippy::unused_async, reason = "operations are async")]
    async fn get_livez(&self) -> Handled<Envelope<Health>, Look> {
        Ok(Reply::ok(&Envelope::new(Health {
            status: "ok".to_owned(),
            checks: None.into(),
        })))
    }

    /// Ask whether requests can be served
    ///
    /// The database can be read, its schema is up to date, and the server is not about to stop.
    #[oai(path = "/readyz", method = "get", operation_id = "get_readyz")]
    async fn get_readyz(
        &self,
        /// Name everything that was looked at.
        #[oai(default)]
        verbose: Q<Switch>,
    ) -> Handled<Envelope<Health>, Ready> {
        if self.0.closing.is_cancelled() {
            return Err(ApiError::new(Code::NotReady, "the server is about to stop").into());
        }
        match self.0.store.is_migrated().await {
            Ok(true) => {}
            Ok(false) => {
                return Err(ApiError::new(Code::NotReady, "the database lacks migrations of this version").into());
            }
            Err(cause) => {
                tracing::warn!(%cause, "not ready");
                return Err(ApiError::new(Code::NotReady, "the database cannot be read").into());
            }
        }
        let check = |name: &str| HealthCheck {
            name: name.to_owned(),
            status: "ok".to_owned(),
        };
        let checks = verbose
            .0
            .0
            .then(|| ["process", "database", "migrations"].map(check).to_vec());
        Ok(Reply::ok(&Envelope::new(Health {
            status: "ok".to_owned(),
            checks: checks.into(),
        })))
    }
}

impl SystemStatus {
    fn of(figures: &Overview, active: Vec<Run>, workers: Vec<ProcessRow>, now: DateTime<Utc>) -> Self {
        let today = figures.market_now.unwrap_or(now).date_naive();
        let age = figures.born().map_or(0, |born| (today - born).num_days());
        let warm_up = figures.warm_up_days();
        let waited = figures.oldest_queued_at.map(|since| (now - since).num_seconds().max(0));
        Self {
            phase: figures.phase.clone().unwrap_or_default(),
            emergence_active: age >= warm_up,
            emergence_days_remaining: (warm_up - age).clamp(0, warm_up),
            open_position_count: figures.open_positions,
            last_run_completed_at: figures.last_completed_at.into(),
            active_run_id: active.first().map(|run| run.id.0).into(),
            active_runs: active.into_iter().map(ActiveRunSummary::from).collect(),
            workers: workers
                .into_iter()
                .map(|worker| WorkerSummary::of(worker, now))
                .collect(),
            queue: QueueSummary {
                queued: figures.queued,
                oldest_queued_seconds: waited.into(),
            },
        }
    }
}

impl From<Run> for ActiveRunSummary {
    fn from(run: Run) -> Self {
        Self {
            run_id: run.id.0,
            job_id: run.job_id.uuid(),
            subreddit: run.subreddit,
            status: run.status.into(),
            phase_label: run.phase_label.into(),
        }
    }
}

impl WorkerSummary {
    fn of(row: ProcessRow, now: DateTime<Utc>) -> Self {
        let state = if now - row.last_seen < SILENT { "live" } else { "lost" };
        Self {
            id: row.id,
            host: row.host,
            last_seen: row.last_seen.into(),
            state: state.to_owned(),
            sources: FreeObject(serde_json::from_str(&row.sources).unwrap_or_default()),
        }
    }
}
