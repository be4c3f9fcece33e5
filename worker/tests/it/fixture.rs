//! A temporary database, a worker in this process, and ways to watch it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use shared::{
    config::{Config, Layers},
    doorbell::Bell,
    queue::{self, Submission, Submitted},
    run::{ids::RunId, request::RunRequest, result::AnalysisResult, state::RunStatus},
    sources::market::MarketSource,
    store::{
        Store, events, phases, results,
        runs::{self, Run},
    },
};
use sqlx::{AssertSqlSafe, SqlitePool};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::{executor::Executor, phases as pipeline, registry::Registry, service, sources::Sources};

/// A test that waits longer than this has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// One database and its settings.
pub(crate) struct Fixture {
    pub(crate) config: Config,
    pub(crate) store: Store,
    bell: Arc<Bell>,
    raw: SqlitePool,
    _folder: TempDir,
}

/// A worker that runs in this process.
pub(crate) struct Worker {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Fixture {
    pub(crate) async fn new(settings: &[(&str, &str)]) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), settings).await
    }

    /// A database whose comments come from a dump with these lines.
    pub(crate) async fn over_dump(lines: &[u8], settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = format!("dump:{}", dump_in(&folder).display());
        std::fs::write(dump_in(&folder), lines).unwrap();
        let mut all = vec![("ANALYZE_COMMENTS", source.as_str())];
        all.extend(settings);
        Self::in_folder(folder, &all).await
    }

    async fn in_folder(folder: TempDir, settings: &[(&str, &str)]) -> Self {
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let mut flags = vec![("DATABASE_URL".to_owned(), url)];
        flags.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let config = Config::from_layers(Layers::new(&flags, &[], &[]).unwrap()).unwrap();
        let store = Store::open(&config).await.unwrap();
        let bell = Arc::new(Bell::open(&store, Duration::from_millis(100)).unwrap());
        let raw = store.separate_pool(2, Duration::from_secs(10)).await.unwrap();
        Self {
            config,
            store,
            bell,
            raw,
            _folder: folder,
        }
    }

    pub(crate) fn worker(&self, registry: Registry) -> Worker {
        let (config, stop) = (self.config.clone(), CancellationToken::new());
        let token = stop.clone();
        let task = tokio::spawn(async move { service::run(&config, registry, token).await.unwrap() });
        Worker { stop, task }
    }

    /// A worker whose prices come from `market`; the rest is bound as the settings say.
    pub(crate) async fn worker_with(&self, registry: Registry, market: Option<Arc<dyn MarketSource>>) -> Worker {
        let mut sources = Sources::bind(&self.config).await.unwrap();
        sources.market = market;
        self.worker_over(registry, sources)
    }

    /// A worker over sources of the test.
    pub(crate) fn worker_over(&self, registry: Registry, sources: Sources) -> Worker {
        let (config, stop) = (self.config.clone(), CancellationToken::new());
        let token = stop.clone();
        let task = tokio::spawn(async move { service::run_over(&config, registry, sources, token).await.unwrap() });
        Worker { stop, task }
    }

    /// What a worker of this database executes with.
    pub(crate) async fn executor(&self, registry: Registry) -> Executor {
        let sources = Sources::bind(&self.config).await.unwrap();
        Executor::new(&self.config, registry, sources, &self.store, &self.bell).unwrap()
    }

    pub(crate) async fn submit(&self, request: &RunRequest) -> Run {
        let submission = Submission {
            request,
            scope: "global",
            join: false,
            key: None,
            traceparent: None,
        };
        match queue::submit(&self.store, &submission).await.unwrap() {
            Submitted::Accepted(run) => *run,
            other => panic!("not accepted: {other:?}"),
        }
    }

    pub(crate) async fn run(&self, id: RunId) -> Run {
        runs::find(&mut self.store.read().await.unwrap(), id)
            .await
            .unwrap()
            .unwrap()
    }

    pub(crate) async fn phases(&self, id: RunId) -> Vec<phases::PhaseRow> {
        phases::list(&mut self.store.read().await.unwrap(), id).await.unwrap()
    }

    /// Types of the run's events in order; panics when their numbers have a gap.
    pub(crate) async fn event_types(&self, id: RunId) -> Vec<String> {
        let events = events::page(&mut self.store.read().await.unwrap(), id, 0, 10_000)
            .await
            .unwrap();
        assert!(
            events.iter().zip(1..).all(|(event, seq)| event.event_seq == seq),
            "gap in {events:?}"
        );
        events.into_iter().map(|event| event.event_type).collect()
    }

    /// The number a query yields.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        query.fetch_one(&self.raw).await.unwrap()
    }

    /// The first column of a query.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let query = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
        query.fetch_all(&self.raw).await.unwrap()
    }

    /// The rows of a query.
    pub(crate) async fn rows<R>(&self, sql: &str) -> Vec<R>
    where
        R: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> + Send + Unpin,
    {
        let query = sqlx::query_as(AssertSqlSafe(sql.to_owned()));
        query.fetch_all(&self.raw).await.unwrap()
    }

    /// Plants something; panics unless a row changed.
    pub(crate) async fn plant(&self, sql: &str) {
        let query = sqlx::query(AssertSqlSafe(sql.to_owned()));
        assert!(query.execute(&self.raw).await.unwrap().rows_affected() > 0, "{sql}");
    }

    /// Runs the request through the real phases to its completion.
    pub(crate) async fn analyse(&self, request: &RunRequest) -> (Run, AnalysisResult) {
        let worker = self.worker(pipeline::registry());
        let run = self.submit(request).await;
        let run = self.wait_for_end(run.id).await;
        worker.stop().await;
        assert_eq!(run.status, RunStatus::Completed, "{run:?}");
        (self.run(run.id).await, self.result(run.id).await)
    }

    /// The newest result of a run.
    pub(crate) async fn result(&self, id: RunId) -> AnalysisResult {
        let row = results::latest_of_run(&mut self.store.read().await.unwrap(), id).await;
        serde_json::from_str(&row.unwrap().unwrap().payload.unwrap()).unwrap()
    }

    /// Waits until the run satisfies the condition.
    pub(crate) async fn wait_until(&self, id: RunId, condition: impl Fn(&Run) -> bool) -> Run {
        let mut bell = self.bell.listen();
        let waiting = async {
            loop {
                let run = self.run(id).await;
                if condition(&run) {
                    return run;
                }
                bell.wait(Duration::from_millis(100)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(run) => run,
            Err(elapsed) => panic!("waited in vain, {elapsed}: {:?}", self.run(id).await),
        }
    }

    pub(crate) async fn wait_for_end(&self, id: RunId) -> Run {
        self.wait_until(id, |run| run.status.is_terminal()).await
    }
}

fn dump_in(folder: &TempDir) -> PathBuf {
    folder.path().join("dump.ndjson")
}

impl Worker {
    /// As SIGTERM does.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}
