//! One run of the model: its visible state, and what the store derives from times.

use shared::{
    run::{
        event::{Actor, EventPayload, EventType},
        failure::ErrorCode,
        state::{RunEvent, transition},
    },
    store::runs::WorkerState,
};

use super::{
    model::MAX_CRASHES,
    seen::{PhaseSeen, Seen, said},
    steps::{Kind, Work},
};
use crate::fixture::HEADS;

/// Partial results that keep their payload.
const KEPT_PARTIALS: usize = 20;

/// How a lease stands; one that was given back is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lease {
    /// Not claimed yet, or ended.
    None,
    Live,
    Over,
    /// For longer than the time to live of an orphan.
    LongOver,
}

/// A run.
#[derive(Debug, Clone)]
pub(crate) struct RunModel {
    pub(crate) seen: Seen,
    pub(crate) lease: Lease,
    /// Whether the row shows none: the holder gave it back, or was found dead.
    returned: bool,
    /// Crashes since a phase was completed.
    crashes: i64,
}

impl RunModel {
    /// Accepted.
    pub(crate) fn queued(scope: &str) -> Self {
        let mut run = Self {
            seen: Seen::queued(scope),
            lease: Lease::None,
            returned: false,
            crashes: 0,
        };
        run.say(EventType::Queued, Actor::Api, EventPayload::default());
        run
    }

    /// Appends an event.
    pub(crate) fn say(&mut self, kind: EventType, actor: Actor, payload: EventPayload) {
        self.seen.event_seq += 1;
        self.seen.events.push(said(kind, actor, payload));
    }

    /// A worker takes it.
    pub(crate) fn take(&mut self, worker: &str, crashed: bool) {
        self.move_by(RunEvent::Claim);
        self.seen.attempt += 1;
        self.seen.worker = Some(worker.to_owned());
        self.seen.started = true;
        self.hold();
        let (kind, reason) = match (self.seen.attempt, crashed) {
            (1, _) => (EventType::Running, None),
            (_, true) => (EventType::Resumed, Some("lease expired")),
            (_, false) => (EventType::Resumed, Some("handed over")),
        };
        let payload = EventPayload {
            attempt: Some(self.seen.attempt),
            reason: reason.map(str::to_owned),
            ..EventPayload::default()
        };
        self.say(kind, Actor::Worker, payload);
    }

    /// Counts a crash; the message when it was one too many.
    pub(crate) fn crash(&mut self) -> Option<String> {
        self.crashes += 1;
        let open = self.seen.phases.iter().position(|phase| phase.status != "completed");
        let (crashes, place) = match open {
            Some(index) => {
                self.seen.phases[index].crashes += 1;
                let place = format!("phase {} ({})", HEADS[index].number, HEADS[index].label);
                (self.seen.phases[index].crashes, place)
            }
            None => (self.crashes, "the run outside its phases".to_owned()),
        };
        (crashes >= MAX_CRASHES).then(|| format!("Recovered from unexpected shutdown: {place} crashed {crashes} times"))
    }

    /// Frozen, with its phases laid out.
    pub(crate) fn prepare(&mut self) {
        self.seen.frozen = true;
        if self.seen.phases.is_empty() {
            self.seen.phases = HEADS.iter().map(|head| PhaseSeen::pending(head.key)).collect();
        }
    }

    /// Starts the first phase that is not completed, if there is one.
    pub(crate) fn start(&mut self) {
        let Some(index) = self.seen.phases.iter().position(|phase| phase.status != "completed") else {
            return;
        };
        let (head, phase) = (&HEADS[index], &mut self.seen.phases[index]);
        "running".clone_into(&mut phase.status);
        phase.attempt = Some(self.seen.attempt);
        self.seen.phase = Some((head.number, head.key.to_owned(), head.label.to_owned()));
        self.seen.progress = (Some(phase.progress.0), Some(phase.progress.1));
        self.say_phase(EventType::PhaseStarted, index);
    }

    /// A unit of the running phase; an empty one when none is running.
    pub(crate) fn work(&mut self, work: Work) {
        let Some(index) = self.running_phase() else { return };
        self.advance(index, (work.current, 10), work.percent);
        let phase = &mut self.seen.phases[index];
        phase.cursor = Some(work.cursor.to_string());
        if let Some(ticker) = work.warning
            && !phase.warnings.iter().any(|known| known == ticker)
        {
            phase.warnings.push(ticker.to_owned());
        }
        self.seen.checkpoints.insert((phase.key.clone(), work.cursor));
    }

    /// Completes the running phase, if one is.
    pub(crate) fn finish(&mut self) {
        let Some(index) = self.running_phase() else { return };
        self.advance(index, (10, 10), 50);
        let phase = &mut self.seen.phases[index];
        "completed".clone_into(&mut phase.status);
        phase.output = true;
        self.crashes = 0;
        self.say_phase(EventType::PhaseCompleted, index);
    }

    /// The phase that a unit works on.
    pub(crate) fn running_phase(&self) -> Option<usize> {
        self.seen.phases.iter().position(|phase| phase.status == "running")
    }

    fn advance(&mut self, index: usize, (current, total): (i64, i64), percent: i64) {
        let phase = &mut self.seen.phases[index];
        phase.progress = (phase.progress.0.max(current), total);
        let shown = self.seen.progress.0.map(|shown| shown.max(current));
        self.seen.progress = (shown, Some(total));
        self.seen.percent = self.seen.percent.max(percent.min(99));
    }

    fn say_phase(&mut self, kind: EventType, index: usize) {
        let payload = EventPayload {
            phase_key: Some(HEADS[index].key.to_owned()),
            phase_label: Some(HEADS[index].label.to_owned()),
            attempt: Some(self.seen.attempt),
            ..EventPayload::default()
        };
        self.say(kind, Actor::Worker, payload);
    }

    /// A partial result becomes readable; the oldest payloads go.
    pub(crate) fn publish(&mut self) {
        self.move_by(RunEvent::Publish);
        self.seen.results.push("partial kept".to_owned());
        let old = self.seen.results.len().saturating_sub(KEPT_PARTIALS);
        for result in &mut self.seen.results[..old] {
            "partial gone".clone_into(result);
        }
        self.seen.partial_count += 1;
        let payload = EventPayload {
            result_seq: Some(self.seen.partial_count),
            ..EventPayload::default()
        };
        self.say(EventType::Partial, Actor::Worker, payload);
    }

    /// Ends with a result.
    pub(crate) fn complete(&mut self) {
        self.seen.results.push("final kept".to_owned());
        self.say(EventType::Completed, Actor::Worker, EventPayload::default());
        self.seen.percent = 100;
        self.end(RunEvent::Complete);
    }

    /// Ends with an error.
    pub(crate) fn fail(&mut self, actor: Actor, code: ErrorCode, message: &str) {
        let payload = EventPayload {
            error_code: Some(code.as_str().to_owned()),
            error_message: Some(message.to_owned()),
            attempt: Some(self.seen.attempt),
            ..EventPayload::default()
        };
        self.say(EventType::Failed, actor, payload);
        self.seen.error = Some((code.as_str().to_owned(), message.to_owned()));
        self.end(RunEvent::Fail);
    }

    /// Ends on request.
    pub(crate) fn cancel(&mut self, actor: Actor) {
        let payload = EventPayload {
            reason: self.seen.cancel.clone(),
            ..EventPayload::default()
        };
        self.say(EventType::Canceled, actor, payload);
        self.end(RunEvent::Cancel);
    }

    /// Gives the lease back.
    pub(crate) fn hand_over(&mut self) {
        self.seen.worker = None;
        self.take_back();
    }

    /// Whether a lease of that worker stands in the row.
    pub(crate) fn is_held_by(&self, worker: &str) -> bool {
        self.seen.lease_stored && self.seen.worker.as_deref() == Some(worker)
    }

    /// The lease is live again, or for the first time.
    pub(super) fn hold(&mut self) {
        self.lease = Lease::Live;
        self.returned = false;
        self.show_lease();
    }

    /// Nobody has the lease any more.
    pub(crate) fn take_back(&mut self) {
        self.returned = true;
        self.lease = Lease::Over;
        self.show_lease();
    }

    fn end(&mut self, event: RunEvent) {
        self.move_by(event);
        let mut warnings: Vec<String> = Vec::new();
        for warning in self.seen.phases.iter().flat_map(|phase| &phase.warnings) {
            if !warnings.contains(warning) {
                warnings.push(warning.clone());
            }
        }
        self.seen.warnings = Some(warnings).filter(|all| !all.is_empty());
        self.seen.ended = true;
        self.seen.checkpoints.clear();
        self.lease = Lease::None;
        self.show_lease();
    }

    fn move_by(&mut self, event: RunEvent) {
        self.seen.status = transition(self.seen.status, event).expect("the model asks for legal edges only");
    }

    /// What the row shows of the lease.
    pub(crate) fn show_lease(&mut self) {
        self.seen.lease_stored = self.lease != Lease::None && !self.returned;
        self.seen.lease = match self.lease {
            Lease::Live => WorkerState::Live,
            Lease::Over | Lease::LongOver if !self.returned => WorkerState::Stale,
            _ => WorkerState::None,
        };
    }

    /// Lets go of what retention lets go of; yields how much went.
    pub(crate) fn prune(&mut self, kind: Kind) -> i64 {
        let (kept, gone) = match kind {
            Kind::Finals => ("final kept", "final gone"),
            Kind::Partials => ("partial kept", "partial gone"),
            Kind::Events => return count(std::mem::take(&mut self.seen.events).len()),
        };
        let all = self.seen.results.iter_mut().filter(|result| *result == kept);
        count(all.map(|result| gone.clone_into(result)).count())
    }
}

fn count(len: usize) -> i64 {
    i64::try_from(len).unwrap()
}

impl PhaseSeen {
    fn pending(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            status: "pending".to_owned(),
            attempt: None,
            crashes: 0,
            progress: (0, 0),
            cursor: None,
            warnings: Vec::new(),
            output: false,
        }
    }
}
