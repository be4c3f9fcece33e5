//! Asking a run to end: at once when nobody works on it, else a request that its worker meets at its next unit.

use super::{
    Store, StoreError, ending, events,
    runs::{self, Run, WorkerState},
    session::Tx,
};
use crate::{
    clock,
    run::{
        event::{Actor, EventPayload, EventType},
        ids::RunId,
    },
};

/// What a request to cancel did.
#[derive(Debug)]
pub enum CancelOutcome {
    /// The run is canceled, now or earlier.
    Canceled(Box<Run>),
    /// A worker is at it and will stop.
    Requested(Box<Run>),
    /// It had completed or failed.
    Ended(Box<Run>),
}

/// Cancels a run, or asks its worker to; the first request is kept, repeats change nothing.
pub async fn request(
    store: &Store,
    id: RunId,
    reason: Option<&str>,
    principal: &str,
) -> Result<Option<CancelOutcome>, StoreError> {
    let Some(run) = runs::find(&mut store.read().await?, id).await? else {
        return Ok(None);
    };
    if run.status.is_terminal() {
        return Ok(Some(ended(run)));
    }
    let mut tx = store.begin().await?;
    let Some(run) = runs::find(&mut tx, id).await? else {
        return Ok(None);
    };
    if run.status.is_terminal() {
        return Ok(Some(ended(run)));
    }
    stamp(&mut tx, id, reason, principal).await?;
    let live = run.worker_state(clock::now()) == WorkerState::Live;
    if live && run.cancel_requested_at.is_none() {
        let payload = EventPayload {
            reason: reason.map(str::to_owned),
            ..EventPayload::default()
        };
        events::append(&mut tx, id, EventType::CancelRequested, Actor::Api, &payload).await?;
    }
    if !live {
        ending::cancel_in(&mut tx, id, Actor::Api).await?;
    }
    let run = runs::find(&mut tx, id).await?;
    tx.commit().await?;
    Ok(run.map(|run| {
        if live {
            CancelOutcome::Requested(Box::new(run))
        } else {
            ended(run)
        }
    }))
}

async fn stamp(tx: &mut Tx, id: RunId, reason: Option<&str>, principal: &str) -> Result<(), StoreError> {
    execute!(
        tx,
        "update analysis_runs
         set cancel_requested_at = $2, cancel_reason = $3, canceled_by = $4, updated_at = $2
         where id = $1 and cancel_requested_at is null and status in ('queued', 'running', 'partial')",
        id,
        clock::now(),
        reason,
        principal
    )?;
    Ok(())
}

fn ended(run: Run) -> CancelOutcome {
    if run.status == crate::run::state::RunStatus::Canceled {
        CancelOutcome::Canceled(Box::new(run))
    } else {
        CancelOutcome::Ended(Box::new(run))
    }
}
