//! What a database file is before it is touched, and whether its tables can be read once it is open.

use std::{path::Path, time::Duration};

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqlitePool, sqlite::SqliteConnectOptions};

use super::{StoreError, database::explain};

/// Refuses a database that another program has made, with nothing of it changed: one with tables and without that of our
/// migrations.
pub(super) async fn refuse_foreign(path: &Path, patience: Duration) -> Result<(), StoreError> {
    if path.metadata().is_ok_and(|file| file.len() > 0)
        && !is_ours(path, patience).await.map_err(|e| explain(path, e))?
    {
        return Err(StoreError::Open(format!(
            "the database {} belongs to another program: it has tables, and none of them says which of our migrations it \
             has; name another file",
            path.display()
        )));
    }
    Ok(())
}

async fn is_ours(path: &Path, patience: Duration) -> Result<bool, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut conn = options.busy_timeout(patience).connect().await?;
    let (tables, ours): (i64, i64) = sqlx::query_as(
        "select count(*), count(case when name = 'analyze_migrations' then 1 end)
         from sqlite_master where type = 'table' and name not like 'sqlite!_%' escape '!'",
    )
    .fetch_one(&mut conn)
    .await?;
    conn.close().await?;
    Ok(tables == 0 || ours > 0)
}

/// Reads a row of every table: one whose pages are damaged is better met now than by a run.
pub(super) async fn read_every_table(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let names: Vec<(String,)> = sqlx::query_as("select name from sqlite_master where type = 'table' order by name")
        .fetch_all(pool)
        .await?;
    let quoted = names.iter().map(|(name,)| name.replace('"', "\"\""));
    let columns: Vec<_> = quoted
        .map(|name| format!("(select 1 from \"{name}\" not indexed limit 1)"))
        .collect();
    let all = format!("select {}", columns.join(", "));
    sqlx::query(AssertSqlSafe(all)).fetch_one(pool).await.map(drop)
}
