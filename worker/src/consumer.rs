//! The queue's adapter: delivers run ids to the dispatcher.
//!
//! The handler answers Ok once the run has ended or its claim was refused; the run's row is the record, so the queue
//! never retries. The stream of the queue may end on any database error; the monitor then starts it anew after a
//! pause, under a new name, and nothing of a run depends on it.

use std::time::Duration;

use apalis::{
    layers::WorkerBuilderExt as _,
    prelude::{BackendExt as _, Data, Monitor, ParallelizeExt as _, WorkerBuilder},
};
use apalis_sqlite::{Config as QueueConfig, SqlitePool, SqliteStorage};
use futures::FutureExt as _;
use shared::{
    doorbell::Bell,
    queue::{Delivery, QUEUE},
    store::{Store, StoreError},
};
use tokio_util::sync::CancellationToken;

use crate::{dispatcher::Dispatcher, phase::chain};

/// Pause before the stream is started again.
const RESTART_PAUSE: Duration = Duration::from_secs(1);
/// The queue waits longer for the write lock than we do: its stream ends on the first refusal.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// What the consumer needs.
pub struct Consumer {
    /// The queue's own connections.
    pool: SqlitePool,
    dispatcher: Dispatcher,
    worker_id: String,
    slots: usize,
    fallback: Duration,
}

impl Consumer {
    /// Opens the queue's connections.
    pub async fn open(
        store: &Store,
        dispatcher: Dispatcher,
        worker_id: String,
        slots: u32,
        fallback: Duration,
    ) -> Result<Self, StoreError> {
        let pool = store.separate_pool(2, BUSY_TIMEOUT).await?;
        Ok(Self {
            pool,
            dispatcher,
            worker_id,
            slots: slots as usize,
            fallback,
        })
    }

    /// Consumes until `stop`.
    pub async fn run(self, bell: &Bell, stop: CancellationToken) {
        let listener = bell.listen();
        let Self {
            pool,
            dispatcher,
            worker_id,
            slots,
            fallback,
        } = self;
        let monitor = Monitor::new()
            .register(move |restart| {
                let storage = SqliteStorage::<Delivery>::new(&pool)
                    .with_config(queue_config())
                    .before_start(move |_| pause(restart).boxed())
                    .poll_with_stream(listener.clone().into_stream(fallback));
                WorkerBuilder::new(format!("{worker_id}-{restart}"))
                    .backend(storage)
                    .data(dispatcher.clone())
                    .concurrency(slots)
                    .parallelize(tokio::spawn)
                    .build(deliver)
            })
            .should_restart(|_, error| {
                tracing::warn!(error = %chain(error), "the queue's stream ended; starting it again");
                true
            });
        let ended = monitor.run_with_signal(async move {
            stop.cancelled().await;
            Ok(())
        });
        if let Err(error) = ended.await {
            tracing::error!(%error, "the queue's consumer ended");
        }
    }
}

async fn pause(restart: usize) -> Result<(), apalis_sqlite::Error> {
    if restart > 0 {
        tokio::time::sleep(RESTART_PAUSE).await;
    }
    Ok(())
}

fn queue_config() -> QueueConfig {
    QueueConfig::default()
        .queue(QUEUE)
        .batch_size(1)
        .heartbeat_interval(Duration::from_secs(5))
        .missed_heartbeats(3)
}

async fn deliver(delivery: Delivery, dispatcher: Data<Dispatcher>) {
    dispatcher.deliver(delivery.run_id).await;
}
