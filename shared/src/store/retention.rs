//! What may go once a run has ended and its time has passed; runs and what they found out stay for ever.
//!
//! Payloads of results go and leave a tombstone, the events of a run go all at once, finished queue rows and used
//! idempotency keys go row by row. Everything happens in short transactions, so that a sweep over years of history
//! never keeps a run waiting. A dry run counts with the same conditions.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Store, StoreError, idempotency};

/// Rows, or runs, that one transaction prunes.
const BATCH: i64 = 500;

/// How long each kind is kept; `None` for ever, zero not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Payloads of final results.
    pub results: Option<Duration>,
    /// Payloads of partial results.
    pub partials: Option<Duration>,
    /// Events of runs that have ended.
    pub events: Option<Duration>,
    /// Finished rows of the queue.
    pub queue: Option<Duration>,
}

/// How much went, or would go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Payloads of final results.
    pub results: i64,
    /// Payloads of partial results.
    pub partials: i64,
    /// Events.
    pub events: i64,
    /// Rows of the queue.
    pub queue: i64,
    /// Idempotency keys.
    pub keys: i64,
}

impl Pruned {
    /// Whether there was nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Runs that nothing will change any more.
macro_rules! ended {
    () => {
        "(select id from analysis_runs where status in ('completed', 'failed', 'canceled'))"
    };
}

macro_rules! old_payloads {
    () => {
        concat!(
            "from run_results where kind = $1 and payload is not null and created_at <= $2 and run_id in ",
            ended!()
        )
    };
}

macro_rules! old_runs {
    () => {
        "(select run_id from run_events where event_seq = 1 and run_id in (
             select id from analysis_runs
             where status in ('completed', 'failed', 'canceled') and completed_at <= $1))"
    };
}

macro_rules! finished_jobs {
    () => {
        "from Jobs where status in ('Done', 'Failed', 'Killed') and coalesce(done_at, run_at) <= $1"
    };
}

/// Counts what would go at `now`.
pub async fn due(store: &Store, retention: &Retention, now: DateTime<Utc>) -> Result<Pruned, StoreError> {
    let mut conn = store.read().await?;
    let mut count = Pruned::default();
    for (kind, kept, found) in [
        ("final", retention.results, &mut count.results),
        ("partial", retention.partials, &mut count.partials),
    ] {
        if let Some(cut) = cut(now, kept) {
            let sql = concat!("select count(*) ", old_payloads!());
            (*found,) = query!(&mut conn, fetch_one, (i64,), sql, kind, cut)?;
        }
    }
    if let Some(cut) = cut(now, retention.events) {
        let sql = concat!("select count(*) from run_events where run_id in ", old_runs!());
        (count.events,) = query!(&mut conn, fetch_one, (i64,), sql, cut)?;
    }
    if let Some(cut) = cut(now, retention.queue) {
        let sql = concat!("select count(*) ", finished_jobs!());
        (count.queue,) = query!(&mut conn, fetch_one, (i64,), sql, cut.timestamp())?;
    }
    let sql = "select count(*) from idempotency_keys where created_at <= $1";
    (count.keys,) = query!(&mut conn, fetch_one, (i64,), sql, now - idempotency::KEPT)?;
    Ok(count)
}

/// Removes what has passed its time at `now`.
pub async fn prune(store: &Store, retention: &Retention, now: DateTime<Utc>) -> Result<Pruned, StoreError> {
    let mut gone = Pruned::default();
    for (kind, kept, found) in [
        ("final", retention.results, &mut gone.results),
        ("partial", retention.partials, &mut gone.partials),
    ] {
        if let Some(cut) = cut(now, kept) {
            *found = prune_payloads(store, kind, cut, now).await?;
        }
    }
    if let Some(cut) = cut(now, retention.events) {
        gone.events = prune_events(store, cut).await?;
    }
    if let Some(cut) = cut(now, retention.queue) {
        gone.queue = prune_queue(store, cut.timestamp()).await?;
    }
    gone.keys = prune_keys(store, now - idempotency::KEPT).await?;
    Ok(gone)
}

/// The instant before which things are too old.
fn cut(now: DateTime<Utc>, kept: Option<Duration>) -> Option<DateTime<Utc>> {
    // A time before all times keeps everything.
    now.checked_sub_signed(chrono::Duration::from_std(kept?).ok()?)
}

/// Repeats a transaction that changes at most a batch, until one changes less.
macro_rules! in_batches {
    ($store:expr, $sql:expr $(, $bind:expr)*) => {{
        let mut all = 0;
        loop {
            let mut tx = $store.begin().await?;
            let rows = execute!(&mut tx, $sql $(, $bind)*)?;
            tx.commit().await?;
            all += i64::try_from(rows).unwrap_or(i64::MAX);
            if rows == 0 {
                return Ok(all);
            }
        }
    }};
}

async fn prune_payloads(
    store: &Store,
    kind: &'static str,
    cut: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    in_batches!(
        store,
        concat!(
            "update run_results set payload = null, pruned_at = $3
             where result_id in (select result_id ",
            old_payloads!(),
            " limit $4)"
        ),
        kind,
        cut,
        now,
        BATCH
    )
}

async fn prune_events(store: &Store, cut: DateTime<Utc>) -> Result<i64, StoreError> {
    in_batches!(
        store,
        concat!(
            "delete from run_events where run_id in (select run_id from ",
            old_runs!(),
            " as old limit $2)"
        ),
        cut,
        BATCH / 10
    )
}

async fn prune_queue(store: &Store, cut: i64) -> Result<i64, StoreError> {
    in_batches!(
        store,
        concat!(
            "delete from Jobs where id in (select id ",
            finished_jobs!(),
            " limit $2)"
        ),
        cut,
        BATCH
    )
}

async fn prune_keys(store: &Store, cut: DateTime<Utc>) -> Result<i64, StoreError> {
    in_batches!(
        store,
        "delete from idempotency_keys where (principal, key) in (
             select principal, key from idempotency_keys where created_at <= $1 limit $2)",
        cut,
        BATCH
    )
}
