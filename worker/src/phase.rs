//! What a phase is, and what it works with.
//!
//! A phase reads like a short story: gather, decide (a pure function), commit the unit. It never holds a write
//! transaction across a call to the outside; it writes in units, each a fenced transaction that is safe to repeat,
//! and between units it stops when asked to. A unit's warnings, cursor and progress are committed with it.

use std::{
    error::Error,
    future::Future,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use shared::{
    clock::{self, MarketClock},
    run::{
        failure::ErrorCode,
        ids::RunId,
        request::RunRequest,
        warning::{Warning, WarningType},
    },
    store::{
        Store, StoreError,
        claim::RunningRun,
        phases::{self, PhaseHead, PhaseState, Progress},
        pipeline_config::PipelineConfig,
        results, summary,
        unit::Unit,
    },
};

use crate::{
    control::{Control, StopReason},
    registry::Registry,
    sources::Sources,
};

/// Progress inside a phase is written at most this often.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(250);

/// One step of the pipeline.
#[async_trait]
pub trait Phase: Send + Sync {
    /// Does the work, or what of it is still to be done after a resume.
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError>;
}

/// What a phase hands on; committed with its completion.
#[derive(Debug, Default)]
pub struct PhaseReport {
    /// For later phases and for results.
    pub output: Value,
    /// Counter of the run, if this phase sets it.
    pub signals_created: Option<i64>,
    /// Whether the phase trades, so that the run's counters of positions and exits are taken from its rows.
    pub trades: bool,
    /// The last unit, still open: committed together with the completion, so that neither happens without the other.
    pub last_unit: Option<Unit>,
}

/// Why a phase did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum PhaseError {
    /// It was told to stop.
    #[error("stopped: {0:?}")]
    Stopped(StopReason),
    /// It cannot go on; the run fails.
    #[error("{message}")]
    Failed {
        /// Stored with the run.
        code: ErrorCode,
        /// Stored with the run.
        message: String,
        /// For the log.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
}

impl PhaseError {
    /// A failure in our own words.
    #[must_use]
    pub fn failed(code: ErrorCode, message: impl Into<String>) -> Self {
        Self::Failed {
            code,
            message: message.into(),
            source: None,
        }
    }

    /// A failure with its cause; the message is the cause's.
    pub fn caused(code: ErrorCode, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Failed {
            code,
            message: chain(&source),
            source: Some(Box::new(source)),
        }
    }
}

/// An error and its causes, joined by colons.
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

/// The context of a warning from a JSON object; anything else says nothing.
#[must_use]
pub fn facts_of(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(facts) => facts,
        _ => Map::new(),
    }
}

impl From<StoreError> for PhaseError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::ClaimLost => Self::Stopped(StopReason::Lost),
            other => Self::caused(ErrorCode::DatabaseError, other),
        }
    }
}

/// What a phase works with.
pub struct PhaseContext<'a> {
    pub(crate) running: &'a RunningRun,
    pub(crate) request: &'a RunRequest,
    pub(crate) market: MarketClock,
    pub(crate) sources: &'a Sources,
    pub(crate) config: &'a PipelineConfig,
    pub(crate) chunk: i64,
    pub(crate) control: &'a Control,
    pub(crate) registry: &'a Registry,
    pub(crate) index: usize,
    pub(crate) head: PhaseHead<'static>,
    pub(crate) state: PhaseState,
    pub(crate) new_warnings: Vec<Warning>,
    pub(crate) progress: (i64, i64),
    pub(crate) progress_written: Option<Instant>,
}

impl PhaseContext<'_> {
    /// The run.
    #[must_use]
    pub fn run_id(&self) -> RunId {
        self.running.run().id
    }

    /// Subreddit of the run.
    #[must_use]
    pub fn subreddit(&self) -> &str {
        &self.request.subreddit
    }

    /// What was asked for.
    #[must_use]
    pub const fn request(&self) -> &RunRequest {
        self.request
    }

    /// For reads.
    #[must_use]
    pub const fn store(&self) -> &Store {
        self.running.store()
    }

    /// What the domain calls now and today.
    #[must_use]
    pub const fn market(&self) -> MarketClock {
        self.market
    }

    /// Where data comes from.
    #[must_use]
    pub const fn sources(&self) -> &Sources {
        self.sources
    }

    /// Settings that live with the data.
    #[must_use]
    pub const fn config(&self) -> &PipelineConfig {
        self.config
    }

    /// Annotated comments per partial result.
    #[must_use]
    pub const fn chunk(&self) -> i64 {
        self.chunk
    }

    /// The cursor that the last committed unit left, of this attempt or an earlier one.
    pub fn cursor<T: DeserializeOwned + Default>(&self) -> Result<T, PhaseError> {
        let Some(cursor) = &self.state.cursor else {
            return Ok(T::default());
        };
        serde_json::from_value(cursor.clone()).map_err(|error| PhaseError::caused(ErrorCode::Internal, error))
    }

    /// Err when the run was told to stop. Asked between units.
    pub fn check(&self) -> Result<(), PhaseError> {
        self.control
            .reason()
            .map_or(Ok(()), |reason| Err(PhaseError::Stopped(reason)))
    }

    /// Awaits a call to the outside, which is dropped when the run is told to stop.
    pub async fn interruptible<T>(&self, call: impl Future<Output = T>) -> Result<T, PhaseError> {
        tokio::select! {
            biased;
            reason = self.control.stopped() => Err(PhaseError::Stopped(reason)),
            value = call => Ok(value),
        }
    }

    /// Begins a unit: a fenced transaction.
    pub async fn unit(&self) -> Result<Unit, PhaseError> {
        self.check()?;
        Ok(self.running.begin().await?)
    }

    /// Commits a unit with its warnings, its progress, and its cursor if it moved.
    pub async fn commit(&mut self, mut unit: Unit, cursor: Option<Value>) -> Result<(), PhaseError> {
        phases::add_warnings(&mut unit, self.head.key, &self.new_warnings).await?;
        if let Some(cursor) = &cursor {
            phases::set_cursor(&mut unit, self.head.key, cursor).await?;
        }
        let due = self.progress_is_due();
        if due {
            phases::advance(&mut unit, self.head.key, self.standing()).await?;
        }
        unit.commit().await?;
        self.new_warnings.clear();
        self.state.cursor = cursor.or_else(|| self.state.cursor.take());
        if due {
            self.progress_written = Some(Instant::now());
        }
        Ok(())
    }

    /// Says how far the phase is; written with the next unit that is due.
    pub fn advance(&mut self, current: i64, total: i64) {
        self.progress = (current, total);
    }

    /// Writes the progress by itself, for stretches without units; at most four times a second.
    pub async fn flush_progress(&mut self) -> Result<(), PhaseError> {
        if !self.progress_is_due() {
            return Ok(());
        }
        let unit = self.unit().await?;
        self.commit(unit, None).await
    }

    fn progress_is_due(&self) -> bool {
        let (current, total) = self.progress;
        current >= total || self.progress_written.is_none_or(|at| at.elapsed() >= PROGRESS_INTERVAL)
    }

    pub(crate) fn standing(&self) -> Progress {
        let (current, total) = self.progress;
        Progress {
            current,
            total,
            percent: self.registry.percent(self.index, current, total),
        }
    }

    /// Notes a warning; committed with the next unit.
    pub fn warn(&mut self, kind: WarningType, message: String, ticker: Option<&str>, context: Map<String, Value>) {
        tracing::warn!(run.id = %self.run_id(), phase.key = self.head.key, kind = ?kind, "{message}");
        self.new_warnings.push(Warning {
            kind,
            message,
            phase: self.head.number,
            timestamp: clock::now(),
            ticker: ticker.map(str::to_owned),
            context,
        });
    }

    /// Publishes what is known so far, unless the newest result says the same.
    pub async fn publish(&self) -> Result<(), PhaseError> {
        self.check()?;
        let result = summary::build(self.store(), self.running.run()).await?;
        let newest = results::latest_of_run(&mut self.store().read().await?, self.run_id()).await?;
        if newest.and_then(|row| row.payload) == serde_json::to_string(&result).ok() {
            return Ok(());
        }
        self.running.publish(&result).await?;
        Ok(())
    }
}
