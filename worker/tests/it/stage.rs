//! Phases of the test, for the runtime around them: one that waits for permits, one that breaks, one that does nothing.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use serde_json::{Map, json};
use shared::{
    run::{failure::ErrorCode, ids::RunId, request::RunRequest, warning::WarningType},
    store::posts,
};
use tokio::sync::Semaphore;
use worker::{
    phase::{Phase, PhaseContext, PhaseError, PhaseReport},
    registry::Registry,
};

use crate::fixture::Fixture;

/// What the phases of a test share with it.
#[derive(Clone)]
pub(crate) struct Stage {
    /// Units that the gated phase may commit.
    pub(crate) gate: Arc<Semaphore>,
    /// Units it has begun, over all attempts.
    pub(crate) begun: Arc<AtomicUsize>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self {
            gate: Arc::new(Semaphore::new(0)),
            begun: Arc::default(),
        }
    }
}

/// Three units; each waits for a permit before it commits its cursor and one warning.
pub(crate) struct Gated(Stage);

#[async_trait]
impl Phase for Gated {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        let first: i64 = context.cursor()?;
        for unit in first..3 {
            context.check()?;
            self.0.begun.fetch_add(1, Ordering::SeqCst);
            context.interruptible(self.0.gate.acquire()).await?.unwrap().forget();
            let facts = Map::from_iter([("post_id".to_owned(), json!(unit))]);
            context.warn(WarningType::ImageAnalysisFailed, format!("unit {unit}"), None, facts);
            context.advance(unit + 1, 3);
            let work = context.unit().await?;
            context.commit(work, Some(json!(unit + 1))).await?;
        }
        Ok(PhaseReport {
            output: json!({ "units": 3 }),
            ..PhaseReport::default()
        })
    }
}

/// Ends as it is told, after a warning that no unit has committed.
pub(crate) enum Broken {
    Fails,
    Panics,
}

#[async_trait]
impl Phase for Broken {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        context.warn(
            WarningType::InsufficientCash,
            "no cash".to_owned(),
            Some("TSLA"),
            Map::new(),
        );
        let mut unit = context.unit().await?;
        let post = shared::sources::comments::Post {
            reddit_id: "half".to_owned(),
            subreddit: "stocks".to_owned(),
            title: String::new(),
            selftext: String::new(),
            upvotes: 0,
            total_comments: 0,
            url: None,
        };
        posts::upsert(unit.tx(), &post, None, context.market().now()).await?;
        match self {
            Self::Fails => Err(PhaseError::failed(ErrorCode::RedditApiError, "the listing is gone")),
            Self::Panics => panic!("out of cheese"),
        }
    }
}

/// Notes a warning when it is told to stop, and says that it is done.
pub(crate) struct Deaf(pub(crate) Stage);

#[async_trait]
impl Phase for Deaf {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        let told = context.interruptible(std::future::pending::<()>()).await;
        assert!(told.is_err());
        context.warn(WarningType::InsufficientCash, "no cash".to_owned(), None, Map::new());
        Ok(PhaseReport::default())
    }
}

/// Does nothing.
pub(crate) struct Quick;

#[async_trait]
impl Phase for Quick {
    async fn run(&self, _: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        Ok(PhaseReport::default())
    }
}

/// The waiting phase, and behind it one that does nothing.
pub(crate) fn gated(stage: &Stage) -> Registry {
    Registry::default()
        .with("gated", 1, "Waiting", 50, Gated(stage.clone()))
        .with("quick", 2, "Hurrying", 50, Quick)
}

/// A request that any of these phases takes.
pub(crate) fn request() -> RunRequest {
    RunRequest::new("stocks")
}

/// Waits until the phase has begun that many units, over all attempts.
pub(crate) async fn begun(fixture: &Fixture, stage: &Stage, run: RunId, units: usize) {
    fixture
        .wait_until(run, |_| stage.begun.load(Ordering::SeqCst) >= units)
        .await;
}
