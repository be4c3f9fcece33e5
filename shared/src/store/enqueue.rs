//! Enqueueing: the run, its first event and its queue row, all or none.
//!
//! One command for the database, because a caller waits for it: each further statement would be a switch to the
//! connection's thread and back. The queue row has the form in which the queue library pushes one (a test compares
//! the two), with `{run_id}` as its body and nothing else.

use chrono::{DateTime, Utc};
use ulid::Ulid;

use super::{
    Store, StoreError,
    error::unreadable,
    events,
    runs::Run,
    session::{Alone, Tx},
};
use crate::{
    clock,
    faults::{self, Moment},
    queue::QUEUE,
    run::{
        event::{Actor, EventPayload, EventType},
        ids::JobId,
        request::RunRequest,
    },
};

/// A run to enqueue.
#[derive(Debug, Clone)]
pub struct NewRun<'a> {
    /// What was asked for.
    pub request: &'a RunRequest,
    /// Key of the single flight.
    pub scope: &'a str,
    /// W3C trace context, if the caller sent one.
    pub traceparent: Option<&'a str>,
}

/// The three rows. The second and the third appear only if the first did: nobody else knows its `job_id`. The run is
/// selected and not returned by the insert, for which SQLite would build a table.
macro_rules! rows {
    ($run:ident, $insert:literal, $conflict:literal, $session:expr, $new:expr) => {{
        let new = $new;
        let now = clock::now();
        $run!(
            $session,
            Run,
            [
                concat!(
                    $insert,
                    " into analysis_runs
                     (job_id, scope, subreddit, request, request_hash, status, event_seq, queued_at, traceparent,
                      updated_at)
                     values ($1, $2, $3, $4, $5, 'queued', 1, $6, $7, $6) ",
                    $conflict
                ),
                "insert into run_events (run_id, event_seq, event_type, occurred_at, actor, payload)
                 select id, event_seq, $8, queued_at, $9, $10 from analysis_runs where job_id = $1",
                "insert into Jobs (job, id, job_type, status, attempts, max_attempts, run_at, priority, metadata)
                 select cast('{\"run_id\":' || id || '}' as blob), $11, $12, 'Pending', 0, 1, $13, 0, '{}'
                 from analysis_runs where job_id = $1",
                "select * from analysis_runs where job_id = $1",
            ],
            JobId::generate(),
            new.scope,
            &new.request.subreddit,
            serde_json::to_string(new.request).map_err(unreadable("request"))?,
            new.request.hash(),
            now,
            new.traceparent,
            EventType::Queued.name(),
            Actor::Api.as_str(),
            events::text(&EventPayload::default())?,
            task_id(now),
            QUEUE,
            now.timestamp(),
        )?
        .into_iter()
        .next()
    }};
}

/// Enqueues as part of `tx`; `None` when the scope has an active run.
pub async fn enqueue(tx: &mut Tx, new: &NewRun<'_>) -> Result<Option<Run>, StoreError> {
    let run = rows!(
        batch,
        "insert",
        "on conflict ((scope || '')) where status in ('queued', 'running', 'partial') do nothing",
        tx,
        new
    );
    faults::pass("post", Moment::Ready);
    Ok(run)
}

/// Enqueues in a transaction of its own; `None`, with nothing changed, when the scope has an active run.
pub async fn enqueue_alone(store: &Store, new: &NewRun<'_>) -> Result<Option<Run>, StoreError> {
    let mut alone = store.alone().await?;
    match insert(&mut alone, new).await {
        Err(error) if error.is_of("analysis_runs_single_flight") => {
            alone.unchanged();
            Ok(None)
        }
        run => {
            let run = run?;
            faults::pass("post", Moment::Committed);
            Ok(run)
        }
    }
}

/// A conflict ends the transaction, in SQLite's words: one that only did nothing would have used up a key, and so write.
async fn insert(alone: &mut Alone, new: &NewRun<'_>) -> Result<Option<Run>, StoreError> {
    Ok(rows!(transaction, "insert or rollback", "", alone, new))
}

/// Key of the queue row: a ULID, as the queue library makes them.
fn task_id(now: DateTime<Utc>) -> String {
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    Ulid::from_parts(millis, uuid::Uuid::now_v7().as_u128()).to_string()
}
