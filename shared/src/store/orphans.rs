//! Runs that nobody will resume: their worker is gone, and there is no other one.
//!
//! The last resort. A run without a live lease waits for the next worker; only when none has been seen and the run has
//! waited for longer than its time to live is it failed, so that its single flight is free again.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{Store, StoreError, claim::Candidate, ending, runs::Run};
use crate::{
    clock,
    run::{event::Actor, failure::ErrorCode, ids::RunId},
};

/// What the run is told.
const MESSAGE: &str = "Recovered from unexpected shutdown";
/// A worker not heard of for this long resumes nothing.
const SILENT: chrono::Duration = chrono::Duration::seconds(30);

/// Active runs without a worker, now or to come.
macro_rules! orphans {
    () => {
        "from analysis_runs
         where status in ('running', 'partial') and status in ('queued', 'running', 'partial')
           and coalesce(lease_expires_at, updated_at) < $1
           and not exists (select 1 from worker_processes where stopped_at is null and last_seen > $2)"
    };
}

/// Active runs whose lease ended, or was given back, longer than `ttl` ago, if no worker is there.
pub async fn find(store: &Store, ttl: Duration) -> Result<Vec<Candidate>, StoreError> {
    let Some(limits) = Limits::new(ttl) else {
        return Ok(Vec::new());
    };
    query!(
        &mut store.read().await?,
        fetch_all,
        Candidate,
        concat!("select id, attempt, lease_expires_at ", orphans!(), " order by id"),
        limits.since,
        limits.seen
    )
}

/// Fails those of `found` that are orphans still, each as it was found; yields them. Those whose cancel was asked for are
/// canceled.
pub async fn fail(store: &Store, ttl: Duration, found: &[Candidate]) -> Result<Vec<RunId>, StoreError> {
    let Some(limits) = Limits::new(ttl).filter(|_| !found.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut tx = store.begin().await?;
    let mut orphans = query!(
        &mut tx,
        fetch_all,
        Run,
        concat!("select * ", orphans!(), " order by id"),
        limits.since,
        limits.seen
    )?;
    orphans.retain(|run| found.contains(&Candidate::from(run)));
    for run in &orphans {
        if run.cancel_requested_at.is_some() {
            ending::cancel_in(&mut tx, run.id, Actor::System).await?;
        } else {
            ending::fail_in(&mut tx, run, Actor::System, ErrorCode::Orphaned, MESSAGE).await?;
        }
    }
    tx.commit().await?;
    orphans.retain(|run| run.cancel_requested_at.is_none());
    Ok(orphans.into_iter().map(|run| run.id).collect())
}

/// Instants before which a lease must have ended, and a worker have been seen last.
struct Limits {
    since: DateTime<Utc>,
    seen: DateTime<Utc>,
}

impl Limits {
    /// `None` when the time to live reaches back before all times.
    fn new(ttl: Duration) -> Option<Self> {
        let now = clock::now();
        let since = now.checked_sub_signed(chrono::Duration::from_std(ttl).ok()?)?;
        Some(Self {
            since,
            seen: now - SILENT,
        })
    }
}
