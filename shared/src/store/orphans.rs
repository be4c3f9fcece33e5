//! Runs that nobody will resume: their worker is gone, and there is no other one.
//!
//! The last resort. A run without a live lease waits for the next worker; only when none has been seen and the run has
//! waited for longer than its time to live is it failed, so that its single flight is free again.

use std::time::Duration;

use super::{Store, StoreError, ending, runs::Run};
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
         where status in ('running', 'partial') and coalesce(lease_expires_at, updated_at) < $1
           and not exists (select 1 from worker_processes where stopped_at is null and last_seen > $2)"
    };
}

/// Fails active runs whose lease ended, or was given back, longer than `ttl` ago, if no worker is there; yields them.
pub async fn sweep(store: &Store, ttl: Duration) -> Result<Vec<RunId>, StoreError> {
    let now = clock::now();
    let Some(since) = chrono::Duration::from_std(ttl)
        .ok()
        .and_then(|ttl| now.checked_sub_signed(ttl))
    else {
        return Ok(Vec::new());
    };
    // First without the write lock: nearly always there is nothing.
    let count = concat!("select count(*) ", orphans!());
    let (count,) = query!(&mut store.read().await?, fetch_one, (i64,), count, since, now - SILENT)?;
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut tx = store.begin().await?;
    let orphans = query!(
        &mut tx,
        fetch_all,
        Run,
        concat!("select * ", orphans!(), " order by id"),
        since,
        now - SILENT
    )?;
    for run in &orphans {
        ending::fail_in(&mut tx, run, Actor::System, ErrorCode::Orphaned, MESSAGE).await?;
    }
    tx.commit().await?;
    Ok(orphans.into_iter().map(|run| run.id).collect())
}
