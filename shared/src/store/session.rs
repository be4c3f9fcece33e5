//! One way to run a statement, on a pooled connection or in a transaction, on any engine.
//!
//! The macros expand the same SQL text into one arm per engine; binds are moved into the arm that runs. Adding an
//! engine means one variant in each enum here and one arm in each macro.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::{TryStreamExt as _, stream::BoxStream};
use sqlx::{
    Either, FromRow, Sqlite, SqliteConnection, Transaction,
    pool::PoolConnection,
    sqlite::{SqliteQueryResult, SqliteRow},
};
use tokio::sync::OwnedMutexGuard;

use super::commit_signal::CommitSignal;

/// An engine's connection, borrowed for one statement.
#[derive(Debug)]
pub enum Raw<'a> {
    /// SQLite.
    Sqlite(&'a mut SqliteConnection),
}

/// Something statements run on.
pub trait Session: Send {
    /// The engine's connection.
    fn raw(&mut self) -> Raw<'_>;
}

/// A pooled connection, for reads.
#[derive(Debug)]
pub enum Conn {
    /// SQLite.
    Sqlite(PoolConnection<Sqlite>),
}

/// A write transaction; rolled back when dropped.
#[derive(Debug)]
pub struct Tx {
    engine: EngineTx,
    turn: Turn,
}

/// This process's turn to write, kept until the transaction is over. Told that the transaction was committed it tells
/// everybody else; otherwise the writer's connection is looked at before anybody else gets it.
#[derive(Debug)]
pub(super) struct Turn {
    _guard: OwnedMutexGuard<()>,
    standing: Arc<Standing>,
    signal: Arc<CommitSignal>,
}

/// Where the writer's connection stands, for whoever gets it back.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// Its last transaction was not seen to its end.
    pub(super) open: AtomicBool,
    /// Nor was its commit, which was on its way.
    pub(super) committing: AtomicBool,
}

impl Turn {
    pub(super) fn new(guard: OwnedMutexGuard<()>, standing: Arc<Standing>, signal: Arc<CommitSignal>) -> Self {
        standing.open.store(true, Ordering::Relaxed);
        Self {
            _guard: guard,
            standing,
            signal,
        }
    }

    fn commits(&self) {
        self.standing.committing.store(true, Ordering::Relaxed);
    }

    fn committed(&self) {
        self.over();
        self.signal.send();
    }

    /// The same, and the others are told when the task that waits for this has gone on: it has an answer to give, and
    /// they would compete with it.
    fn committed_for_an_answer(&self) {
        self.over();
        let signal = Arc::clone(&self.signal);
        tokio::spawn(async move { signal.send() });
    }

    fn over(&self) {
        self.standing.open.store(false, Ordering::Relaxed);
        self.standing.committing.store(false, Ordering::Relaxed);
    }
}

/// A transaction of an engine.
#[derive(Debug)]
pub enum EngineTx {
    /// SQLite; one that writes is begun immediate.
    Sqlite(Transaction<'static, Sqlite>),
}

/// The writer's connection outside a transaction, for one that is a single command; see `transaction!`.
#[derive(Debug)]
pub struct Alone {
    conn: Conn,
    turn: Turn,
}

impl Session for Alone {
    fn raw(&mut self) -> Raw<'_> {
        self.conn.raw()
    }
}

impl Alone {
    /// A connection of the writer, in its turn.
    pub(super) fn new(conn: Conn, turn: Turn) -> Self {
        turn.commits();
        Self { conn, turn }
    }

    /// The command has run to its end.
    pub(super) fn committed(&self) {
        self.turn.committed();
    }

    /// The same, and somebody waits for the answer.
    pub(super) fn committed_for_an_answer(&self) {
        self.turn.committed_for_an_answer();
    }

    /// The same, and there is nothing to tell anybody.
    pub(super) fn unchanged(&self) {
        self.turn.over();
    }
}

impl Session for Conn {
    fn raw(&mut self) -> Raw<'_> {
        match self {
            Self::Sqlite(conn) => Raw::Sqlite(conn),
        }
    }
}

impl Session for Tx {
    fn raw(&mut self) -> Raw<'_> {
        match &mut self.engine {
            EngineTx::Sqlite(tx) => Raw::Sqlite(tx),
        }
    }
}

/// Several reads that see the database at one instant: that of the first.
#[derive(Debug)]
pub struct Snapshot(pub(super) EngineTx);

impl Session for Snapshot {
    fn raw(&mut self) -> Raw<'_> {
        match &mut self.0 {
            EngineTx::Sqlite(tx) => Raw::Sqlite(tx),
        }
    }
}

impl Tx {
    /// A transaction that was begun in the turn of its writer.
    pub(super) const fn new(engine: EngineTx, turn: Turn) -> Self {
        Self { engine, turn }
    }

    /// Makes everything done in it true.
    pub async fn commit(self) -> Result<(), super::StoreError> {
        let Self { engine, turn } = self;
        turn.commits();
        match engine {
            EngineTx::Sqlite(tx) => tx.commit().await?,
        }
        turn.committed();
        Ok(())
    }
}

/// Runs a statement; yields the number of rows it changed.
macro_rules! execute {
    ($session:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $crate::store::session::Session::raw($session) {
            $crate::store::session::Raw::Sqlite(conn) => sqlx::query($sql)
                $(.bind($bind))*
                .execute(conn)
                .await
                .map(|done| done.rows_affected())
                .map_err($crate::store::StoreError::from),
        }
    };
}

/// Runs a query and yields its rows as `$row`, by `fetch_one`, `fetch_optional` or `fetch_all`.
macro_rules! query {
    ($session:expr, $fetch:ident, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $crate::store::session::Session::raw($session) {
            $crate::store::session::Raw::Sqlite(conn) => sqlx::query_as::<_, $row>($sql)
                $(.bind($bind))*
                .$fetch(conn)
                .await
                .map_err($crate::store::StoreError::from),
        }
    };
}

/// The rows of a command of so many statements. Reads up to the end of the last one and no further: the end of the
/// stream would be one more switch between threads.
pub(super) async fn rows_of<R>(
    mut command: BoxStream<'_, Result<Either<SqliteQueryResult, SqliteRow>, sqlx::Error>>,
    mut statements: usize,
) -> Result<Vec<R>, sqlx::Error>
where
    R: for<'r> FromRow<'r, SqliteRow>,
{
    let mut rows = Vec::new();
    while statements > 0 {
        match command.try_next().await? {
            Some(Either::Left(_)) => statements -= 1,
            Some(Either::Right(row)) => rows.push(R::from_row(&row)?),
            None => break,
        }
    }
    Ok(rows)
}

/// Runs several statements, of which only one yields rows, as one command; yields these rows.
///
/// They share their binds: `$1` is the same value in each. On SQLite a command is a switch to the connection's thread
/// and back, so this is for the few statements that everybody waits for.
macro_rules! batch {
    ($session:expr, $row:ty, [$first:expr $(, $sql:expr)+ $(,)?] $(, $bind:expr)* $(,)?) => {
        match $crate::store::session::Session::raw($session) {
            $crate::store::session::Raw::Sqlite(conn) => {
                sqlx::query_as::<_, $row>(concat!($first $(, ";\n", $sql)+))
                    $(.bind($bind))*
                    .fetch_all(conn)
                    .await
                    .map_err($crate::store::StoreError::from)
            }
        }
    };
}

/// The same as a whole transaction on an [`Alone`], for a caller who has an answer to give. It commits even when the caller
/// goes away; when it fails, its connection is found in the transaction on release and closed, and so rolled back.
macro_rules! transaction {
    ($session:expr, $row:ty, [$first:expr $(, $sql:expr)+ $(,)?] $(, $bind:expr)* $(,)?) => {{
        let session: &mut $crate::store::session::Alone = $session;
        let rows = match $crate::store::session::Session::raw(session) {
            $crate::store::session::Raw::Sqlite(conn) => {
                let query = sqlx::query(concat!("begin immediate;\n", $first $(, ";\n", $sql)+, ";\ncommit"))
                    $(.bind($bind))*;
                let statements = [$first $(, $sql)+].len() + 2;
                $crate::store::session::rows_of::<$row>(sqlx::Executor::fetch_many(conn, query), statements)
                    .await
                    .map_err($crate::store::StoreError::from)
            }
        };
        if rows.is_ok() {
            session.committed_for_an_answer();
        }
        rows
    }};
}
