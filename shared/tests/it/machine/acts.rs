//! What the model expects of the holder of a claim: everything while the claim holds, nothing once it does not.

use shared::run::{event::Actor, failure::ErrorCode};

use super::{
    model::{Model, Outcome, Prediction},
    run_model::RunModel,
    steps::{Act, Work},
};

/// Message of a run that its holder fails.
pub(crate) const BROKEN: &str = "broken";

impl Model {
    pub(super) fn act(&mut self, index: usize, act: Act) -> Prediction {
        let handle = self.handles[index].clone();
        if handle.spent && !act.needs_only_the_fence() {
            return Prediction::untouched(Outcome::Skipped);
        }
        if matches!(act, Act::Look) {
            return Prediction::untouched(Outcome::Told(self.told(&handle)));
        }
        self.handles[index].spent |= act.ends_claim();
        let run = &mut self.runs[handle.run];
        if !run.seen.holds(&handle) || !run.accepts(act) {
            return Prediction::untouched(Outcome::Lost);
        }
        if let Act::Work(Work { dies: true, .. }) = act {
            return Prediction::untouched(Outcome::Done);
        }
        run.act(act);
        Prediction::touching(Outcome::Done, handle.run)
    }
}

impl RunModel {
    /// Whether the phases are where the act needs them.
    fn accepts(&self, act: Act) -> bool {
        match act {
            Act::Start => self.seen.phases.iter().any(|phase| phase.status != "completed"),
            Act::Finish => self.running_phase().is_some(),
            _ => true,
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Look => {}
            Act::Prepare => self.prepare(),
            Act::Start => self.start(),
            Act::Work(work) => self.work(work),
            Act::Finish => self.finish(),
            Act::Publish { times } => (0..times).for_each(|_| self.publish()),
            Act::Renew { ms } => self.renew(ms),
            Act::Complete { ms } => {
                self.seen.active_ms = ms;
                self.complete();
            }
            Act::Fail { ms } => {
                self.seen.active_ms = ms;
                self.fail(Actor::Worker, ErrorCode::Internal, BROKEN);
            }
            Act::Cancel { ms } => {
                self.seen.active_ms = ms;
                self.cancel(Actor::Worker);
            }
            Act::HandOver { ms } => {
                self.seen.active_ms = ms;
                if self.seen.cancel.is_some() {
                    self.cancel(Actor::Worker);
                } else {
                    self.hand_over();
                }
            }
        }
    }

    fn renew(&mut self, ms: i64) {
        self.seen.active_ms = self.seen.active_ms.max(ms);
        self.hold();
    }
}
