//! The heart: one claimed run through its remaining phases, to one of its ends.
//!
//! [`execute`] owns the claim. It keeps the lease, listens for a cancel, walks the registry from the first phase
//! that is not completed, and turns whatever happens (success, error, panic, limit, stop) into exactly one end,
//! which consumes the claim. It never returns an error: the run's row is the record.

use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt as _;
use shared::{
    clock::MarketClock,
    config::Config,
    doorbell::Bell,
    run::{
        failure::{ErrorCode, timeout_message},
        request::RunRequest,
    },
    store::{
        Store,
        claim::RunningRun,
        phases::{self, PhaseState},
        pipeline_config::{self, PipelineConfig},
        runs,
        unit::Unit,
    },
};
use tracing::Instrument as _;

use crate::{
    control::Control,
    ending::end,
    lease::{Kept, LeaseKeeper, LeaseTerms},
    opening::Taken,
    panic,
    phase::{PhaseContext, PhaseError, PhaseReport, chain},
    registry::{Entry, Registry},
    sources::Sources,
    stopwatch::Stopwatch,
    watchers::{watch_for_cancel, watch_soft_limit},
};

/// Limits of execution time; `None` is off.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// After it a run is called slow.
    pub soft: Option<Duration>,
    /// After it no further phase starts.
    pub hard: Option<Duration>,
    /// Time a phase has to return after the hard limit.
    pub grace: Option<Duration>,
}

/// What every execution works with.
pub struct Executor {
    /// The phases.
    pub registry: Registry,
    /// Where data comes from.
    pub sources: Sources,
    /// Limits of execution time.
    pub limits: Limits,
    /// Annotated comments per partial result.
    pub chunk: i64,
    /// Renews the leases.
    pub keeper: LeaseKeeper,
    /// Rings on commits, for cancels.
    pub bell: Arc<Bell>,
    /// Longest time between two looks for a cancel.
    pub wake_fallback: Duration,
}

impl Executor {
    /// As the settings say, with a thread of its own for the leases.
    pub fn new(
        config: &Config,
        registry: Registry,
        sources: Sources,
        store: &Store,
        bell: &Arc<Bell>,
    ) -> std::io::Result<Self> {
        let terms = LeaseTerms {
            valid: config.lease,
            renew: config.lease_renew,
        };
        Ok(Self {
            registry,
            sources,
            limits: Limits {
                soft: config.soft_limit,
                hard: config.hard_limit,
                grace: config.phase_grace,
            },
            chunk: i64::from(config.chunk.get()),
            keeper: LeaseKeeper::start(store, terms)?,
            bell: Arc::clone(bell),
            wake_fallback: config.wake_fallback,
        })
    }
}

/// Executes a run that was taken to one of its ends.
pub async fn execute(executor: &Executor, taken: Taken, control: Control) {
    let run = taken.running.run();
    let span = tracing::info_span!("run.execute", run.id = %run.id, run.attempt = run.attempt);
    execute_in_span(executor, taken, control).instrument(span).await;
}

async fn execute_in_span(executor: &Executor, taken: Taken, control: Control) {
    let Taken { mut running, begun } = taken;
    let stopwatch = Stopwatch::resume(running.run().active_ms);
    let fence = running.fence();
    let _lease = executor.keeper.keep(Kept {
        fence: fence.clone(),
        stopwatch,
        control: control.clone(),
    });
    let cancel = tokio::spawn(watch_for_cancel(
        executor.bell.listen(),
        running.store().clone(),
        fence.clone(),
        control.clone(),
        executor.wake_fallback,
    ));
    let soft_limit = tokio::spawn(watch_soft_limit(
        executor.limits.soft,
        stopwatch,
        running.store().clone(),
        fence,
    ));
    tracing::info!(subreddit = %running.run().subreddit, "run claimed");
    let outcome = walk(executor, &mut running, begun, &control, stopwatch).await;
    cancel.abort();
    if executor.limits.soft.is_some_and(|limit| stopwatch.elapsed() >= limit) {
        // It is being noted, also when the hard limit has passed at the same moment.
        let _ = soft_limit.await;
    } else {
        soft_limit.abort();
    }
    end(running, outcome, &control, stopwatch).await;
}

/// Prepares the run and walks it through the phases that are not completed.
async fn walk(
    executor: &Executor,
    running: &mut RunningRun,
    begun: Option<PipelineConfig>,
    control: &Control,
    stopwatch: Stopwatch,
) -> Result<(), PhaseError> {
    let request = running.run().parsed_request()?;
    request
        .validate()
        .map_err(|reason| PhaseError::failed(ErrorCode::ConfigError, reason))?;
    let market = market_clock(executor, running, &request, control).await?;
    let Prepared {
        config,
        completed,
        mut started,
    } = if let Some(config) = begun {
        Prepared::in_its_first_phase(config)
    } else {
        before_phase(executor, control, stopwatch)?;
        prepare(executor, running, market).await?
    };
    for (index, entry) in executor.registry.entries().iter().enumerate() {
        if completed.iter().any(|key| key == entry.key) {
            continue;
        }
        let head = entry.head(i64::try_from(index + 1).unwrap_or(i64::MAX));
        let state = if let Some(state) = started.take() {
            state
        } else {
            before_phase(executor, control, stopwatch)?;
            running.start_phase(running.begin().await?, &head).await?
        };
        let mut context = PhaseContext {
            running,
            request: &request,
            market,
            sources: &executor.sources,
            config: &config,
            chunk: executor.chunk,
            control,
            registry: &executor.registry,
            index,
            head,
            progress: (state.progress_current, state.progress_total),
            state,
            new_warnings: Vec::new(),
            progress_written: None,
        };
        run_phase(executor, entry, &mut context, stopwatch).await?;
    }
    Ok(())
}

/// The market clock of the run; set when it begins, or with its claim, and the same for all attempts.
async fn market_clock(
    executor: &Executor,
    running: &RunningRun,
    request: &RunRequest,
    control: &Control,
) -> Result<MarketClock, PhaseError> {
    if let Some(at) = running.run().market_now {
        return Ok(MarketClock::frozen(at));
    }
    if let Some(at) = request.as_of {
        let refused = executor.sources.refuse_as_of();
        return refused.map_or(Ok(MarketClock::frozen(at)), |why| {
            Err(PhaseError::failed(ErrorCode::ConfigError, why))
        });
    }
    let mut conn = running.store().read().await?;
    let previous = runs::previous_market_now(&mut conn, &request.subreddit, running.run().id).await?;
    drop(conn);
    let at = tokio::select! {
        biased;
        reason = control.stopped() => return Err(PhaseError::Stopped(reason)),
        at = executor.sources.market_now(&request.subreddit, previous) => at?,
    };
    Ok(MarketClock::frozen(at))
}

/// A run whose phases are written down, the next of them started.
struct Prepared {
    config: PipelineConfig,
    /// Keys of the phases that are completed.
    completed: Vec<String>,
    /// Where the first of the others can go on; `None` when there is no other.
    started: Option<PhaseState>,
}

impl Prepared {
    fn in_its_first_phase(config: PipelineConfig) -> Self {
        Self {
            config,
            completed: Vec::new(),
            started: Some(PhaseState::default()),
        }
    }
}

/// Freezes the run, writes its phases down and starts the next one, all at once.
async fn prepare(executor: &Executor, running: &mut RunningRun, market: MarketClock) -> Result<Prepared, PhaseError> {
    let mut unit = running.begin_frozen(market.now()).await?;
    let completed = completed(executor, running, &mut unit).await?;
    let config = parse(&pipeline_config::load(unit.tx(), market.now()).await?)?;
    let heads = executor.registry.heads();
    let next = heads.iter().find(|head| !completed.iter().any(|key| key == head.key));
    let started = match next {
        Some(head) => Some(running.start_phase(unit, head).await?),
        None => unit.commit().await.map(|()| None)?,
    };
    Ok(Prepared {
        config,
        completed,
        started,
    })
}

fn parse(stored: &HashMap<String, String>) -> Result<PipelineConfig, PhaseError> {
    pipeline_config::parse(stored).map_err(|error| PhaseError::caused(ErrorCode::ConfigError, error))
}

/// Writes the phases of the run down; yields the keys of the completed ones. An unknown persisted key is an error.
async fn completed(executor: &Executor, running: &RunningRun, unit: &mut Unit) -> Result<Vec<String>, PhaseError> {
    let rows = running.lay_out(unit, &executor.registry.heads()).await?;
    let known = |key: &str| executor.registry.entries().iter().any(|entry| entry.key == key);
    if let Some(unknown) = rows.iter().find(|row| !known(&row.key)) {
        let message = format!("the phase `{}` of this run is unknown to this version", unknown.key);
        return Err(PhaseError::failed(ErrorCode::Internal, message));
    }
    Ok(rows
        .into_iter()
        .filter(phases::PhaseRow::is_completed)
        .map(|row| row.key)
        .collect())
}

/// No phase starts after the hard limit, nor when the run was told to stop.
fn before_phase(executor: &Executor, control: &Control, stopwatch: Stopwatch) -> Result<(), PhaseError> {
    if let Some(reason) = control.reason() {
        return Err(PhaseError::Stopped(reason));
    }
    match executor.limits.hard {
        Some(limit) if stopwatch.elapsed() >= limit => {
            Err(PhaseError::failed(ErrorCode::Timeout, timeout_message(limit)))
        }
        _ => Ok(()),
    }
}

/// Runs one phase, catching its panic, and commits its completion.
async fn run_phase(
    executor: &Executor,
    entry: &Entry,
    context: &mut PhaseContext<'_>,
    stopwatch: Stopwatch,
) -> Result<(), PhaseError> {
    let span = tracing::info_span!("phase.run", phase.key = entry.key);
    let caught = {
        let work = panic::caught(AssertUnwindSafe(entry.phase.run(context)).catch_unwind()).instrument(span.clone());
        tokio::select! {
            caught = work => caught,
            limit = backstop(executor.limits, stopwatch) => {
                let message = timeout_message(limit);
                tracing::error!(parent: &span, "the phase did not return in time and was aborted");
                Ok(Err(PhaseError::failed(ErrorCode::Timeout, message)))
            }
        }
    };
    let result = caught.unwrap_or_else(|payload| Err(panicked(entry, payload.as_ref())));
    let done = match result {
        Ok(report) => complete(context, report).await,
        Err(error) => Err(error),
    };
    if done.is_err() {
        keep_warnings(context).await;
    }
    done
}

/// Resolves when a phase has had its grace after the hard limit.
async fn backstop(limits: Limits, stopwatch: Stopwatch) -> Duration {
    match (limits.hard, limits.grace) {
        (Some(hard), Some(grace)) => {
            tokio::time::sleep(stopwatch.left_until(hard + grace)).await;
            hard
        }
        _ => std::future::pending().await,
    }
}

fn panicked(entry: &Entry, payload: &(dyn std::any::Any + Send)) -> PhaseError {
    let words = panic::message(payload);
    let place = panic::take_place();
    let location = place.as_ref().map_or("unknown", |place| place.location.as_str());
    let backtrace = place.as_ref().map_or("", |place| place.backtrace.as_str());
    tracing::error!(phase.key = entry.key, location, backtrace, "phase panicked: {words}");
    PhaseError::failed(
        ErrorCode::Internal,
        format!("phase {} ({}) panicked: {words}", entry.number, entry.label),
    )
}

/// Commits what the phase hands on, its counters and its completion at once.
async fn complete(context: &mut PhaseContext<'_>, report: PhaseReport) -> Result<(), PhaseError> {
    context.check()?;
    let (done, total) = context.progress;
    context.progress = (done.max(total), total.max(done));
    let mut progress = context.standing();
    progress.percent = context.registry.percent(context.index, 1, 1);
    let mut unit = match report.last_unit {
        Some(unit) => unit,
        None => context.running.begin().await?,
    };
    phases::add_warnings(&mut unit, context.head.key, &context.new_warnings).await?;
    runs::set_counters(unit.tx(), context.run_id(), report.signals_created).await?;
    if report.trades {
        runs::count_trades(unit.tx(), context.run_id()).await?;
    }
    let attempt = context.running.run().attempt;
    phases::complete(&mut unit, &context.head, attempt, &report.output, progress).await?;
    unit.commit().await?;
    tracing::info!(phase.key = context.head.key, units = progress.total, "phase completed");
    Ok(())
}

/// Warnings of a unit that never was committed still belong to the run.
async fn keep_warnings(context: &PhaseContext<'_>) {
    if context.new_warnings.is_empty() {
        return;
    }
    let kept = async {
        let mut unit = context.running.begin().await?;
        phases::add_warnings(&mut unit, context.head.key, &context.new_warnings).await?;
        unit.commit().await
    };
    if let Err(error) = kept.await {
        tracing::warn!(error = %chain(&error), "warnings of the failed phase could not be kept");
    }
}
