//! Enqueueing: the run, its first event, its idempotency key and its queue row, in one transaction.
//!
//! The queue row carries `{run_id}` and nothing else. The name of the queue stands here; the store writes its rows and
//! prunes them, and the worker's consumer delivers them.

use serde::{Deserialize, Serialize};

use crate::{
    faults::{self, Moment},
    run::{ids::RunId, request::RunRequest},
    store::{
        Store, StoreError,
        enqueue::{self, NewRun},
        idempotency::{self, Outcome},
        runs::{self, Run},
        session::Tx,
    },
};

/// Name of the queue.
pub const QUEUE: &str = "analyze";

/// What the queue delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The run to execute.
    pub run_id: RunId,
}

/// A request to start a run.
#[derive(Debug, Clone)]
pub struct Submission<'a> {
    /// What is asked for.
    pub request: &'a RunRequest,
    /// Key of the single flight.
    pub scope: &'a str,
    /// Be given an equal active run instead of a conflict.
    pub join: bool,
    /// Principal and idempotency key, if one was sent.
    pub key: Option<(&'a str, &'a str)>,
    /// W3C trace context, if one was sent.
    pub traceparent: Option<&'a str>,
}

/// What became of a submission.
#[derive(Debug)]
pub enum Submitted {
    /// A new run was queued.
    Accepted(Box<Run>),
    /// The active run answers the same question.
    Joined(Box<Run>),
    /// The key was used before with the same request: its run, as it is now.
    Replayed(Box<Run>),
    /// The key was used before with another request.
    KeyMismatch,
    /// Another run of the scope is active.
    Conflict(Box<Run>),
}

/// Starts a run, or says why not; all or nothing.
pub async fn submit(store: &Store, submission: &Submission<'_>) -> Result<Submitted, StoreError> {
    let new = NewRun {
        request: submission.request,
        scope: submission.scope,
        traceparent: submission.traceparent,
    };
    if submission.key.is_none()
        && let Some(run) = enqueue::enqueue_alone(store, &new).await?
    {
        return Ok(Submitted::Accepted(Box::new(run)));
    }
    let mut tx = store.begin().await?;
    if let Some(known) = replayed(&mut tx, submission).await? {
        return Ok(known);
    }
    let Some(run) = enqueue::enqueue(&mut tx, &new).await? else {
        return join_or_refuse(tx, submission).await;
    };
    remember(&mut tx, submission, run.id).await?;
    tx.commit().await?;
    faults::pass("post", Moment::Committed);
    Ok(Submitted::Accepted(Box::new(run)))
}

/// The single flight is taken: the active run is the answer to an equal question, if that was asked for.
async fn join_or_refuse(mut tx: Tx, submission: &Submission<'_>) -> Result<Submitted, StoreError> {
    let Some(active) = runs::active_of(&mut tx, submission.scope).await? else {
        return Err(StoreError::Unreadable {
            what: "analysis_runs_single_flight",
            reason: "the index holds a scope without an active run".to_owned(),
        });
    };
    if !(submission.join && active.request_hash == submission.request.hash()) {
        return Ok(Submitted::Conflict(Box::new(active)));
    }
    remember(&mut tx, submission, active.id).await?;
    tx.commit().await?;
    Ok(Submitted::Joined(Box::new(active)))
}

async fn replayed(tx: &mut Tx, submission: &Submission<'_>) -> Result<Option<Submitted>, StoreError> {
    let Some((principal, key)) = submission.key else {
        return Ok(None);
    };
    let Some(known) = idempotency::find(tx, principal, key).await? else {
        return Ok(None);
    };
    if known.request_hash != key_hash(submission) {
        return Ok(Some(Submitted::KeyMismatch));
    }
    let Some(id) = known.run_id else { return Ok(None) };
    Ok(runs::find(tx, id).await?.map(|run| Submitted::Replayed(Box::new(run))))
}

/// What a repeated key must agree with: the request, and what to do about a conflict.
fn key_hash(submission: &Submission<'_>) -> String {
    let conflict = if submission.join { "join" } else { "reject" };
    format!("{}+{conflict}", submission.request.hash())
}

async fn remember(tx: &mut Tx, submission: &Submission<'_>, run: RunId) -> Result<(), StoreError> {
    let Some((principal, key)) = submission.key else {
        return Ok(());
    };
    idempotency::remember(tx, principal, key, &key_hash(submission), Outcome::Run(run)).await
}
