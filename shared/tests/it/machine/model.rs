//! The model: plain data that predicts, for every step, what the store answers and what can be seen afterwards.

use std::collections::BTreeSet;

use shared::{
    run::{
        event::{Actor, EventPayload, EventType},
        failure::ErrorCode,
        state::{RunEvent, RunStatus, transition},
    },
    store::{fence::Stop, runs::WorkerState},
};

use super::{
    run_model::{Lease, RunModel},
    seen::Seen,
    steps::{Asking, Back, Kind, SCOPES, Step, WORKERS},
};

/// Crashes in one phase that end a run.
pub(crate) const MAX_CRASHES: i64 = 3;

/// What the store answers. Runs are numbered in the order they were accepted, from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// There was nothing to work on.
    Skipped,
    Accepted,
    Joined(usize),
    Conflict(usize),
    Claimed {
        attempt: i64,
    },
    /// Its cancel had been asked for.
    Dropped,
    CrashLoop(String),
    Refused,
    Done,
    Lost,
    Told(Stop),
    Canceled,
    Requested,
    Ended,
    /// Runs that were failed, or freed.
    Runs(Vec<usize>),
    /// Rows that went.
    Pruned(i64),
}

/// What is to be expected of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prediction {
    pub(crate) outcome: Outcome,
    /// Runs that may have changed; everything of the others must be as it was, to the byte.
    pub(crate) touched: Vec<usize>,
}

impl Prediction {
    pub(crate) const fn untouched(outcome: Outcome) -> Self {
        Self {
            outcome,
            touched: Vec::new(),
        }
    }

    pub(crate) fn touching(outcome: Outcome, run: usize) -> Self {
        Self {
            outcome,
            touched: vec![run],
        }
    }
}

/// A claim that somebody holds, or believes to.
#[derive(Debug, Clone)]
pub(crate) struct Handle {
    pub(crate) run: usize,
    pub(crate) attempt: i64,
    pub(crate) worker: String,
    /// Its holder has ended it; only copies of the fence are left.
    pub(crate) spent: bool,
}

/// A worker process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Worker {
    pub(crate) starts: usize,
    pub(crate) present: bool,
}

/// Everything there is.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) runs: Vec<RunModel>,
    pub(crate) handles: Vec<Handle>,
    pub(crate) workers: [Worker; WORKERS],
}

/// The one meant, counted back from the newest; `None` when there is none.
pub(crate) fn chosen(back: Back, len: usize) -> Option<usize> {
    len.checked_sub(1).map(|newest| newest - back % len)
}

impl Model {
    /// Takes a step.
    pub(crate) fn step(&mut self, step: Step) -> Prediction {
        let run = |back| chosen(back, self.runs.len());
        match step {
            Step::Enqueue { scope, how } => Some(self.enqueue(SCOPES[scope], how)),
            Step::Claim { run: back, worker } => run(back).map(|run| self.claim(run, worker)),
            Step::Open { run: back, worker } => run(back).map(|run| self.open(run, worker)),
            Step::Act { handle, act } => chosen(handle, self.handles.len()).map(|handle| self.act(handle, act)),
            Step::Expire { run: back, long_ago } => run(back).map(|run| self.expire(run, long_ago)),
            Step::Cancel { run: back, reason } => run(back).map(|run| self.cancel(run, reason)),
            Step::Arrive { worker } => self.arrive(worker),
            Step::Leave { worker } => self.leave(worker),
            Step::Die { worker } => Some(self.die(worker)),
            Step::Sweep => Some(self.sweep()),
            Step::Prune { kind } => Some(self.prune(kind)),
        }
        .unwrap_or(Prediction::untouched(Outcome::Skipped))
    }

    /// The name of a worker's current start.
    pub(crate) fn name(&self, worker: usize) -> String {
        format!("worker-{worker}-{}", self.workers[worker].starts)
    }

    /// The run that holds the single flight of a scope.
    pub(crate) fn active(&self, scope: &str) -> Option<usize> {
        let holds = |run: &RunModel| run.seen.scope == scope && run.seen.status.is_active();
        self.runs.iter().position(holds)
    }

    fn enqueue(&mut self, scope: &str, how: Asking) -> Prediction {
        match (self.active(scope), how) {
            (_, Asking::Dies) => Prediction::untouched(Outcome::Done),
            (Some(run), Asking::Join) => Prediction::untouched(Outcome::Joined(run)),
            (Some(run), Asking::Reject) => Prediction::untouched(Outcome::Conflict(run)),
            (None, _) => {
                self.runs.push(RunModel::queued(scope));
                Prediction::touching(Outcome::Accepted, self.runs.len() - 1)
            }
        }
    }

    fn claim(&mut self, id: usize, worker: usize) -> Prediction {
        let name = self.name(worker);
        let run = &mut self.runs[id];
        let before = run.seen.status;
        if run.lease == Lease::Live || transition(before, RunEvent::Claim).is_err() {
            return Prediction::untouched(Outcome::Refused);
        }
        let crashed = before != RunStatus::Queued && run.seen.worker.is_some();
        run.take(&name, crashed);
        if run.seen.cancel.is_some() {
            run.cancel(Actor::Worker);
            return Prediction::touching(Outcome::Dropped, id);
        }
        if let Some(message) = crashed.then(|| run.crash()).flatten() {
            run.fail(Actor::System, ErrorCode::CrashLoop, &message);
            return Prediction::touching(Outcome::CrashLoop(message), id);
        }
        self.held(id, name)
    }

    /// The short way: what a claim, the preparation and the start of the first phase do, for a queued run only.
    fn open(&mut self, id: usize, worker: usize) -> Prediction {
        let name = self.name(worker);
        let run = &mut self.runs[id];
        if run.seen.status != RunStatus::Queued {
            return Prediction::untouched(Outcome::Refused);
        }
        run.take(&name, false);
        run.prepare();
        run.start();
        self.held(id, name)
    }

    /// Somebody holds the run from now on.
    fn held(&mut self, id: usize, worker: String) -> Prediction {
        let attempt = self.runs[id].seen.attempt;
        self.handles.push(Handle {
            run: id,
            attempt,
            worker,
            spent: false,
        });
        Prediction::touching(Outcome::Claimed { attempt }, id)
    }

    /// A lease that has run out; one that was given back can only have been so long ago.
    fn expire(&mut self, id: usize, long_ago: bool) -> Prediction {
        let run = &mut self.runs[id];
        if run.lease == Lease::None {
            return Prediction::untouched(Outcome::Skipped);
        }
        if long_ago {
            run.lease = Lease::LongOver;
        } else if run.lease == Lease::Live {
            run.lease = Lease::Over;
        }
        run.show_lease();
        Prediction::touching(Outcome::Done, id)
    }

    fn cancel(&mut self, id: usize, reason: &str) -> Prediction {
        let run = &mut self.runs[id];
        match run.seen.status {
            RunStatus::Canceled => return Prediction::untouched(Outcome::Canceled),
            RunStatus::Completed | RunStatus::Failed => return Prediction::untouched(Outcome::Ended),
            RunStatus::Queued | RunStatus::Running | RunStatus::Partial => {}
        }
        let first = run.seen.cancel.is_none();
        run.seen.cancel.get_or_insert_with(|| reason.to_owned());
        if run.lease != Lease::Live {
            run.cancel(Actor::Api);
            return Prediction::touching(Outcome::Canceled, id);
        }
        if !first {
            return Prediction::untouched(Outcome::Requested);
        }
        let payload = EventPayload {
            reason: Some(reason.to_owned()),
            ..EventPayload::default()
        };
        run.say(EventType::CancelRequested, Actor::Api, payload);
        Prediction::touching(Outcome::Requested, id)
    }

    fn arrive(&mut self, worker: usize) -> Option<Prediction> {
        let worker = &mut self.workers[worker];
        (!worker.present).then(|| {
            worker.starts += 1;
            worker.present = true;
            Prediction::untouched(Outcome::Done)
        })
    }

    fn leave(&mut self, worker: usize) -> Option<Prediction> {
        let worker = &mut self.workers[worker];
        worker.present.then(|| {
            worker.present = false;
            Prediction::untouched(Outcome::Done)
        })
    }

    fn die(&mut self, worker: usize) -> Prediction {
        let name = self.name(worker);
        let freed = self.those(|run| run.is_held_by(&name));
        for run in &freed {
            self.runs[*run].take_back();
        }
        self.workers[worker].present = false;
        self.workers[worker].starts += 1;
        Prediction {
            outcome: Outcome::Runs(freed.clone()),
            touched: freed,
        }
    }

    fn sweep(&mut self) -> Prediction {
        let nobody = self.workers.iter().all(|worker| !worker.present);
        let orphans = self.those(|run| nobody && run.lease == Lease::LongOver);
        let mut failed = Vec::new();
        for number in &orphans {
            let run = &mut self.runs[*number];
            if run.seen.cancel.is_some() {
                run.cancel(Actor::System);
            } else {
                run.fail(Actor::System, ErrorCode::Orphaned, "Recovered from unexpected shutdown");
                failed.push(*number);
            }
        }
        Prediction {
            outcome: Outcome::Runs(failed),
            touched: orphans,
        }
    }

    fn prune(&mut self, kind: Kind) -> Prediction {
        let ended = self.those(|run| run.seen.status.is_terminal());
        let gone = ended.iter().map(|run| self.runs[*run].prune(kind)).sum();
        Prediction {
            outcome: Outcome::Pruned(gone),
            touched: ended,
        }
    }

    fn those(&self, wanted: impl Fn(&RunModel) -> bool) -> Vec<usize> {
        (0..self.runs.len()).filter(|run| wanted(&self.runs[*run])).collect()
    }

    /// What the executor of a claim is told when it asks whether to stop.
    pub(crate) fn told(&self, handle: &Handle) -> Stop {
        let seen = &self.runs[handle.run].seen;
        match (seen.holds(handle), seen.cancel.is_some()) {
            (false, _) => Stop::Lost,
            (true, true) => Stop::Canceled,
            (true, false) => Stop::No,
        }
    }
}

impl Seen {
    /// Whether the claim still is the one that counts.
    pub(crate) fn holds(&self, handle: &Handle) -> bool {
        matches!(self.status, RunStatus::Running | RunStatus::Partial)
            && self.attempt == handle.attempt
            && self.worker.as_ref() == Some(&handle.worker)
    }

    /// A run that was just accepted.
    pub(crate) fn queued(scope: &str) -> Self {
        Self {
            scope: scope.to_owned(),
            status: RunStatus::Queued,
            attempt: 0,
            worker: None,
            lease: WorkerState::None,
            lease_stored: false,
            started: false,
            ended: false,
            frozen: false,
            phase: None,
            progress: (None, None),
            percent: 0,
            active_ms: 0,
            cancel: None,
            error: None,
            warnings: None,
            partial_count: 0,
            event_seq: 0,
            events: Vec::new(),
            results: Vec::new(),
            phases: Vec::new(),
            checkpoints: BTreeSet::new(),
        }
    }
}
