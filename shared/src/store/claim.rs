//! Claiming a run: the only way to a [`RunningRun`], and so the only way for an executor to change one.
//!
//! A claim takes a queued run, or one whose lease has expired or was given back, raises `attempt` and sets the
//! lease, in one guarded update. Everything the holder writes later proves `attempt` and `worker_id` first
//! ([`RunningRun::begin`]): a worker that was paused past its lease finds another attempt there and changes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Store, StoreError, crashes, events, fence::Fence, phases, runs::Run, session::Tx, unit::Unit};
use crate::{
    clock,
    faults::{self, Moment},
    run::{
        event::{Actor, EventPayload, EventType},
        failure::ErrorCode,
        ids::RunId,
        state::RunStatus,
    },
};

/// Who claims, and on what terms.
#[derive(Debug, Clone)]
pub struct Claimant {
    /// Unique per start of a worker process.
    pub worker_id: String,
    /// Validity of a lease without renewal.
    pub lease: Duration,
    /// Crashes in one phase that end a run.
    pub max_crashes: u32,
}

/// What became of a claim.
#[derive(Debug)]
pub enum Claimed {
    /// The run is ours.
    Run(Box<RunningRun>),
    /// Nothing to do: unknown, ended, or held by somebody else.
    Refused,
    /// Its cancel was asked for while somebody held it: it has ended.
    Canceled,
    /// It had crashed too often and was failed instead.
    CrashLoop {
        /// The message stored with the run.
        message: String,
    },
}

/// The handle with which a worker changes the run it has claimed. Ending the run consumes it.
#[derive(Debug)]
pub struct RunningRun {
    store: Store,
    run: Run,
    worker_id: String,
}

/// An active run, as a worker sees it that looks for work.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Candidate {
    /// The run.
    pub id: RunId,
    /// Claims so far.
    pub attempt: i64,
    /// Until when somebody holds it; `None` when nobody does, and it can be claimed.
    #[sqlx(rename = "lease_expires_at")]
    pub lease: Option<DateTime<Utc>>,
}

impl From<&Run> for Candidate {
    fn from(run: &Run) -> Self {
        Self {
            id: run.id,
            attempt: run.attempt,
            lease: run.lease_expires_at,
        }
    }
}

/// Active runs, oldest first.
pub async fn candidates(store: &Store) -> Result<Vec<Candidate>, StoreError> {
    query!(
        &mut store.read().await?,
        fetch_all,
        Candidate,
        "select id, attempt, lease_expires_at from analysis_runs
         where status in ('queued', 'running', 'partial') order by id"
    )
}

/// Takes the run if it is queued, or its lease has expired or was given back.
pub async fn claim(store: &Store, id: RunId, claimant: &Claimant) -> Result<Claimed, StoreError> {
    claim_unchanged(store, id, None, claimant).await
}

/// The same, also if its lease is still the one that was seen: the caller knows that nobody renews it.
pub async fn take_over(store: &Store, seen: &Candidate, claimant: &Claimant) -> Result<Claimed, StoreError> {
    claim_unchanged(store, seen.id, seen.lease, claimant).await
}

async fn claim_unchanged(
    store: &Store,
    id: RunId,
    seen: Option<DateTime<Utc>>,
    claimant: &Claimant,
) -> Result<Claimed, StoreError> {
    let mut tx = store.begin_patiently().await?;
    let Some(before) = super::runs::find(&mut tx, id).await? else {
        return Ok(Claimed::Refused);
    };
    let Some(run) = take(&mut tx, id, seen, claimant).await? else {
        return Ok(Claimed::Refused);
    };
    let crashed = before.status != RunStatus::Queued && before.worker_id.is_some();
    record_claim(&mut tx, &run, crashed).await?;
    if run.cancel_requested_at.is_some() {
        super::ending::cancel_in(&mut tx, id, Actor::Worker).await?;
        tx.commit().await?;
        return Ok(Claimed::Canceled);
    }
    if crashed && let Some(message) = crashes::count(&mut tx, id, claimant.max_crashes).await? {
        super::ending::fail_in(&mut tx, &run, Actor::System, ErrorCode::CrashLoop, &message).await?;
        tx.commit().await?;
        return Ok(Claimed::CrashLoop { message });
    }
    faults::pass("claim", Moment::Ready);
    tx.commit().await?;
    if crashed {
        tracing::warn!(count = 1, run.ids = %id, "a run whose lease had run out is recovered");
    }
    faults::pass("claim", Moment::Committed);
    Ok(Claimed::Run(Box::new(RunningRun::of(store, run, claimant))))
}

/// Takes a run that is queued, or whose lease has expired, was given back, or is the one that was `seen`.
async fn take(
    tx: &mut Tx,
    id: RunId,
    seen: Option<DateTime<Utc>>,
    claimant: &Claimant,
) -> Result<Option<Run>, StoreError> {
    let now = clock::now();
    query!(
        tx,
        fetch_optional,
        Run,
        "update analysis_runs
         set status = case when status = 'queued' then 'running' else status end,
             attempt = attempt + 1, event_seq = event_seq + 1, worker_id = $2, lease_expires_at = $3,
             started_at = coalesce(started_at, $4), updated_at = $4
         where id = $1
           and (status = 'queued'
                or (status in ('running', 'partial')
                    and (lease_expires_at is null or lease_expires_at < $4 or lease_expires_at = $5)))
         returning *",
        id,
        &claimant.worker_id,
        now + claimant.lease,
        now,
        seen
    )
}

async fn record_claim(tx: &mut Tx, run: &Run, crashed: bool) -> Result<(), StoreError> {
    let (kind, reason) = match (run.attempt, crashed) {
        (1, _) => (EventType::Running, None),
        (_, true) => (EventType::Resumed, Some(crashes::REASON)),
        (_, false) => (EventType::Resumed, Some("handed over")),
    };
    let payload = EventPayload {
        attempt: Some(run.attempt),
        reason: reason.map(str::to_owned),
        ..EventPayload::default()
    };
    events::write(tx, run.id, run.event_seq, kind, Actor::Worker, &payload).await
}

impl RunningRun {
    pub(super) fn of(store: &Store, run: Run, claimant: &Claimant) -> Self {
        Self {
            store: store.clone(),
            run,
            worker_id: claimant.worker_id.clone(),
        }
    }

    /// Keeps in mind at what time the run was frozen.
    pub(super) fn freeze(&mut self, market_now: DateTime<Utc>) {
        self.run.market_now.get_or_insert(market_now);
    }

    /// The run as it was when claimed (`market_now` as last set through this handle).
    #[must_use]
    pub const fn run(&self) -> &Run {
        &self.run
    }

    /// The store the run lives in.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// What fences every write: run, attempt and worker.
    #[must_use]
    pub fn fence(&self) -> Fence {
        Fence {
            run: self.run.id,
            attempt: self.run.attempt,
            worker_id: self.worker_id.clone(),
        }
    }

    /// A fenced transaction; see [`Fence::begin`].
    pub async fn begin(&self) -> Result<Unit, StoreError> {
        self.fence().begin(&self.store).await
    }

    /// A fenced transaction in which the run is frozen at `market_now`, unless it is frozen already.
    pub async fn begin_frozen(&mut self, market_now: DateTime<Utc>) -> Result<Unit, StoreError> {
        let fence = self.fence();
        let mut tx = self.store.begin_patiently().await?;
        fence.prove_and_freeze(&mut tx, Some(market_now)).await?;
        self.freeze(market_now);
        Ok(Unit::new(tx, self.run.id))
    }

    /// Lays out the registry's phases as part of `unit`; yields the phases of the run, those of other versions included.
    pub async fn lay_out(
        &self,
        unit: &mut Unit,
        heads: &[phases::PhaseHead<'_>],
    ) -> Result<Vec<phases::PhaseRow>, StoreError> {
        let laid_out = phases::lay_out(unit, heads).await?;
        if self.run.attempt == 1 {
            return Ok(laid_out);
        }
        phases::list(unit.tx(), self.run.id).await
    }

    /// Gives the lease back so that the next worker resumes at once; costs no crash. A run whose end was asked for ends
    /// instead.
    pub async fn hand_over(self, active_ms: i64) -> Result<(), StoreError> {
        let mut unit = self.begin().await?;
        if unit.is_to_be_canceled().await? {
            return self.cancel_in(unit, active_ms).await;
        }
        execute!(
            unit.tx(),
            "update analysis_runs set worker_id = null, lease_expires_at = null, active_ms = $2, updated_at = $3
             where id = $1",
            self.run.id,
            active_ms,
            clock::now()
        )?;
        unit.commit().await
    }

    /// Starts, or after a resume restarts, a phase; commits `unit`.
    pub async fn start_phase(
        &self,
        mut unit: Unit,
        phase: &phases::PhaseHead<'_>,
    ) -> Result<phases::PhaseState, StoreError> {
        let state = phases::start(&mut unit, &self.run, phase).await?;
        unit.commit().await?;
        Ok(state)
    }
}
