//! The fence: every write of an executor proves its claim first.
//!
//! Run, attempt and worker must still be those of the claim. A worker that was paused past its lease finds another
//! attempt there, gets [`StoreError::ClaimLost`], and changes nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Store, StoreError, session::Tx, unit::Unit};
use crate::{clock, run::ids::RunId};

/// Run, attempt and worker: what must still hold when an executor writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// The run.
    pub run: RunId,
    /// The claim's attempt.
    pub attempt: i64,
    /// The claim's worker.
    pub worker_id: String,
}

impl Fence {
    /// A fenced transaction: waits for the lock however long it takes, then proves the claim.
    pub async fn begin(&self, store: &Store) -> Result<Unit, StoreError> {
        let mut tx = store.begin_patiently().await?;
        self.prove(&mut tx).await?;
        Ok(Unit::new(tx, self.run))
    }

    /// [`StoreError::ClaimLost`] unless the claim holds; locks the run's row until the end of the transaction.
    pub async fn prove(&self, tx: &mut Tx) -> Result<(), StoreError> {
        self.prove_and_freeze(tx, None).await
    }

    pub(super) async fn prove_and_freeze(
        &self,
        tx: &mut Tx,
        market_now: Option<DateTime<Utc>>,
    ) -> Result<(), StoreError> {
        let rows = execute!(
            tx,
            "update analysis_runs set updated_at = $4, market_now = coalesce(market_now, $5)
             where id = $1 and attempt = $2 and worker_id = $3 and status in ('running', 'partial')",
            self.run,
            self.attempt,
            &self.worker_id,
            clock::now(),
            market_now
        )?;
        if rows == 1 { Ok(()) } else { Err(StoreError::ClaimLost) }
    }

    /// Renews the lease and records the execution time; `false` when the claim no longer holds.
    pub async fn renew(&self, store: &Store, lease: Duration, active_ms: i64) -> Result<bool, StoreError> {
        let mut tx = store.begin().await?;
        let rows = execute!(
            &mut tx,
            "update analysis_runs
             set lease_expires_at = $4, active_ms = case when $5 > active_ms then $5 else active_ms end
             where id = $1 and attempt = $2 and worker_id = $3 and status in ('running', 'partial')",
            self.run,
            self.attempt,
            &self.worker_id,
            clock::now() + lease,
            active_ms
        )?;
        tx.commit().await?;
        Ok(rows == 1)
    }

    /// Whether somebody asked the run to end, or the claim no longer holds.
    pub async fn must_stop(&self, store: &Store) -> Result<Stop, StoreError> {
        let row = query!(
            &mut store.read().await?,
            fetch_optional,
            (bool,),
            "select cancel_requested_at is not null from analysis_runs
             where id = $1 and attempt = $2 and worker_id = $3 and status in ('running', 'partial')",
            self.run,
            self.attempt,
            &self.worker_id
        )?;
        Ok(match row {
            Some((true,)) => Stop::Canceled,
            Some((false,)) => Stop::No,
            None => Stop::Lost,
        })
    }
}

/// Whether an executor should go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Go on.
    No,
    /// Somebody asked for the end.
    Canceled,
    /// The claim no longer holds.
    Lost,
}
