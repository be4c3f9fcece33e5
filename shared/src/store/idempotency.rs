//! `idempotency_keys`: a request that is sent twice does its work once.

use chrono::{DateTime, Duration, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    session::{Session, Tx},
};
use crate::{clock, run::ids::RunId};

/// How long a key is kept.
pub const KEPT: Duration = Duration::hours(24);

/// A key, as stored.
#[derive(Debug, Clone, FromRow)]
pub struct KeyRow {
    /// Hash of the request it came with.
    pub request_hash: String,
    /// The run it made or joined.
    pub run_id: Option<RunId>,
    /// The exit it booked.
    pub exit_id: Option<i64>,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The key, if it was used within [`KEPT`].
pub async fn find(session: &mut impl Session, principal: &str, key: &str) -> Result<Option<KeyRow>, StoreError> {
    query!(
        session,
        fetch_optional,
        KeyRow,
        "select request_hash, run_id, exit_id, created_at from idempotency_keys
         where principal = $1 and key = $2 and created_at > $3",
        principal,
        key,
        clock::now() - KEPT
    )
}

/// What a key led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A run was made or joined.
    Run(RunId),
    /// An exit was booked.
    Exit(i64),
}

/// Remembers the key; one that has expired is overwritten.
pub async fn remember(
    tx: &mut Tx,
    principal: &str,
    key: &str,
    request_hash: &str,
    outcome: Outcome,
) -> Result<(), StoreError> {
    let (run, exit) = match outcome {
        Outcome::Run(run) => (Some(run), None),
        Outcome::Exit(exit) => (None, Some(exit)),
    };
    execute!(
        tx,
        "insert into idempotency_keys (principal, key, request_hash, run_id, exit_id, created_at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (principal, key) do update
         set request_hash = excluded.request_hash, run_id = excluded.run_id, exit_id = excluded.exit_id,
             created_at = excluded.created_at",
        principal,
        key,
        request_hash,
        run,
        exit,
        clock::now()
    )?;
    Ok(())
}
