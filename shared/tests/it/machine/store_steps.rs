//! The steps as calls of the store.

use std::time::Duration;

use shared::{
    clock,
    queue::{self, Submission, Submitted},
    run::{failure::ErrorCode, request::RunRequest},
    store::{
        Store, StoreError,
        cancel::{self, CancelOutcome},
        checkpoints,
        claim::{self, Claimed, RunningRun},
        enqueue::{self, NewRun},
        opening, orphans, phases,
        phases::Progress,
        processes,
        retention::{self, Pruned, Retention},
    },
};

use super::{
    acts::BROKEN,
    model::{Outcome, chosen},
    run_model::Lease,
    steps::{Act, Asking, Kind, SCOPES, Step, Work},
    world::{Claim, World},
};
use crate::fixture::{HEADS, MARKET_NOW, claimant, instant, process_row, result, submission, warning};

/// Time to live of an orphan.
const TTL: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

impl World<'_> {
    /// Asks the store for what the model has predicted.
    pub(super) async fn take(
        &mut self,
        step: Step,
        names: &[String; 3],
        lease: Option<Lease>,
    ) -> Result<Outcome, StoreError> {
        match step {
            Step::Enqueue { scope, how } => self.enqueue(SCOPES[scope], how).await,
            Step::Claim { run, worker } => self.claim(run, worker, &names[worker]).await,
            Step::Open { run, worker } => self.open(run, worker, &names[worker]).await,
            Step::Act { handle, act } => self.act(handle, act).await,
            Step::Expire { run, long_ago } => {
                if let Some(run) = self.run(run) {
                    self.let_expire(run, long_ago, lease).await?;
                }
                Ok(Outcome::Done)
            }
            Step::Cancel { run, reason } => self.cancel(run, reason).await,
            Step::Arrive { worker } => {
                processes::register(self.store(worker), &process_row(&names[worker])).await?;
                Ok(Outcome::Done)
            }
            Step::Leave { worker } => {
                processes::stop(self.store(worker), &names[worker]).await?;
                Ok(Outcome::Done)
            }
            Step::Die { worker } => Ok(self.numbers(processes::expire_leases_of(self.store(1), &names[worker]).await?)),
            Step::Sweep => {
                let found = orphans::find(self.store(0), TTL).await?;
                Ok(self.numbers(orphans::fail(self.store(1), TTL, &found).await?))
            }
            Step::Prune { kind } => prune(self.store(1), kind).await,
        }
    }

    fn numbers(&self, ids: Vec<shared::run::ids::RunId>) -> Outcome {
        let mut runs: Vec<_> = ids.into_iter().map(|id| self.number(id)).collect();
        runs.sort_unstable();
        Outcome::Runs(runs)
    }

    async fn enqueue(&mut self, scope: &str, how: Asking) -> Result<Outcome, StoreError> {
        let request = RunRequest::new(scope);
        if how == Asking::Dies {
            return enqueue_and_die(self.store(0), &request).await;
        }
        let submission = Submission {
            join: how == Asking::Join,
            ..submission(&request)
        };
        Ok(match queue::submit(self.store(0), &submission).await? {
            Submitted::Accepted(run) => {
                self.ids.push(run.id);
                Outcome::Accepted
            }
            Submitted::Joined(run) => Outcome::Joined(self.number(run.id)),
            Submitted::Conflict(run) => Outcome::Conflict(self.number(run.id)),
            other => panic!("{other:?}"),
        })
    }

    async fn claim(&mut self, back: usize, worker: usize, name: &str) -> Result<Outcome, StoreError> {
        let id = self.ids[self.run(back).expect("a run")];
        Ok(match claim::claim(self.store(worker), id, &claimant(name)).await? {
            Claimed::Run(running) => self.held(*running),
            Claimed::Refused => Outcome::Refused,
            Claimed::Canceled => Outcome::Dropped,
            Claimed::CrashLoop { message } => Outcome::CrashLoop(message),
        })
    }

    async fn open(&mut self, back: usize, worker: usize, name: &str) -> Result<Outcome, StoreError> {
        let id = self.ids[self.run(back).expect("a run")];
        let market_now = instant(MARKET_NOW);
        let opened = opening::open(self.store(worker), id, &claimant(name), market_now, &HEADS).await?;
        Ok(opened.map_or(Outcome::Refused, |running| self.held(running)))
    }

    fn held(&mut self, running: RunningRun) -> Outcome {
        let attempt = running.run().attempt;
        self.claims.push(Claim {
            fence: running.fence(),
            running: Some(running),
        });
        Outcome::Claimed { attempt }
    }

    async fn cancel(&self, back: usize, reason: &str) -> Result<Outcome, StoreError> {
        let id = self.ids[self.run(back).expect("a run")];
        let outcome = cancel::request(self.store(0), id, Some(reason), "test").await?;
        Ok(match outcome.expect("a known run") {
            CancelOutcome::Canceled(_) => Outcome::Canceled,
            CancelOutcome::Requested(_) => Outcome::Requested,
            CancelOutcome::Ended(_) => Outcome::Ended,
        })
    }

    async fn act(&mut self, back: usize, act: Act) -> Result<Outcome, StoreError> {
        let index = chosen(back, self.claims.len()).expect("a claim");
        let worker = index; // any store will do: the fence is what counts
        let store = self.store(worker);
        let run = &self.model.runs[self.number(self.claims[index].fence.run)];
        // The model is a step ahead: the phase it has completed is the one to complete.
        let phase = match act {
            Act::Finish => run.seen.phases.iter().rposition(|phase| phase.status == "completed"),
            _ => run.running_phase(),
        };
        let claim = &mut self.claims[index];
        let done = match act {
            Act::Look => return claim.fence.must_stop(store).await.map(Outcome::Told),
            Act::Renew { ms } => {
                let held = claim.fence.renew(store, MINUTE, ms).await?;
                held.then_some(()).ok_or(StoreError::ClaimLost)
            }
            Act::Work(work) => claim.work(store, phase, work).await,
            Act::Finish => claim.finish(store, phase.unwrap_or(0)).await,
            _ if act.ends_claim() => end(claim.running.take().expect("not spent"), act).await,
            _ => hold(claim.running.as_mut().expect("not spent"), act).await,
        };
        match done {
            Ok(()) => Ok(Outcome::Done),
            Err(StoreError::ClaimLost) => Ok(Outcome::Lost),
            Err(error) => Err(error),
        }
    }
}

impl Claim {
    async fn work(&self, store: &Store, phase: Option<usize>, work: Work) -> Result<(), StoreError> {
        let mut unit = self.fence.begin(store).await?;
        if let Some(phase) = phase {
            let key = HEADS[phase].key;
            let progress = Progress {
                current: work.current,
                total: 10,
                percent: work.percent,
            };
            phases::advance(&mut unit, key, progress).await?;
            phases::set_cursor(&mut unit, key, &work.cursor.into()).await?;
            let warnings: Vec<_> = work
                .warning
                .map(|ticker| warning(HEADS[phase].number, ticker))
                .into_iter()
                .collect();
            phases::add_warnings(&mut unit, key, &warnings).await?;
            checkpoints::put(&mut unit, key, work.cursor, &"part").await?;
        }
        if work.dies {
            return Ok(());
        }
        unit.commit().await
    }

    async fn finish(&self, store: &Store, phase: usize) -> Result<(), StoreError> {
        let progress = Progress {
            current: 10,
            total: 10,
            percent: 50,
        };
        let mut unit = self.fence.begin(store).await?;
        phases::complete(&mut unit, &HEADS[phase], self.fence.attempt, &"output".into(), progress).await?;
        unit.commit().await
    }
}

/// What the holder does without giving its claim up.
async fn hold(running: &mut RunningRun, act: Act) -> Result<(), StoreError> {
    match act {
        Act::Prepare => {
            let mut unit = running.begin_frozen(instant(MARKET_NOW)).await?;
            running.lay_out(&mut unit, &HEADS).await?;
            unit.commit().await
        }
        Act::Start => {
            let mut unit = running.begin().await?;
            let rows = phases::list(unit.tx(), running.run().id).await?;
            let open = rows
                .iter()
                .position(|row| !row.is_completed())
                .unwrap_or(HEADS.len() - 1);
            running.start_phase(unit, &HEADS[open]).await.map(drop)
        }
        Act::Publish { times } => {
            for number in 0..times {
                running.publish(&result(i64::try_from(number).unwrap())).await?;
            }
            Ok(())
        }
        other => panic!("{other:?} is no such act"),
    }
}

/// What gives the claim up.
async fn end(running: RunningRun, act: Act) -> Result<(), StoreError> {
    match act {
        Act::Complete { ms } => running.complete(&result(1), ms).await.map(drop),
        Act::Fail { ms } => running.fail(ErrorCode::Internal, BROKEN, ms).await,
        Act::Cancel { ms } => running.cancel(ms).await,
        Act::HandOver { ms } => running.hand_over(ms).await,
        other => panic!("{other:?} is no end"),
    }
}

async fn enqueue_and_die(store: &Store, request: &RunRequest) -> Result<Outcome, StoreError> {
    let mut tx = store.begin().await?;
    let new = NewRun {
        request,
        scope: &request.subreddit,
        traceparent: None,
    };
    enqueue::enqueue(&mut tx, &new).await?;
    Ok(Outcome::Done)
}

async fn prune(store: &Store, kind: Kind) -> Result<Outcome, StoreError> {
    let at_once = |wanted| (kind == wanted).then_some(Duration::ZERO);
    let retention = Retention {
        results: at_once(Kind::Finals),
        partials: at_once(Kind::Partials),
        events: at_once(Kind::Events),
        queue: None,
    };
    let now = clock::now();
    let due = retention::due(store, &retention, now).await?;
    let pruned = retention::prune(store, &retention, now).await?;
    let Pruned {
        results,
        partials,
        events,
        queue,
        keys,
    } = pruned;
    // The sweep of events counts them as the dry run does.
    assert_eq!(due, pruned);
    Ok(Outcome::Pruned(results + partials + events + queue + keys))
}
