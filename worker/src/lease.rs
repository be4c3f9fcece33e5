//! Keeping claims alive: renewal from a thread and a connection of its own.
//!
//! Neither a phase that burns every core nor one that holds every pooled connection can stop it. An error is not a
//! loss: it is retried at once. Only an update that finds no row is, and then the run is told to stop.

use std::{
    collections::HashMap,
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use shared::{
    run::ids::RunId,
    store::{Store, StoreError, fence::Fence},
};
use tokio::runtime::{Builder, Runtime};

use crate::{
    control::{Control, StopReason},
    stopwatch::Stopwatch,
};

/// How often and for how long.
#[derive(Debug, Clone, Copy)]
pub struct LeaseTerms {
    /// Validity without renewal.
    pub valid: Duration,
    /// Interval of renewals.
    pub renew: Duration,
}

/// A claim that is kept alive.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What proves it.
    pub fence: Fence,
    /// Execution time, recorded with each renewal.
    pub stopwatch: Stopwatch,
    /// Told when the claim is lost.
    pub control: Control,
}

enum Order {
    Keep(Kept),
    Drop(RunId),
}

/// The thread. It ends with the last handle.
#[derive(Debug)]
pub struct LeaseKeeper {
    orders: mpsc::Sender<Order>,
    _thread: JoinHandle<()>,
}

/// Stops renewing when dropped.
#[derive(Debug)]
pub struct LeaseGuard {
    orders: mpsc::Sender<Order>,
    run: RunId,
}

impl Drop for LeaseGuard {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Drop(self.run));
    }
}

impl LeaseKeeper {
    /// Starts the thread with a connection of its own.
    pub fn start(store: &Store, terms: LeaseTerms) -> std::io::Result<Self> {
        let (orders, inbox) = mpsc::channel();
        let store = store.clone();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let thread = thread::Builder::new().name("lease".to_owned()).spawn(move || {
            let _vital = Vital;
            keep(&runtime, &store, terms, &inbox);
        })?;
        Ok(Self {
            orders,
            _thread: thread,
        })
    }

    /// Renews this claim until the guard is dropped.
    #[must_use]
    pub fn keep(&self, kept: Kept) -> LeaseGuard {
        let run = kept.fence.run;
        let _ = self.orders.send(Order::Keep(kept));
        LeaseGuard {
            orders: self.orders.clone(),
            run,
        }
    }
}

/// A worker does not outlive its lease thread: it would work on runs that others take over.
struct Vital;

impl Drop for Vital {
    fn drop(&mut self) {
        if thread::panicking() {
            tracing::error!("the lease thread has panicked: this worker ends, its runs are resumed by others");
            std::process::exit(1);
        }
    }
}

fn keep(runtime: &Runtime, store: &Store, terms: LeaseTerms, inbox: &mpsc::Receiver<Order>) {
    let own = runtime.block_on(connect(store));
    let mut kept: HashMap<RunId, Kept> = HashMap::new();
    let mut next = Instant::now() + terms.renew;
    loop {
        match inbox.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Order::Keep(claim)) => drop(kept.insert(claim.fence.run, claim)),
            Ok(Order::Drop(run)) => drop(kept.remove(&run)),
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                next = Instant::now() + terms.renew;
                runtime.block_on(renew_all(&own, terms, &mut kept));
            }
        }
    }
}

async fn connect(store: &Store) -> Store {
    loop {
        match store.separate(1, Duration::from_secs(1)).await {
            Ok(own) => return own,
            Err(error) => tracing::warn!(%error, "the lease thread has no connection yet"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn renew_all(store: &Store, terms: LeaseTerms, kept: &mut HashMap<RunId, Kept>) {
    let mut lost = Vec::new();
    for (run, claim) in kept.iter() {
        match renew(store, terms, claim).await {
            Ok(true) => {}
            Ok(false) => {
                claim.control.stop(StopReason::Lost);
                lost.push(*run);
            }
            Err(error) => tracing::warn!(run.id = %run, %error, "lease not renewed; trying again"),
        }
    }
    for run in lost {
        kept.remove(&run);
    }
}

/// One renewal, retried on errors for as long as the lease is valid.
async fn renew(store: &Store, terms: LeaseTerms, claim: &Kept) -> Result<bool, StoreError> {
    let end = Instant::now() + terms.valid;
    loop {
        match claim
            .fence
            .renew(store, terms.valid, claim.stopwatch.elapsed_ms())
            .await
        {
            Err(error) if Instant::now() < end => {
                tracing::debug!(%error, "lease renewal is retried");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            other => return other,
        }
    }
}
