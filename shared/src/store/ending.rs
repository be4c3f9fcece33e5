//! The three ends of a run, each one transaction: outcome, warnings, event, and the checkpoints go.

use super::{
    Store, StoreError, claim::RunningRun, events, fence::Fence, phases, results, runs::Run, session::Tx, unit::Unit,
};
use crate::{
    clock,
    run::{
        event::{Actor, EventPayload, EventType},
        failure::ErrorCode,
        ids::{ResultId, RunId},
        result::AnalysisResult,
        warning::Warning,
    },
};

impl RunningRun {
    /// Stores the final result and ends the run as completed.
    pub async fn complete(self, result: &AnalysisResult, active_ms: i64) -> Result<ResultId, StoreError> {
        let mut unit = self.begin().await?;
        let id = self.run().id;
        let result_id = results::insert(unit.tx(), id, "final", result).await?;
        let payload = EventPayload {
            result_id: Some(result_id.clone()),
            ..EventPayload::default()
        };
        events::append(unit.tx(), id, EventType::Completed, Actor::Worker, &payload).await?;
        let warnings = collected_warnings(unit.tx(), id).await?;
        let rows = execute!(
            unit.tx(),
            "update analysis_runs
             set status = 'completed', completed_at = $2, updated_at = $2, progress_percent = 100, result_id = $3,
                 warnings = $4, active_ms = $5, lease_expires_at = null
             where id = $1 and status in ('running', 'partial')",
            id,
            clock::now(),
            &result_id,
            warnings,
            active_ms
        )?;
        guard(rows)?;
        drop_checkpoints(unit.tx(), id).await?;
        unit.commit().await?;
        Ok(result_id)
    }

    /// Ends the run as failed.
    pub async fn fail(self, code: ErrorCode, message: &str, active_ms: i64) -> Result<(), StoreError> {
        self.fence().fail(self.store(), code, message, active_ms).await
    }

    /// Ends the run as canceled, on the request that was recorded.
    pub async fn cancel(self, active_ms: i64) -> Result<(), StoreError> {
        let unit = self.begin().await?;
        self.cancel_in(unit, active_ms).await
    }

    /// The same in a unit that has begun.
    pub(super) async fn cancel_in(self, mut unit: Unit, active_ms: i64) -> Result<(), StoreError> {
        set_active(unit.tx(), self.run().id, active_ms).await?;
        cancel_in(unit.tx(), self.run().id, Actor::Worker).await?;
        unit.commit().await
    }
}

impl Fence {
    /// Ends the run as failed, for an executor whose handle is spent: a disk did not take the end it has tried.
    pub async fn fail(&self, store: &Store, code: ErrorCode, message: &str, active_ms: i64) -> Result<(), StoreError> {
        let mut unit = self.begin(store).await?;
        set_active(unit.tx(), self.run, active_ms).await?;
        fail_claimed(unit.tx(), self.run, self.attempt, Actor::Worker, code, message).await?;
        unit.commit().await
    }
}

async fn set_active(tx: &mut Tx, id: RunId, active_ms: i64) -> Result<(), StoreError> {
    execute!(
        tx,
        "update analysis_runs set active_ms = $2 where id = $1",
        id,
        active_ms
    )?;
    Ok(())
}

/// Ends an active, claimed run as failed inside a transaction that has proved its right to.
pub(super) async fn fail_in(
    tx: &mut Tx,
    run: &Run,
    actor: Actor,
    code: ErrorCode,
    message: &str,
) -> Result<(), StoreError> {
    fail_claimed(tx, run.id, run.attempt, actor, code, message).await
}

async fn fail_claimed(
    tx: &mut Tx,
    id: RunId,
    attempt: i64,
    actor: Actor,
    code: ErrorCode,
    message: &str,
) -> Result<(), StoreError> {
    let payload = EventPayload {
        error_code: Some(code.as_str().to_owned()),
        error_message: Some(message.to_owned()),
        attempt: Some(attempt),
        ..EventPayload::default()
    };
    events::append(tx, id, EventType::Failed, actor, &payload).await?;
    let warnings = collected_warnings(tx, id).await?;
    let rows = execute!(
        tx,
        "update analysis_runs
         set status = 'failed', completed_at = $2, updated_at = $2, error_code = $3, error_message = $4,
             warnings = $5, lease_expires_at = null
         where id = $1 and status in ('running', 'partial')",
        id,
        clock::now(),
        code.as_str(),
        message,
        warnings
    )?;
    guard(rows)?;
    drop_checkpoints(tx, id).await
}

/// Ends an active run as canceled inside a transaction that has proved its right to.
pub(super) async fn cancel_in(tx: &mut Tx, id: RunId, actor: Actor) -> Result<(), StoreError> {
    let (reason,) = query!(
        tx,
        fetch_one,
        (Option<String>,),
        "select cancel_reason from analysis_runs where id = $1",
        id
    )?;
    let payload = EventPayload {
        reason,
        ..EventPayload::default()
    };
    events::append(tx, id, EventType::Canceled, actor, &payload).await?;
    let warnings = collected_warnings(tx, id).await?;
    let rows = execute!(
        tx,
        "update analysis_runs
         set status = 'canceled', completed_at = $2, updated_at = $2, warnings = $3, lease_expires_at = null
         where id = $1 and status in ('queued', 'running', 'partial')",
        id,
        clock::now(),
        warnings
    )?;
    guard(rows)?;
    drop_checkpoints(tx, id).await
}

/// Exactly one row must have changed.
const fn guard(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::ClaimLost) }
}

/// What the phases have met, in order, as the run stores it; `None` when nothing.
async fn collected_warnings(tx: &mut Tx, id: RunId) -> Result<Option<String>, StoreError> {
    let mut all: Vec<Warning> = Vec::new();
    for phase in phases::list(tx, id).await? {
        for warning in phase.parsed_warnings()? {
            // Two phases may meet the same outage: a run tells of it once.
            if !all.iter().any(|known| known.says_the_same(&warning)) {
                all.push(warning);
            }
        }
    }
    if all.is_empty() {
        return Ok(None);
    }
    serde_json::to_string(&all)
        .map(Some)
        .map_err(super::error::unreadable("warnings"))
}

async fn drop_checkpoints(tx: &mut Tx, id: RunId) -> Result<(), StoreError> {
    execute!(tx, "delete from run_checkpoints where run_id = $1", id)?;
    Ok(())
}
