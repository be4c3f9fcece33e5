//! The tables of the queue library, `Jobs` and `Workers`: its own migrations, and what they are relieved of.

use apalis_sqlite::SqliteStorage;
use sqlx::{SqlitePool, migrate::MigrateError};

/// Indexes of `Jobs` that no statement of ours needs: they serve the library's statistics, or lead it from a job's key to
/// all jobs that a worker has ever had. Each is a page to write in every request that starts a run.
const UNUSED: &str = "drop index if exists LIdx;
    drop index if exists idx_jobs_job_type_status_run_at;
    drop index if exists idx_jobs_claimable;";

/// Brings the tables up to date; writes nothing when they are.
pub(super) async fn migrate(pool: &SqlitePool) -> Result<(), MigrateError> {
    SqliteStorage::<()>::migrations().run(pool).await?;
    sqlx::raw_sql(UNUSED).execute(pool).await?;
    Ok(())
}
