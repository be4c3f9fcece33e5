//! A temporary database, the few steps that most tests begin with, and raw SQL to look and to plant.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use shared::{
    config::{Config, Layers},
    queue::{self, Submission, Submitted},
    run::{
        ids::RunId,
        request::RunRequest,
        result::{AnalysisResult, Counts, PredictionCounts},
        warning::{Warning, WarningType},
    },
    store::{
        Store, StoreError,
        claim::{self, Claimant, Claimed, RunningRun},
        phases::{self, PhaseHead, PhaseRow, PhaseState},
        processes::ProcessRow,
        runs::{self, Run},
    },
};
use sqlx::{AssertSqlSafe, SqlitePool};
use tempfile::TempDir;

/// A test that waits longer than this has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Every row of every table, as SQL literals.
pub(crate) type Rows = BTreeMap<String, Vec<String>>;

/// One database.
pub(crate) struct Fixture {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) raw: SqlitePool,
    pub(crate) folder: TempDir,
}

/// The settings of a database at `path`.
pub(crate) fn config_at(path: &str, settings: &[(&str, &str)]) -> Config {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut flags: Vec<_> = settings.iter().map(own).collect();
    flags.push(("ASYNC_JOBS_STORE_FILE".to_owned(), path.to_owned()));
    Config::from_layers(Layers::new(&flags, &[], &[]).unwrap()).unwrap()
}

/// A worker with leases of a minute that gives a phase three crashes.
pub(crate) fn claimant(worker_id: &str) -> Claimant {
    Claimant {
        worker_id: worker_id.to_owned(),
        lease: Duration::from_mins(1),
        max_crashes: 3,
    }
}

/// A result that can be told apart by its number of posts.
pub(crate) fn result(posts: i64) -> AnalysisResult {
    AnalysisResult {
        subreddit: "stocks".to_owned(),
        market_now: instant(MARKET_NOW),
        counts: Counts {
            posts,
            ..Counts::default()
        },
        tickers: Vec::new(),
        signals: Vec::new(),
        positions_opened: Vec::new(),
        exits: Vec::new(),
        predictions: PredictionCounts::default(),
        portfolios: Vec::new(),
        warnings_count: 0,
        model_usage: None,
    }
}

/// The instant runs of the fixture are frozen at.
pub(crate) const MARKET_NOW: &str = "2026-01-05T16:00:00Z";

pub(crate) fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Two phases.
pub(crate) const HEADS: [PhaseHead<'static>; 2] = [
    PhaseHead {
        key: "reading",
        position: 1,
        number: 1,
        label: "Reading",
    },
    PhaseHead {
        key: "writing",
        position: 2,
        number: 2,
        label: "Writing",
    },
];

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let config = config_at(path.to_str().unwrap(), settings);
        let store = Store::open(&config).await.unwrap();
        let raw = store.separate_pool(2, Duration::from_secs(10)).await.unwrap();
        Self {
            config,
            store,
            raw,
            folder,
        }
    }

    /// The same database as another process sees it.
    pub(crate) async fn another_store(&self) -> Store {
        Store::open(&self.config).await.unwrap()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    /// Submits with the subreddit as scope.
    pub(crate) async fn try_submit(&self, subreddit: &str) -> Result<Submitted, StoreError> {
        let request = RunRequest::new(subreddit);
        queue::submit(&self.store, &submission(&request)).await
    }

    pub(crate) async fn submit(&self, subreddit: &str) -> Run {
        match self.try_submit(subreddit).await.unwrap() {
            Submitted::Accepted(run) => *run,
            other => panic!("not accepted: {other:?}"),
        }
    }

    pub(crate) async fn claim(&self, id: RunId, worker_id: &str) -> RunningRun {
        match claim::claim(&self.store, id, &claimant(worker_id)).await.unwrap() {
            Claimed::Run(running) => *running,
            other => panic!("not claimed: {other:?}"),
        }
    }

    /// A run of that subreddit, claimed by `first`, with two phases of which the first has started.
    pub(crate) async fn running(&self, subreddit: &str) -> RunningRun {
        let run = self.submit(subreddit).await;
        let mut running = self.claim(run.id, "first").await;
        prepare(&mut running, MARKET_NOW).await;
        start_phase(&running, &HEADS[0]).await.unwrap();
        running
    }

    /// As if the holder had been silent for longer than its lease.
    pub(crate) async fn expire_lease(&self, id: RunId) {
        self.execute(&format!(
            "update analysis_runs set lease_expires_at = '2020-01-01T00:00:00+00:00' where id = {id}"
        ))
        .await
        .unwrap();
    }

    pub(crate) async fn run(&self, id: RunId) -> Run {
        let mut conn = self.store.read().await.unwrap();
        runs::find(&mut conn, id).await.unwrap().unwrap()
    }

    pub(crate) async fn phase(&self, id: RunId, index: usize) -> phases::PhaseRow {
        let mut conn = self.store.read().await.unwrap();
        phases::list(&mut conn, id).await.unwrap().remove(index)
    }

    /// Types of the run's events in order; panics when their numbers have a gap.
    pub(crate) async fn event_types(&self, id: RunId) -> Vec<String> {
        let mut conn = self.store.read().await.unwrap();
        let events = shared::store::events::page(&mut conn, id, 0, 10_000).await.unwrap();
        assert!(
            events.iter().zip(1..).all(|(event, seq)| event.event_seq == seq),
            "gap in {events:?}"
        );
        events.into_iter().map(|event| event.event_type).collect()
    }

    /// Rows changed by a statement that the store does not offer.
    pub(crate) async fn execute(&self, sql: &str) -> Result<u64, sqlx::Error> {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
        Ok(query.execute(&self.raw).await?.rows_affected())
    }

    /// The words of the refusal.
    pub(crate) async fn refusal(&self, sql: &str) -> String {
        match self.execute(sql).await {
            Ok(rows) => panic!("not refused, {rows} rows: {sql}"),
            Err(error) => error.to_string(),
        }
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        query.fetch_one(&self.raw).await.unwrap()
    }

    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        query.fetch_all(&self.raw).await.unwrap()
    }

    /// Everything that is stored.
    pub(crate) async fn rows(&self) -> Rows {
        let mut rows = Rows::new();
        for table in self.tables().await {
            let columns = self
                .texts(&format!(
                    "select 'quote(\"' || name || '\")' from pragma_table_info('{table}')"
                ))
                .await;
            let sql = format!("select {} from \"{table}\" order by 1", columns.join(" || '|' || "));
            rows.insert(table, self.texts(&sql).await);
        }
        rows
    }

    async fn tables(&self) -> Vec<String> {
        self.texts("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
            .await
    }
}

/// Freezes the run, unless it is, and lays its two phases out.
pub(crate) async fn prepare(running: &mut RunningRun, market_now: &str) -> Vec<PhaseRow> {
    let mut unit = running.begin_frozen(instant(market_now)).await.unwrap();
    let rows = running.lay_out(&mut unit, &HEADS).await.unwrap();
    unit.commit().await.unwrap();
    rows
}

pub(crate) async fn start_phase(running: &RunningRun, head: &PhaseHead<'_>) -> Result<PhaseState, StoreError> {
    running.start_phase(running.begin().await?, head).await
}

/// Submits with the subreddit as scope and nothing else.
pub(crate) fn submission(request: &RunRequest) -> Submission<'_> {
    Submission {
        request,
        scope: &request.subreddit,
        join: false,
        key: None,
        traceparent: None,
    }
}

/// A worker process of this host that was seen just now.
pub(crate) fn process_row(id: &str) -> ProcessRow {
    let now = shared::clock::now();
    ProcessRow {
        id: id.to_owned(),
        host: "here".to_owned(),
        pid: 1,
        process_started_at: 1,
        started_at: now,
        last_seen: now,
        version: "1".to_owned(),
        sources: "{}".to_owned(),
        stopped_at: None,
    }
}

/// A warning about a ticker.
pub(crate) fn warning(phase: i64, ticker: &str) -> Warning {
    Warning {
        kind: WarningType::SchwabStockUnavailable,
        message: "no quote".to_owned(),
        phase,
        timestamp: shared::clock::now(),
        ticker: Some(ticker.to_owned()),
        context: serde_json::Map::new(),
    }
}
