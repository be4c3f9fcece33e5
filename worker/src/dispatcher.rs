//! Who gets the next run: one claim per free slot, whether the queue delivered it or the bell rang.
//!
//! Delivery by the queue alone is not trusted: on every ring, and once a second, the dispatcher looks for runs that
//! can be claimed. The claim decides; asking twice is harmless. A run that another worker holds is only taken when
//! [`Suspicion`] finds that nobody renews its lease.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use shared::{
    clock,
    doorbell::Listener,
    run::ids::RunId,
    store::{
        Store,
        claim::{self, Candidate, Claimant, Claimed},
    },
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    control::{Control, StopReason},
    executor::{self, Executor},
    opening::{self, Taken},
    phase::chain,
    suspicion::{Suspicion, Verdict},
};

type InFlight = HashMap<RunId, (Control, watch::Receiver<bool>)>;

/// Hands runs to the executor.
#[derive(Clone)]
pub struct Dispatcher {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    claimant: Claimant,
    executor: Executor,
    slots: Arc<Semaphore>,
    in_flight: Mutex<InFlight>,
    suspicion: Mutex<Suspicion>,
    tasks: TaskTracker,
    closing: CancellationToken,
    freed: tokio::sync::Notify,
}

/// A run that is being executed; its slot is free again when this is dropped, also by a panic.
struct Flight {
    dispatcher: Dispatcher,
    id: RunId,
    done: watch::Sender<bool>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.dispatcher.lock().remove(&self.id);
        self.permit.take();
        let _ = self.done.send(true);
        self.dispatcher.inner.freed.notify_one();
    }
}

impl Dispatcher {
    /// With that many runs side by side.
    #[must_use]
    pub fn new(store: Store, claimant: Claimant, executor: Executor, slots: u32) -> Self {
        let suspicion = Mutex::new(Suspicion::new(claimant.lease));
        Self {
            inner: Arc::new(Inner {
                suspicion,
                store,
                claimant,
                executor,
                slots: Arc::new(Semaphore::new(slots as usize)),
                in_flight: Mutex::default(),
                tasks: TaskTracker::new(),
                closing: CancellationToken::new(),
                freed: tokio::sync::Notify::new(),
            }),
        }
    }

    /// Looks for work on every ring and every `fallback`, until the dispatcher closes.
    pub async fn answer(&self, mut bell: Listener, fallback: Duration) {
        let inner = &self.inner;
        while !inner.closing.is_cancelled() {
            self.take_what_can_be_claimed().await;
            tokio::select! {
                _ = bell.wait(fallback) => {}
                () = inner.freed.notified() => {}
                () = inner.closing.cancelled() => {}
            }
        }
    }

    async fn take_what_can_be_claimed(&self) {
        if self.inner.slots.available_permits() == 0 {
            return;
        }
        if self.lock().is_empty() && self.take_next().await {
            return self.inner.freed.notify_one();
        }
        for candidate in self.free_candidates().await {
            let Ok(permit) = Arc::clone(&self.inner.slots).try_acquire_owned() else {
                return;
            };
            self.claim_and_start(&candidate, permit).await;
        }
    }

    /// An idle worker that was rung takes the oldest queued run the short way; `true` when it did.
    async fn take_next(&self) -> bool {
        let _claiming = self.inner.tasks.token();
        let Ok(permit) = Arc::clone(&self.inner.slots).try_acquire_owned() else {
            return false;
        };
        let inner = &self.inner;
        match opening::begin_oldest(&inner.executor, &inner.store, &inner.claimant, &inner.closing).await {
            Ok(Some(taken)) => {
                self.start(taken, permit);
                true
            }
            Ok(None) => false,
            // The general way waits, and tells.
            Err(error) => {
                tracing::debug!(error = %chain(&error), "no run taken");
                false
            }
        }
    }

    /// Runs that nobody works on, oldest first.
    async fn free_candidates(&self) -> Vec<Candidate> {
        let mut candidates = match claim::candidates(&self.inner.store).await {
            Ok(candidates) => candidates,
            Err(error) => {
                tracing::warn!(error = %chain(&error), "cannot look for runs");
                return Vec::new();
            }
        };
        let (verdicts, probes) = self.judge(&candidates);
        if !probes.is_empty() && self.inner.store.begin().await.is_ok() {
            let mut suspicion = self.inner.suspicion.lock().unwrap_or_else(PoisonError::into_inner);
            for run in probes {
                suspicion.wrote(run, Instant::now());
            }
        }
        let mut verdicts = verdicts.into_iter();
        candidates.retain(|_| verdicts.next() == Some(Verdict::Take));
        candidates
    }

    /// What to do about each of them, and those for which the database must be written first.
    fn judge(&self, candidates: &[Candidate]) -> (Vec<Verdict>, Vec<RunId>) {
        let mut suspicion = self.inner.suspicion.lock().unwrap_or_else(PoisonError::into_inner);
        suspicion.keep_only(candidates);
        let (now, at) = (clock::now(), Instant::now());
        let verdicts: Vec<_> = candidates.iter().map(|one| suspicion.judge(one, now, at)).collect();
        let probed = candidates
            .iter()
            .zip(&verdicts)
            .filter(|(_, verdict)| **verdict == Verdict::Probe);
        let probed = probed.map(|(one, _)| one.id).collect();
        (verdicts, probed)
    }

    /// Claims the run and starts its execution; the permit goes back when it ends, or when the claim is refused.
    async fn claim_and_start(&self, candidate: &Candidate, permit: OwnedSemaphorePermit) {
        let id = candidate.id;
        // Closing waits for claims that are on their way, too.
        let _claiming = self.inner.tasks.token();
        if self.inner.closing.is_cancelled() || self.end_of(id).is_some() {
            return;
        }
        match claim::take_over(&self.inner.store, candidate, &self.inner.claimant).await {
            Ok(Claimed::Run(running)) => self.start((*running).into(), permit),
            Ok(Claimed::Refused) => tracing::debug!(run.id = %id, "claim refused"),
            Ok(Claimed::Canceled) => tracing::info!(run.id = %id, "run canceled, as was asked for while it was held"),
            Ok(Claimed::CrashLoop { message }) => tracing::error!(run.id = %id, "run failed: {message}"),
            Err(error) => tracing::warn!(run.id = %id, error = %chain(&error), "claim not possible"),
        }
    }

    fn start(&self, taken: Taken, permit: OwnedSemaphorePermit) {
        let id = taken.running.run().id;
        let (done, ended) = watch::channel(false);
        let control = Control::default();
        self.lock().insert(id, (control.clone(), ended));
        if self.inner.closing.is_cancelled() {
            control.stop(StopReason::Shutdown);
        }
        let flight = Flight {
            dispatcher: self.clone(),
            id,
            done,
            permit: Some(permit),
        };
        self.inner.tasks.spawn(async move {
            executor::execute(&flight.dispatcher.inner.executor, taken, control).await;
        });
    }

    /// What the queue's delivery waits for: resolves when the run is not, or no longer, being executed here.
    pub async fn deliver(&self, id: RunId) {
        if self.end_of(id).is_none() {
            let permit = tokio::select! {
                permit = Arc::clone(&self.inner.slots).acquire_owned() => permit,
                () = self.inner.closing.cancelled() => return,
            };
            let free = self.free_candidates().await;
            if let (Ok(permit), Some(candidate)) = (permit, free.iter().find(|one| one.id == id)) {
                self.claim_and_start(candidate, permit).await;
            }
            if self.end_of(id).is_none() {
                // Whoever looked meanwhile found no slot.
                self.inner.freed.notify_one();
            }
        }
        if let Some(mut ended) = self.end_of(id) {
            let _ = ended.wait_for(|done| *done).await;
        }
    }

    /// Takes no more work, asks every run to stop at its next unit, and waits for them.
    pub async fn close(&self) {
        self.inner.closing.cancel();
        for (control, _) in self.lock().values() {
            control.stop(StopReason::Shutdown);
        }
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }

    fn end_of(&self, id: RunId) -> Option<watch::Receiver<bool>> {
        self.lock().get(&id).map(|(_, ended)| ended.clone())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, InFlight> {
        self.inner.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
