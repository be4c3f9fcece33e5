//! Whether the database has changed: `PRAGMA data_version` on a connection that never writes.

use sqlx::{ConnectOptions, SqliteConnection};

use crate::store::{Store, StoreError};

/// The version last seen.
#[derive(Debug)]
pub(super) struct Version {
    conn: SqliteConnection,
    seen: i64,
}

impl Version {
    pub(super) async fn open(store: &Store) -> Result<Self, StoreError> {
        let mut conn = store.read_only_options().connect().await?;
        let seen = read(&mut conn).await?;
        Ok(Self { conn, seen })
    }

    /// Whether somebody has committed since the last call; an unreadable version counts as a change.
    pub(super) async fn has_moved(&mut self) -> bool {
        match read(&mut self.conn).await {
            Ok(version) => std::mem::replace(&mut self.seen, version) != version,
            Err(error) => {
                tracing::debug!(%error, "cannot read data_version");
                true
            }
        }
    }
}

async fn read(conn: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let (version,): (i64,) = sqlx::query_as("pragma data_version").fetch_one(conn).await?;
    Ok(version)
}
