//! `worker_processes`: which workers there are, and taking over what a dead one of this host left behind.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{Store, StoreError, session::Session};
use crate::{clock, run::ids::RunId};

/// A worker process, as stored.
#[derive(Debug, Clone, FromRow)]
pub struct ProcessRow {
    /// Unique per start.
    pub id: String,
    /// Host name.
    pub host: String,
    /// Process id on that host.
    pub pid: i64,
    /// Clock ticks since boot: tells a reused pid apart.
    pub process_started_at: i64,
    /// Start.
    pub started_at: DateTime<Utc>,
    /// Last sign of life.
    pub last_seen: DateTime<Utc>,
    /// Version of the program.
    pub version: String,
    /// JSON: which source each trait is bound to.
    pub sources: String,
    /// Orderly end.
    pub stopped_at: Option<DateTime<Utc>>,
}

/// Records a worker that starts.
pub async fn register(store: &Store, process: &ProcessRow) -> Result<(), StoreError> {
    let mut tx = store.begin_patiently().await?;
    execute!(
        &mut tx,
        "insert into worker_processes (id, host, pid, process_started_at, started_at, last_seen, version, sources)
         values ($1, $2, $3, $4, $5, $5, $6, $7)",
        &process.id,
        &process.host,
        process.pid,
        process.process_started_at,
        process.started_at,
        &process.version,
        &process.sources
    )?;
    tx.commit().await
}

/// A sign of life.
pub async fn touch(store: &Store, id: &str) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    execute!(
        &mut tx,
        "update worker_processes set last_seen = $2 where id = $1",
        id,
        clock::now()
    )?;
    tx.commit().await
}

/// Records an orderly end.
pub async fn stop(store: &Store, id: &str) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    execute!(
        &mut tx,
        "update worker_processes set stopped_at = $2, last_seen = $2 where id = $1",
        id,
        clock::now()
    )?;
    tx.commit().await
}

/// Workers seen within the last day that have not ended in order, newest first.
pub async fn list(session: &mut impl Session) -> Result<Vec<ProcessRow>, StoreError> {
    query!(
        session,
        fetch_all,
        ProcessRow,
        "select * from worker_processes where stopped_at is null and last_seen > $1 order by started_at desc",
        clock::now() - chrono::Duration::days(1)
    )
}

/// Workers of this host that hold the lease of an active run. All active states are named, too, for the index of the
/// active runs: this is asked every second.
pub async fn holders_on(store: &Store, host: &str) -> Result<Vec<ProcessRow>, StoreError> {
    query!(
        &mut store.read().await?,
        fetch_all,
        ProcessRow,
        "select * from worker_processes where host = $1 and id in (
            select worker_id from analysis_runs
            where status in ('running', 'partial') and status in ('queued', 'running', 'partial')
              and worker_id is not null and lease_expires_at is not null)",
        host
    )
}

/// Ends the leases of a worker that is known to be dead; yields the runs that can be resumed now.
pub async fn expire_leases_of(store: &Store, worker: &str) -> Result<Vec<RunId>, StoreError> {
    let mut tx = store.begin_patiently().await?;
    let now = clock::now();
    let rows = query!(
        &mut tx,
        fetch_all,
        (RunId,),
        "update analysis_runs set lease_expires_at = null, updated_at = $2
         where worker_id = $1 and status in ('running', 'partial') and status in ('queued', 'running', 'partial')
           and lease_expires_at is not null returning id",
        worker,
        now
    )?;
    execute!(
        &mut tx,
        "update worker_processes set stopped_at = $2 where id = $1",
        worker,
        now
    )?;
    tx.commit().await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
