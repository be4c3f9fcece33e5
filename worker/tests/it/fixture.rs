//! A temporary database, a worker in this process, and ways to watch it.

use std::{sync::Arc, time::Duration};

use shared::{
    config::{Config, Layers},
    doorbell::Bell,
    queue::{self, Submission, Submitted},
    run::{ids::RunId, request::RunRequest},
    store::{
        Store, events, phases,
        runs::{self, Run},
    },
};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::{registry::Registry, service};

/// A test that waits longer than this has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// One database and its settings.
pub(crate) struct Fixture {
    pub(crate) config: Config,
    pub(crate) store: Store,
    bell: Arc<Bell>,
    _folder: TempDir,
}

/// A worker that runs in this process.
pub(crate) struct Worker {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Fixture {
    pub(crate) async fn new(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        let mut flags = vec![("DATABASE_URL".to_owned(), url)];
        flags.extend(
            settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let config = Config::from_layers(Layers::new(&flags, &[], &[]).unwrap()).unwrap();
        let store = Store::open(&config).await.unwrap();
        let bell = Arc::new(Bell::open(&store, Duration::from_millis(100)).await.unwrap());
        Self {
            config,
            store,
            bell,
            _folder: folder,
        }
    }

    pub(crate) fn worker(&self, registry: Registry) -> Worker {
        let (config, stop) = (self.config.clone(), CancellationToken::new());
        let token = stop.clone();
        let task = tokio::spawn(async move { service::run(&config, registry, token).await.unwrap() });
        Worker { stop, task }
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
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        let pool = self.store.separate_pool(1, Duration::from_secs(1)).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
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
            Err(_) => panic!("waited in vain: {:?}", self.run(id).await),
        }
    }

    pub(crate) async fn wait_for_end(&self, id: RunId) -> Run {
        self.wait_until(id, |run| run.status.is_terminal()).await
    }
}

impl Worker {
    /// As SIGTERM does.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}
