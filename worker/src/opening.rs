//! How an idle worker begins the oldest queued run: it finds out what the run needs, then takes it in its first phase.
//!
//! Only what is certain before the claim goes this way. A source that must be read first, a configuration that does not
//! parse, a request that is refused: such a run is left to the claim of its own, which tells what is wrong with it.

use chrono::{DateTime, Utc};
use shared::store::{
    Store, StoreError,
    claim::{Claimant, RunningRun},
    opening::{self, Waiting},
    pipeline_config::{self, PipelineConfig},
};
use tokio_util::sync::CancellationToken;

use crate::executor::Executor;

/// A run that was taken.
pub struct Taken {
    /// The claim.
    pub running: RunningRun,
    /// Its configuration, if its first phase is started already.
    pub begun: Option<PipelineConfig>,
}

impl From<RunningRun> for Taken {
    /// Claimed, and no more than that.
    fn from(running: RunningRun) -> Self {
        Self { running, begun: None }
    }
}

/// Takes the oldest queued run and starts its first phase, unless the worker is `closing`; `None` when there is none, or it
/// is not to be had this way.
pub async fn begin_oldest(
    executor: &Executor,
    store: &Store,
    claimant: &Claimant,
    closing: &CancellationToken,
) -> Result<Option<Taken>, StoreError> {
    let Some(waiting) = opening::oldest(store).await? else {
        return Ok(None);
    };
    let Ok(config) = pipeline_config::parse(&waiting.config) else {
        return Ok(None);
    };
    let Some(market_now) = market_now(executor, &waiting).await else {
        return Ok(None);
    };
    if closing.is_cancelled() {
        return Ok(None);
    }
    let heads = executor.registry.heads();
    let running = opening::open(store, waiting.id, claimant, market_now, &heads).await?;
    Ok(running.map(|running| Taken {
        running,
        begun: Some(config),
    }))
}

async fn market_now(executor: &Executor, waiting: &Waiting) -> Option<DateTime<Utc>> {
    let (request, sources) = (&waiting.request, &executor.sources);
    request.validate().ok()?;
    if request.as_of.is_some() {
        return request.as_of.filter(|_| sources.refuse_as_of().is_none());
    }
    if !sources.comments.knows_now() {
        return None;
    }
    sources.market_now(&request.subreddit, waiting.previous).await.ok()
}
