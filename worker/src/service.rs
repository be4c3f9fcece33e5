//! The worker process put together: sources, store, bell, lease thread, dispatcher, consumer, upkeep,
//! retention, shutdown.

use std::{sync::Arc, time::Duration};

use shared::{
    config::Config,
    doorbell::Bell,
    sources::comments::SourceError,
    store::{Store, StoreError, claim::Claimant, processes},
};
use tokio_util::sync::CancellationToken;

use crate::{
    consumer::Consumer, dispatcher::Dispatcher, executor::Executor, identity::Identity, logkeeper, phase::chain,
    registry::Registry, rescuer, sources::Sources, sweeper,
};

/// Looks for dead workers of this host.
const RESCUE_INTERVAL: Duration = Duration::from_secs(1);
/// Looks between two signs of life.
const LOOKS_PER_TOUCH: u32 = 5;
/// A run that has not stopped by then is left to its lease.
const SHUTDOWN_PATIENCE: Duration = Duration::from_secs(30);

/// The worker cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A thread.
    #[error("the lease thread cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Runs a worker over `registry` until `stop`; returns when its runs are handed over.
pub async fn run(config: &Config, registry: Registry, stop: CancellationToken) -> Result<(), StartError> {
    run_over(config, registry, Sources::bind(config).await?, stop).await
}

/// The same over sources that are bound already.
pub async fn run_over(
    config: &Config,
    registry: Registry,
    sources: Sources,
    stop: CancellationToken,
) -> Result<(), StartError> {
    let store = Store::open_patiently(config).await?;
    let bell = Arc::new(Bell::open(&store, config.wake_fallback)?);
    let identity = Identity::of_this_process();
    processes::register(&store, &identity.row(sources.names.to_string())).await?;
    rescuer::rescue_at_start(&store, &identity.host).await;
    let dispatcher = dispatcher(config, registry, sources, &store, &bell, &identity)?;
    let slots = config.worker_slots.get();
    let consumer = Consumer::open(
        &store,
        dispatcher.clone(),
        identity.id.clone(),
        slots,
        config.wake_fallback,
    )
    .await?;
    tracing::info!(worker.id = %identity.id, slots, "worker ready");
    // The queue goes on until the runs are handed over: once it is told to stop it waits for them, and does not go on
    // with a transaction it may have begun, for whose end they would wait.
    let closed = CancellationToken::new();
    let work = async {
        tokio::join!(
            dispatcher.answer(bell.listen(), config.wake_fallback),
            consumer.run(&bell, closed.clone()),
            upkeep(&store, &identity, &stop),
            logkeeper::keep_short(&store, &stop),
            sweeper::keep_sweeping(&store, sweeper::kept(config), &stop),
            close(&dispatcher, &stop, &closed),
        );
    };
    tokio::select! {
        () = work => {}
        () = overdue(&stop) => {
            tracing::error!("this worker did not stop in time and ends as it is; leases expire by themselves");
            std::process::exit(1);
        }
    }
    if let Err(error) = processes::stop(&store, &identity.id).await {
        tracing::warn!(error = %chain(&error), "the end of this worker could not be recorded");
    }
    tracing::info!("worker stopped");
    Ok(())
}

fn dispatcher(
    config: &Config,
    registry: Registry,
    sources: Sources,
    store: &Store,
    bell: &Arc<Bell>,
    identity: &Identity,
) -> Result<Dispatcher, StartError> {
    let executor = Executor::new(config, registry, sources, store, bell)?;
    let claimant = Claimant {
        worker_id: identity.id.clone(),
        lease: config.lease,
        max_crashes: config.max_crashes.get(),
    };
    Ok(Dispatcher::new(
        store.clone(),
        claimant,
        executor,
        config.worker_slots.get(),
    ))
}

/// Waits for the stop, then for the runs, at most [`SHUTDOWN_PATIENCE`], and says that they are `closed`.
async fn close(dispatcher: &Dispatcher, stop: &CancellationToken, closed: &CancellationToken) {
    stop.cancelled().await;
    tracing::info!("stopping: no more work is taken, runs stop at their next unit");
    if tokio::time::timeout(SHUTDOWN_PATIENCE, dispatcher.close())
        .await
        .is_err()
    {
        tracing::error!("a run did not stop in time; its lease will expire");
        std::process::exit(1);
    }
    closed.cancel();
}

/// Resolves when the stop was asked for so long ago that even the work beside the runs should have ended.
async fn overdue(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(SHUTDOWN_PATIENCE + Duration::from_secs(3)).await;
}

async fn upkeep(store: &Store, identity: &Identity, stop: &CancellationToken) {
    let mut looks = 0_u32;
    while stop
        .run_until_cancelled(tokio::time::sleep(RESCUE_INTERVAL))
        .await
        .is_some()
    {
        looks = looks.wrapping_add(1);
        if looks.is_multiple_of(LOOKS_PER_TOUCH)
            && let Err(error) = processes::touch(store, &identity.id).await
        {
            tracing::debug!(error = %chain(&error), "no sign of life written");
        }
        if let Err(error) = rescuer::rescue(store, &identity.host).await {
            tracing::debug!(error = %chain(&error), "cannot look for dead workers");
        }
    }
}
