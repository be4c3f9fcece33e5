//! Phase 7: the trust of authors, and the evaluation of the portfolios.
//!
//! Unit: the whole phase, in one transaction that is committed together with its completion, so that no comment and no
//! prediction ever counts twice. What a crash leaves behind is nothing.

mod authors;
mod periods;

use async_trait::async_trait;
use serde_json::json;
use shared::store::{portfolios, trust};

use crate::phase::{Phase, PhaseContext, PhaseError, PhaseReport};

/// See the module.
pub(super) struct Trust;

#[async_trait]
impl Phase for Trust {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        let comments = trust::new_comments(&mut context.store().read().await?, context.run_id()).await?;
        let index = periods::index_bars(context).await?;
        let mut unit = context.unit().await?;
        portfolios::ensure_four(unit.tx(), context.subreddit(), context.market().now()).await?;
        let authors = authors::update(context, unit.tx(), &comments).await?;
        periods::advance(context, unit.tx(), &index).await?;
        context.advance(authors, authors);
        Ok(PhaseReport {
            output: json!({ "authors": authors }),
            last_unit: Some(unit),
            ..PhaseReport::default()
        })
    }
}
