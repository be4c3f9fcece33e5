//! The end of an execution: whatever happened becomes exactly one end of the run, which consumes the claim.
//!
//! A disk that takes no writes takes no end either. The run then is failed as soon as a write goes through: until that
//! its lease is renewed as far as the disk lets it, and after a shutdown or a lost lease the next claimant resumes.

use std::{path::Path, time::Duration};

use shared::{
    run::failure::ErrorCode,
    store::{Store, StoreError, claim::RunningRun, fence::Fence, summary},
};

use crate::{
    control::{Control, StopReason},
    phase::{PhaseError, chain},
    stopwatch::Stopwatch,
};

/// Between two attempts to write on a disk that did not take the last one.
const DISK_PAUSE: Duration = Duration::from_secs(1);

/// Turns the outcome into the run's end.
pub(crate) async fn end(running: RunningRun, outcome: Result<(), PhaseError>, control: &Control, stopwatch: Stopwatch) {
    let (fence, store, completed) = (running.fence(), running.store().clone(), outcome.is_ok());
    let ended = match end_once(running, outcome, stopwatch.elapsed_ms()).await {
        Err(error) if error.is_of_disk() => {
            tracing::error!(error = %chain(&error), "run failed; its end is stored once the disk takes writes");
            let message = disk_message(&error, store.path());
            tokio::select! {
                biased;
                () = control.shut_down() => Err(error),
                ended = fail_when_possible(&store, &fence, &message, stopwatch.elapsed_ms()) => ended,
            }
        }
        Err(StoreError::ClaimLost) => Err(StoreError::ClaimLost),
        // Every phase is completed: whoever resumed would meet the same.
        Err(error) if completed => {
            tracing::error!(error = %chain(&error), "run failed: its result could not be stored");
            let message = format!("the result of the run could not be stored: {error}");
            let code = ErrorCode::DatabaseError;
            fence.fail(&store, code, &message, stopwatch.elapsed_ms()).await
        }
        other => other,
    };
    match ended {
        Ok(()) => {}
        Err(StoreError::ClaimLost) => tracing::warn!("the claim on the run is lost; nothing more is written"),
        Err(error) => tracing::error!(error = %chain(&error), "the end of the run could not be stored"),
    }
}

async fn end_once(running: RunningRun, outcome: Result<(), PhaseError>, active_ms: i64) -> Result<(), StoreError> {
    match outcome {
        Ok(()) => finish(running, active_ms).await,
        Err(PhaseError::Stopped(StopReason::Canceled)) => {
            tracing::info!("run canceled");
            running.cancel(active_ms).await
        }
        Err(PhaseError::Stopped(StopReason::Shutdown)) => {
            tracing::info!("run handed over");
            running.hand_over(active_ms).await
        }
        Err(PhaseError::Stopped(StopReason::Lost)) => Err(StoreError::ClaimLost),
        Err(error @ PhaseError::Failed { .. }) => fail(running, &error, active_ms).await,
    }
}

async fn finish(running: RunningRun, active_ms: i64) -> Result<(), StoreError> {
    let result = summary::build(running.store(), running.run()).await?;
    let (signals, comments) = (result.signals.len(), result.counts.comments_annotated);
    running.complete(&result, active_ms).await?;
    tracing::info!(signals, comments, active_ms, "run completed");
    Ok(())
}

async fn fail(running: RunningRun, error: &PhaseError, active_ms: i64) -> Result<(), StoreError> {
    let PhaseError::Failed { code, message, source } = error else {
        return Ok(());
    };
    tracing::error!(error.code = code.as_str(), error = %chain(error), "run failed");
    let cause = source.as_deref().and_then(|cause| cause.downcast_ref::<StoreError>());
    match cause.filter(|cause| cause.is_of_disk()) {
        Some(cause) => {
            let message = disk_message(cause, running.store().path());
            running.fail(*code, &message, active_ms).await
        }
        None => running.fail(*code, message, active_ms).await,
    }
}

/// Says what is wrong with the disk, where, and what to do.
fn disk_message(error: &StoreError, database: &Path) -> String {
    let database = database.display();
    let (what, remedy) = match error {
        StoreError::Full(_) => ("is full", "make room"),
        _ => ("does not take writes", "mend it"),
    };
    format!("the disk that holds the database {database} {what}; {remedy}, then start the analysis again")
}

/// Tries until the disk takes the write or the claim is lost.
async fn fail_when_possible(store: &Store, fence: &Fence, message: &str, active_ms: i64) -> Result<(), StoreError> {
    loop {
        match fence.fail(store, ErrorCode::DatabaseError, message, active_ms).await {
            Err(error) if error.is_of_disk() => {
                tracing::debug!(error = %chain(&error), "the disk still takes no writes");
                tokio::time::sleep(DISK_PAUSE).await;
            }
            other => return other,
        }
    }
}
