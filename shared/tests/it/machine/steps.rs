//! What can happen to runs, and how likely it is in a random sequence.

use proptest::prelude::*;

/// Workers that claim.
pub(crate) const WORKERS: usize = 3;
/// Subreddits, each with a single flight of its own.
pub(crate) const SCOPES: [&str; 2] = ["stocks", "options"];

/// Which of several, counted back from the newest.
pub(crate) type Back = usize;

/// One step of a sequence; one that has nothing to work on does nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// A request to start a run.
    Enqueue { scope: usize, how: Asking },
    /// A worker tries to take a run, in whatever state it is.
    Claim { run: Back, worker: usize },
    /// A worker tries to take a run the short way, in its first phase at once.
    Open { run: Back, worker: usize },
    /// The holder of a claim acts, whether the claim still holds or not.
    Act { handle: Back, act: Act },
    /// The lease runs out, or did so long ago.
    Expire { run: Back, long_ago: bool },
    /// Somebody asks for the end.
    Cancel { run: Back, reason: &'static str },
    /// A worker process starts.
    Arrive { worker: usize },
    /// It ends in order, as far as its process goes.
    Leave { worker: usize },
    /// It is found dead on this host.
    Die { worker: usize },
    /// The server looks for orphans.
    Sweep,
    /// Retention lets go of one kind at once.
    Prune { kind: Kind },
}

/// How somebody asks for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asking {
    /// The conflict is the answer.
    Reject,
    /// An equal active run is the answer.
    Join,
    /// The asking process dies before its commit.
    Dies,
}

/// What retention lets go of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Payloads of final results.
    Finals,
    /// Payloads of partial results.
    Partials,
    /// Events.
    Events,
}

/// What the holder of a claim does. Times are milliseconds of execution.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    /// Freezes the run and lays its phases out.
    Prepare,
    /// Starts the first phase that is not completed.
    Start,
    /// A unit of the running phase.
    Work(Work),
    /// Completes the running phase.
    Finish,
    /// Publishes that many partial results.
    Publish { times: usize },
    /// Renews the lease.
    Renew { ms: i64 },
    /// Looks whether to stop.
    Look,
    /// Ends the run with its result.
    Complete { ms: i64 },
    /// Ends the run with an error.
    Fail { ms: i64 },
    /// Ends the run as canceled.
    Cancel { ms: i64 },
    /// Gives the lease back.
    HandOver { ms: i64 },
}

impl Act {
    /// Whether the claim is gone afterwards, whatever became of the act.
    pub(crate) const fn ends_claim(self) -> bool {
        matches!(
            self,
            Self::Complete { .. } | Self::Fail { .. } | Self::Cancel { .. } | Self::HandOver { .. }
        )
    }

    /// Whether a copy of the fence is enough, so that a claim that was ended can still try.
    pub(crate) const fn needs_only_the_fence(self) -> bool {
        matches!(self, Self::Work(_) | Self::Finish | Self::Renew { .. } | Self::Look)
    }
}

/// A unit of a phase.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    /// Units done, of ten.
    pub(crate) current: i64,
    /// What the registry makes of it.
    pub(crate) percent: i64,
    /// Ticker of a warning.
    pub(crate) warning: Option<&'static str>,
    /// Cursor, and part of the checkpoint.
    pub(crate) cursor: i64,
    /// Whether the process dies before its commit.
    pub(crate) dies: bool,
}

fn back() -> impl Strategy<Value = Back> {
    prop_oneof![6 => Just(0_usize), 2 => Just(1_usize), 1 => 2..8_usize]
}

fn act() -> impl Strategy<Value = Act> {
    let ms = 0..5_000_i64;
    prop_oneof![
        4 => Just(Act::Prepare),
        6 => Just(Act::Start),
        14 => work().prop_map(Act::Work),
        4 => Just(Act::Finish),
        6 => prop_oneof![4 => Just(1_usize), 1 => Just(21_usize)].prop_map(|times| Act::Publish { times }),
        4 => ms.clone().prop_map(|ms| Act::Renew { ms }),
        2 => Just(Act::Look),
        1 => ms.clone().prop_map(|ms| Act::Complete { ms }),
        1 => ms.clone().prop_map(|ms| Act::Fail { ms }),
        1 => ms.clone().prop_map(|ms| Act::Cancel { ms }),
        2 => ms.prop_map(|ms| Act::HandOver { ms }),
    ]
}

fn work() -> impl Strategy<Value = Work> {
    let warning = prop_oneof![Just(None), Just(Some("AAA")), Just(Some("BBB"))];
    let dies = prop::bool::weighted(0.2);
    (0..=10_i64, 0..=120_i64, warning, 0..5_i64, dies).prop_map(|(current, percent, warning, cursor, dies)| Work {
        current,
        percent,
        warning,
        cursor,
        dies,
    })
}

fn step() -> impl Strategy<Value = Step> {
    let asking = prop_oneof![4 => Just(Asking::Reject), 1 => Just(Asking::Join), 1 => Just(Asking::Dies)];
    let kind = prop_oneof![Just(Kind::Finals), Just(Kind::Partials), Just(Kind::Events)];
    let reason = prop_oneof![Just("first"), Just("second")];
    prop_oneof![
        5 => (0..SCOPES.len(), asking).prop_map(|(scope, how)| Step::Enqueue { scope, how }),
        7 => (back(), 0..WORKERS).prop_map(|(run, worker)| Step::Claim { run, worker }),
        3 => (back(), 0..WORKERS).prop_map(|(run, worker)| Step::Open { run, worker }),
        34 => (back(), act()).prop_map(|(handle, act)| Step::Act { handle, act }),
        5 => (back(), prop::bool::weighted(0.3)).prop_map(|(run, long_ago)| Step::Expire { run, long_ago }),
        2 => (back(), reason).prop_map(|(run, reason)| Step::Cancel { run, reason }),
        1 => (0..WORKERS).prop_map(|worker| Step::Arrive { worker }),
        1 => (0..WORKERS).prop_map(|worker| Step::Leave { worker }),
        1 => (0..WORKERS).prop_map(|worker| Step::Die { worker }),
        2 => Just(Step::Sweep),
        1 => kind.prop_map(|kind| Step::Prune { kind }),
    ]
}

/// One step, or a few that bring a run far: its beginning, all its phases, its worker dying again and again or going on
/// after it has handed the run over.
fn stretch() -> impl Strategy<Value = Vec<Step>> {
    let act = |act| Step::Act { handle: 0, act };
    let expire = Step::Expire {
        run: 0,
        long_ago: false,
    };
    let beginning = (0..SCOPES.len(), 0..WORKERS, any::<bool>()).prop_map(move |(scope, worker, short)| {
        let how = Asking::Reject;
        let long = [Step::Claim { run: 0, worker }, act(Act::Prepare), act(Act::Start)];
        let begin = if short {
            vec![Step::Open { run: 0, worker }]
        } else {
            long.to_vec()
        };
        [vec![Step::Enqueue { scope, how }], begin].concat()
    });
    let crash = move |worker, times| [expire, Step::Claim { run: 0, worker }].repeat(times);
    let crashes = (0..WORKERS, 1..4_usize).prop_map(move |(worker, times)| crash(worker, times));
    let late = work().prop_map(Act::Work);
    let late = prop_oneof![2 => late, 1 => Just(Act::Finish), 1 => Just(Act::Renew { ms: 1 }), 1 => Just(Act::Look)];
    let late = late.prop_map(move |late| vec![act(Act::HandOver { ms: 0 }), act(late)]);
    let through = (0..WORKERS, 0..3_usize, 0..4_usize).prop_map(move |(worker, before, after)| {
        let phases = [act(Act::Start), act(Act::Finish)].repeat(2);
        [crash(worker, before), phases, crash(worker, after)].concat()
    });
    prop_oneof![24 => step().prop_map(|step| vec![step]), 2 => beginning, 1 => crashes, 1 => late, 2 => through]
}

/// A life of several runs.
pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(stretch(), 1..60).prop_map(|stretches| stretches.concat())
}
