//! Opening a database: pragmas, migrations, and what is said when it cannot be done.

use std::{fs, path::Path, sync::Arc};

use shared::{
    config::Config,
    store::{
        Store, StoreError, events,
        session::{Raw, Session},
    },
};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::Barrier;

use crate::fixture::{Fixture, config_at};

async fn pragma(conn: &mut impl Session, name: &str) -> String {
    let Raw::Sqlite(conn) = conn.raw();
    let sql = format!("select cast({name} as text) from pragma_{name}");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(conn).await.unwrap()
}

async fn pragmas(conn: &mut impl Session) -> [String; 4] {
    let Raw::Sqlite(raw) = conn.raw();
    let timeout: i64 = sqlx::query_scalar("select timeout from pragma_busy_timeout")
        .fetch_one(raw)
        .await
        .unwrap();
    [
        pragma(conn, "journal_mode").await,
        pragma(conn, "foreign_keys").await,
        pragma(conn, "synchronous").await,
        timeout.to_string(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a07_every_connection_has_the_pragmas() {
    let fixture = Fixture::new().await;
    let separate = fixture
        .store
        .separate(4, std::time::Duration::from_secs(7))
        .await
        .unwrap();
    for (store, timeout) in [(&fixture.store, "5000"), (&separate, "7000")] {
        let mut conns = Vec::new();
        for _ in 0..3 {
            conns.push(store.read().await.unwrap());
        }
        for conn in &mut conns {
            assert_eq!(pragmas(conn).await, ["wal", "1", "2", timeout]);
        }
        let mut writer = store.begin().await.unwrap();
        assert_eq!(pragmas(&mut writer).await, ["wal", "1", "2", timeout]);
    }
    let fast = Fixture::with(&[("ANALYZE_SQLITE_SYNCHRONOUS", "normal")]).await;
    assert_eq!(pragmas(&mut fast.store.read().await.unwrap()).await[2], "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a07_two_processes_may_migrate_at_the_same_instant() {
    for round in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/test.db");
        let config = config_at(path.to_str().unwrap(), &[]);
        let barrier = Arc::new(Barrier::new(2));
        let open = |config: Config| {
            let barrier = Arc::clone(&barrier);
            tokio::spawn(async move {
                barrier.wait().await;
                Store::open(&config).await
            })
        };
        let (one, other) = tokio::join!(open(config.clone()), open(config.clone()));
        let stores = [one.unwrap(), other.unwrap()];
        assert!(stores.iter().all(Result::is_ok), "round {round}: {stores:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_again_changes_nothing() {
    let fixture = Fixture::new().await;
    fixture.running("stocks").await;
    fixture
        .execute("update system_config set value = '9' where key = 'quality_min_users'")
        .await
        .unwrap();
    let before = fixture.rows().await;
    fixture.another_store().await;
    assert_eq!(fixture.rows().await, before);
}

/// Takes a database back to how it was before events were kept by their number, and the queue's table was relieved.
const BACK: &str = "
    alter table run_events rename to newer;
    create table run_events (id integer primary key autoincrement, run_id integer not null, event_seq integer not null,
                             event_type text not null, occurred_at text not null, actor text not null,
                             payload text not null, unique (run_id, event_seq));
    insert into run_events (run_id, event_seq, event_type, occurred_at, actor, payload)
    select * from newer order by run_id desc, event_seq desc;
    drop table newer;
    create index LIdx on Jobs (lock_by);
    delete from analyze_migrations where version = 20261122000015";

#[tokio::test(flavor = "multi_thread")]
async fn an_older_database_keeps_its_events() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let page = async |store: &Store| {
        let mut conn = store.read().await.unwrap();
        let events = events::page(&mut conn, running.run().id, 0, 100).await.unwrap();
        events.iter().map(|event| format!("{event:?}")).collect::<Vec<_>>()
    };
    let before = page(&fixture.store).await;
    assert!(before.len() >= 2);
    fixture.store.close().await;
    sqlx::raw_sql(BACK).execute(&fixture.raw).await.unwrap();
    let store = fixture.another_store().await;
    assert_eq!(page(&store).await, before);
    let columns = "select group_concat(name) from pragma_table_info('run_events')";
    assert_eq!(
        fixture.texts(columns).await,
        ["run_id,event_seq,event_type,occurred_at,actor,payload"]
    );
    let indexes = "select count(*) from sqlite_master where name = 'LIdx'";
    assert_eq!(fixture.count(indexes).await, 0);
}

/// Indexes of the queue's table; each is a page to write in every request that starts a run.
const QUEUE_INDEXES: [&str; 6] = [
    "idx_jobs_completed_done_at",
    "idx_jobs_failed",
    "idx_jobs_idempotency_key",
    "idx_jobs_pending",
    "idx_jobs_running",
    "idx_jobs_status_run_at",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_has_the_indexes_it_needs_and_no_others() {
    let fixture = Fixture::new().await;
    let names = "select name from sqlite_master where type = 'index' and tbl_name = 'Jobs' and sql <> '' order by name";
    assert_eq!(fixture.texts(names).await, QUEUE_INDEXES);
}

/// What opening says; the file must be the same afterwards.
async fn refusal(path: &Path) -> String {
    let before = fs::read(path).ok();
    let text = match Store::open(&config_at(path.to_str().unwrap(), &[("ANALYZE_BUSY_TIMEOUT", "100ms")])).await {
        Err(StoreError::Open(text)) => text,
        other => panic!("{other:?}"),
    };
    assert!(text.contains(path.to_str().unwrap()) && !text.contains('\n'), "{text}");
    assert_eq!(fs::read(path).ok(), before, "the file was changed");
    text
}

/// A database whose connections are all closed, so that all of it is in its one file.
async fn closed_with(sql: &str) -> tempfile::TempDir {
    let Fixture { store, raw, folder, .. } = Fixture::new().await;
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&raw).await.unwrap();
    raw.close().await;
    store.close().await;
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    for table in ["analyze_migrations", "_sqlx_migrations"] {
        let folder = closed_with(&format!(
            "insert into {table} select 99990101000000, 'later', installed_on, true, x'00', 1 from {table} limit 1"
        ))
        .await;
        let text = refusal(&folder.path().join("test.db")).await;
        assert!(
            text.contains("newer version") && text.contains("99990101000000") && text.contains("use "),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_another_schema_of_the_same_version_is_refused() {
    let folder = closed_with("update analyze_migrations set checksum = x'00'").await;
    let text = refusal(&folder.path().join("test.db")).await;
    assert!(
        text.contains("does not fit this version") && text.contains("use another"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    for text in [
        "not a database, ".repeat(300),
        "SQLite format 3\0".to_owned() + &"junk".repeat(2_000),
    ] {
        fs::write(&path, text).unwrap();
        let text = refusal(&path).await;
        assert!(
            text.contains("restore a backup") && text.contains("permissions"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_and_a_path_that_cannot_be_made_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = refusal(folder.path()).await;
    assert!(
        text.contains("is a folder") && text.contains("name a database file"),
        "{text}"
    );
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let text = refusal(&file.join("test.db")).await;
    assert!(text.contains("cannot open") && text.contains("writable"), "{text}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was made");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_somebody_holds_is_said_to_be_locked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let mut holder = SqliteConnection::connect(&format!("sqlite://{}?mode=rwc", path.display()))
        .await
        .unwrap();
    sqlx::query("begin exclusive").execute(&mut holder).await.unwrap();
    let text = refusal(&path).await;
    assert!(
        text.contains("locked by another program") && text.contains("stop"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_in_the_way_of_a_migration_is_said_to_be_one() {
    let Fixture { store, raw, folder, .. } = Fixture::new().await;
    sqlx::raw_sql(BACK).execute(&raw).await.unwrap();
    store.close().await;
    let mut holder = raw.acquire().await.unwrap();
    sqlx::query("begin immediate").execute(&mut *holder).await.unwrap();
    let text = refusal(&folder.path().join("test.db")).await;
    assert!(text.contains("locked by another program"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_another_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photos.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut photos = options.connect().await.unwrap();
    sqlx::query("create table analysis_runs (x)")
        .execute(&mut photos)
        .await
        .unwrap();
    photos.close().await.unwrap();
    let text = refusal(&path).await;
    assert!(
        text.contains("belongs to another program") && text.contains("name another file"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_a_damaged_table_is_refused_and_left_alone() {
    for table in ["analysis_runs", "Jobs", "system_config", "comments"] {
        let folder = closed_with("vacuum").await;
        let path = folder.path().join("test.db");
        let mut conn = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
        let sql = "select rootpage, (select page_size from pragma_page_size) from sqlite_master where name = $1";
        let (page, size): (i64, i64) = sqlx::query_as(sql).bind(table).fetch_one(&mut conn).await.unwrap();
        conn.close().await.unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let at = usize::try_from((page - 1) * size).unwrap();
        bytes[at..at + usize::try_from(size).unwrap()].fill(0xAA);
        fs::write(&path, bytes).unwrap();
        let text = refusal(&path).await;
        assert!(
            text.contains("damaged") && text.contains("restore a backup"),
            "{table}: {text}"
        );
    }
}
