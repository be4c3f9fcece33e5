//! Opening the database: pragmas, the migration lock, both sets of migrations, and what is said when it fails.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sqlx::{
    Connection as _, SqliteConnection, SqlitePool,
    migrate::{MigrateError, Migrator},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::Mutex;

use super::{
    StoreError,
    commit_signal::CommitSignal,
    inspection, queue_tables,
    session::{Alone, Conn, EngineTx, Snapshot, Standing, Turn, Tx},
};
use crate::config::{Config, DatabaseUrl, Synchronous};

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations/sqlite");

/// Pages of the write-ahead log at which whoever commits writes them to the database himself. A worker does so much
/// earlier, in a quiet moment; see [`Store::write_log_back`].
const LONGEST_LOG: &str = "4000";

/// Longer than any disk stalls and still is one.
const PATIENCE: Duration = Duration::from_hours(1);

/// A worker is never in such a hurry, whatever the server's clients are told.
const LEAST_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections of a process for reads.
const POOL_SIZE: u32 = 3;

/// The database, as every part of a process sees it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
    /// One connection for all writes of the process: its page cache survives its own commits.
    writer: SqlitePool,
    /// Writers of this process take turns: the engine's own lock is polled with growing sleeps and is not fair.
    turn: Arc<Mutex<()>>,
    /// Where the writer's connection stands.
    standing: Arc<Standing>,
    signal: Arc<CommitSignal>,
    busy_timeout: Duration,
    path: PathBuf,
    options: SqliteConnectOptions,
}

impl Store {
    /// Opens the database, creates it when there is none, and brings its schema up to date.
    ///
    /// Two processes may do so at the same instant: a file lock is taken before the first connection.
    pub async fn open(config: &Config) -> Result<Self, StoreError> {
        Self::open_with(config, config.busy_timeout, config.busy_timeout).await
    }

    /// The same for one whose reads wait for a connection as long as it takes, as nobody waits for an answer: a disk that
    /// stalls delays a run and does not fail it.
    pub async fn open_patiently(config: &Config) -> Result<Self, StoreError> {
        Self::open_with(config, PATIENCE, config.busy_timeout.max(LEAST_BUSY_TIMEOUT)).await
    }

    async fn open_with(config: &Config, patience: Duration, busy_timeout: Duration) -> Result<Self, StoreError> {
        #[cfg(feature = "faults")]
        crate::faults::arm(&config.faults);
        let DatabaseUrl::Sqlite(path) = &config.database;
        let options = connect_options(path, config, busy_timeout);
        let lock = lock_migrations(path).await?;
        inspection::refuse_foreign(path, busy_timeout).await?;
        // What reads leave behind holds no lock that a write wants.
        let pool = connect(&options, POOL_SIZE, patience, Release::default())
            .await
            .map_err(|e| explain(path, e))?;
        migrate(&pool, path).await?;
        inspection::read_every_table(&pool)
            .await
            .map_err(|e| explain(path, e))?;
        drop(lock);
        let (standing, signal) = (Arc::<Standing>::default(), Arc::new(CommitSignal::open(path)));
        let release = Release {
            standing: Arc::clone(&standing),
            signal: Some(Arc::clone(&signal)),
        };
        let writer = connect(&options, 1, busy_timeout, release)
            .await
            .map_err(|e| explain(path, e))?;
        Ok(Self {
            pool,
            writer,
            turn: Arc::default(),
            standing,
            signal,
            busy_timeout,
            path: path.clone(),
            options,
        })
    }

    /// A connection for reads.
    pub async fn read(&self) -> Result<Conn, StoreError> {
        Ok(Conn::Sqlite(self.pool.acquire().await?))
    }

    /// Whether the database has every migration of this version; an error when its runs cannot be read.
    pub async fn is_migrated(&self) -> Result<bool, StoreError> {
        let Conn::Sqlite(mut conn) = self.read().await?;
        let (applied, _): (i64, i64) = sqlx::query_as(
            "select count(*), (select count(*) from analysis_runs where id = 0) from analyze_migrations where success",
        )
        .fetch_one(&mut *conn)
        .await?;
        Ok(usize::try_from(applied).is_ok_and(|applied| applied >= MIGRATIONS.migrations.len()))
    }

    /// A connection for reads that belong together: what others commit meanwhile is not seen.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(Snapshot(EngineTx::Sqlite(self.pool.begin().await?)))
    }

    /// A write transaction, with the write lock already held; [`StoreError::Busy`] after the busy timeout.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let turn = self.turn().await?;
        let tx = self.writer.begin_with("begin immediate").await?;
        Ok(Tx::new(EngineTx::Sqlite(tx), turn))
    }

    /// The writer's connection, for a transaction that is a single command.
    pub(super) async fn alone(&self) -> Result<Alone, StoreError> {
        let turn = self.turn().await?;
        Ok(Alone::new(Conn::Sqlite(self.writer.acquire().await?), turn))
    }

    async fn turn(&self) -> Result<Turn, StoreError> {
        let guard = tokio::time::timeout(self.busy_timeout, Arc::clone(&self.turn).lock_owned())
            .await
            .map_err(|_| StoreError::Busy(sqlx::Error::PoolTimedOut))?;
        Ok(Turn::new(guard, Arc::clone(&self.standing), Arc::clone(&self.signal)))
    }

    /// The same, however long somebody else holds the lock.
    pub async fn begin_patiently(&self) -> Result<Tx, StoreError> {
        let mut patience = Patience::default();
        loop {
            match self.begin().await {
                Err(error) if error.is_busy() => patience.pause().await,
                other => return other,
            }
        }
    }

    /// A pool of its own over the same database, for parts that must not wait for the application's.
    pub async fn separate_pool(&self, size: u32, busy_timeout: Duration) -> Result<SqlitePool, StoreError> {
        let options = self.options.clone().busy_timeout(busy_timeout);
        let always = Release::default();
        always.standing.open.store(true, Ordering::Relaxed);
        Ok(connect(&options, size, busy_timeout.max(Duration::from_secs(5)), always).await?)
    }

    /// The same store over a pool of its own.
    pub async fn separate(&self, size: u32, busy_timeout: Duration) -> Result<Self, StoreError> {
        let pool = self.separate_pool(size, busy_timeout).await?;
        Ok(Self {
            writer: pool.clone(),
            pool,
            turn: Arc::default(),
            standing: Arc::default(),
            signal: Arc::clone(&self.signal),
            busy_timeout,
            path: self.path.clone(),
            options: self.options.clone(),
        })
    }

    /// Writes the log to the database file, as far as no reader needs it; nobody waits meanwhile.
    pub async fn write_log_back(&self) -> Result<(), StoreError> {
        match self.read().await? {
            Conn::Sqlite(mut conn) => {
                sqlx::raw_sql("pragma wal_checkpoint(passive)")
                    .execute(&mut *conn)
                    .await?
            }
        };
        Ok(())
    }

    /// The database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Closes every connection of the pool.
    pub async fn close(&self) {
        self.writer.close().await;
        self.pool.close().await;
    }
}

/// Growing pauses for as long as the database is locked by somebody else.
#[derive(Debug, Default)]
pub(super) struct Patience(u32);

impl Patience {
    pub(super) async fn pause(&mut self) {
        self.0 += 1;
        tracing::warn!(tries = self.0, "the database is locked; waiting");
        tokio::time::sleep(jitter(self.0)).await;
    }
}

/// 20 to 500 ms, spread so that waiting processes do not march in step.
fn jitter(tries: u32) -> Duration {
    let cap = 20 * u64::from(tries.min(25));
    let noise = u64::from(uuid::Uuid::now_v7().as_bytes()[15]);
    Duration::from_millis(cap / 2 + noise * cap / 510 + 10)
}

fn connect_options(path: &Path, config: &Config, busy_timeout: Duration) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(match config.synchronous {
            Synchronous::Full => SqliteSynchronous::Full,
            Synchronous::Normal => SqliteSynchronous::Normal,
        })
        .foreign_keys(true)
        .busy_timeout(busy_timeout)
        .pragma("wal_autocheckpoint", LONGEST_LOG)
        .optimize_on_close(false, None)
}

/// What happens to a connection when it is released.
#[derive(Debug, Clone, Default)]
struct Release {
    standing: Arc<Standing>,
    /// Rung when somebody went away from his commit.
    signal: Option<Arc<CommitSignal>>,
}

impl Release {
    /// Whether the connection can be used again. One that was left in the middle of a command answers after it.
    async fn settle(self, conn: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        if !self.standing.open.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let clean = is_clean(conn).await;
        if let Some(signal) = self.signal.filter(|_| self.standing.committing.load(Ordering::Relaxed)) {
            signal.send();
        }
        clean
    }
}

async fn connect(
    options: &SqliteConnectOptions,
    size: u32,
    patience: Duration,
    release: Release,
) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(patience.max(Duration::from_secs(1)))
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_release(move |conn, _| {
            let release = release.clone();
            Box::pin(release.settle(conn))
        })
        .connect_with(options.clone())
        .await
}

/// Whether a released connection has left its transaction, for the database and for the driver: only then another can
/// begin. One that has not is closed. A statement of an [`Alone`] that failed leaves the database in a transaction,
/// which would hold the write lock; one that fails on a full disk ends it behind the driver's back, which then takes
/// the connection to be in it for ever.
async fn is_clean(conn: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    match conn.begin_with("begin").await {
        Ok(tx) => Ok(tx.rollback().await.is_ok()),
        Err(_) => Ok(false),
    }
}

/// Holds `<database>.lock` until dropped.
async fn lock_migrations(path: &Path) -> Result<File, StoreError> {
    if path.is_dir() {
        return Err(StoreError::Open(format!(
            "{} is a folder; name a database file",
            path.display()
        )));
    }
    let lock_path = PathBuf::from(format!("{}.lock", path.display()));
    let folder = path.parent().map(Path::to_path_buf);
    tokio::task::spawn_blocking(move || {
        if let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let file = File::create(&lock_path)?;
        file.lock()?;
        Ok(file)
    })
    .await
    .map_err(std::io::Error::other)
    .flatten()
    .map_err(|error: std::io::Error| {
        StoreError::Open(format!(
            "cannot open the database {}: {error}; check that its folder exists and is writable",
            path.display()
        ))
    })
}

async fn migrate(pool: &SqlitePool, path: &Path) -> Result<(), StoreError> {
    let mut ours = Migrator {
        ..Migrator::with_migrations(MIGRATIONS.migrations.to_vec())
    };
    ours.dangerous_set_table_name("analyze_migrations");
    ours.run(pool).await.map_err(|error| explain_migration(path, error))?;
    queue_tables::migrate(pool)
        .await
        .map_err(|error| explain_migration(path, error))
}

fn explain_migration(path: &Path, error: MigrateError) -> StoreError {
    let path = path.display();
    match error {
        MigrateError::VersionMissing(version) => StoreError::Open(format!(
            "the database {path} was written by a newer version (its migration {version} is unknown here); \
             use that version, or another database"
        )),
        MigrateError::VersionMismatch(version) => StoreError::Open(format!(
            "the database {path} does not fit this version (migration {version} differs); use another database"
        )),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            explain(Path::new(&path.to_string()), error)
        }
        other => StoreError::Open(format!(
            "the database {path} cannot be brought up to date: {other}; restore a backup, or use another database"
        )),
    }
}

pub(super) fn explain(path: &Path, error: sqlx::Error) -> StoreError {
    let shown = path.display();
    match StoreError::from(error) {
        StoreError::Busy(_) => StoreError::Open(format!(
            "the database {shown} is locked by another program; stop that program or wait, then start again"
        )),
        StoreError::Broken(cause) => StoreError::Open(format!(
            "cannot open the database {shown}: {}; it is not a database, damaged, or not readable and writable: \
             check the file and its permissions, restore a backup, or name another file",
            plain(&cause)
        )),
        StoreError::Full(_) => StoreError::Open(format!("the disk that holds {shown} is full; make room")),
        other => match std::error::Error::source(&other) {
            Some(cause) => StoreError::Open(format!("cannot open the database {shown}: {cause}")),
            None => other,
        },
    }
}

/// The database's own words without the driver's frame around them.
fn plain(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(inner) => inner.message().to_owned(),
        other => other.to_string(),
    }
}
