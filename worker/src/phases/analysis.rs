//! Phase 3: sentiment and tickers of the selected comments.
//!
//! Unit: a batch as large as the annotator's source says. A comment that has an annotation is reused and costs no
//! call. A partial result is published at the first unit boundary at which a chunk of further comments is annotated
//! and a second has passed, and at the end.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde_json::json;
use shared::{
    market::annotation::Annotation, run::failure::ErrorCode, sources::language::LanguageError, store::annotations,
};

use crate::phase::{Phase, PhaseContext, PhaseError, PhaseReport, chain};

/// Partial results are at least this far apart.
const PUBLISH_INTERVAL: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Analysis;

/// What the calls of this attempt came to.
#[derive(Debug, Default)]
struct Tally {
    needed: usize,
    succeeded: usize,
    last_error: Option<LanguageError>,
}

#[async_trait]
impl Phase for Analysis {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        let pending = annotations::pending(context.store(), context.run_id()).await?;
        let coverage = annotations::coverage(context.store(), context.run_id()).await?;
        let mut tally = Tally {
            needed: pending.len(),
            ..Tally::default()
        };
        let mut done = coverage.annotated;
        let mut publisher = Publisher::default();
        let unit_size = context.sources().language.unit_size().max(1);
        for batch in pending.chunks(unit_size) {
            context.check()?;
            done += i64::try_from(batch.len()).unwrap_or(0);
            context.advance(done, coverage.selected);
            let annotated = annotate(context, batch, &mut tally).await?;
            publisher.add(annotated);
            publisher.publish_if_due(context).await?;
        }
        if tally.needed > 0 && tally.succeeded == 0 && coverage.annotated == coverage.reused {
            return Err(outage(&tally));
        }
        context.advance(coverage.selected, coverage.selected);
        context.publish().await?;
        let output = json!({ "called": tally.needed, "annotated": tally.succeeded });
        Ok(PhaseReport {
            output,
            ..PhaseReport::default()
        })
    }
}

fn outage(tally: &Tally) -> PhaseError {
    let reason = tally
        .last_error
        .as_ref()
        .map_or_else(|| "no answer".to_owned(), ToString::to_string);
    PhaseError::failed(
        ErrorCode::OpenaiApiError,
        format!("no comment could be annotated: {reason}"),
    )
}

/// One unit: gather, annotate, commit. Yields how many annotations it stored.
async fn annotate(context: &mut PhaseContext<'_>, batch: &[i64], tally: &mut Tally) -> Result<usize, PhaseError> {
    let (Some(first), Some(last)) = (batch.first(), batch.last()) else {
        return Ok(0);
    };
    let inputs = annotations::inputs(context.store(), context.run_id(), *first, *last).await?;
    let (ids, inputs): (Vec<_>, Vec<_>) = inputs.into_iter().unzip();
    let answers = context
        .interruptible(context.sources().language.annotate(inputs))
        .await?;
    let mut annotated = Vec::with_capacity(ids.len());
    for (id, answer) in ids.into_iter().zip(answers) {
        match answer {
            Ok(annotation) => annotated.push((id, annotation)),
            Err(error) => {
                tracing::warn!(comment.id = id, %error, "comment not annotated");
                tally.last_error = Some(error);
            }
        }
    }
    match commit(context, &annotated).await {
        Ok(()) => {
            tally.succeeded += annotated.len();
            Ok(annotated.len())
        }
        Err(PhaseError::Failed {
            code: ErrorCode::DatabaseError,
            source: Some(error),
            ..
        }) if !is_fatal(error.as_ref()) => {
            let ids: Vec<_> = annotated.iter().map(|(id, _)| id).collect();
            tracing::warn!(comment.ids = ?ids, error = %chain(error.as_ref()), "batch not stored; skipped");
            Ok(0)
        }
        Err(error) => Err(error),
    }
}

fn is_fatal(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error
        .downcast_ref::<shared::store::StoreError>()
        .is_some_and(shared::store::StoreError::is_fatal)
}

async fn commit(context: &mut PhaseContext<'_>, annotated: &[(i64, Annotation)]) -> Result<(), PhaseError> {
    let (run, at) = (context.run_id(), context.market().now());
    let mut unit = context.unit().await?;
    for (id, annotation) in annotated {
        annotations::store(unit.tx(), run, *id, annotation, at).await?;
    }
    context.commit(unit, None).await
}

/// When the next partial result is due.
#[derive(Debug)]
struct Publisher {
    since: Instant,
    annotated: usize,
}

impl Default for Publisher {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            annotated: 0,
        }
    }
}

impl Publisher {
    const fn add(&mut self, annotated: usize) {
        self.annotated += annotated;
    }

    async fn publish_if_due(&mut self, context: &PhaseContext<'_>) -> Result<(), PhaseError> {
        let enough = i64::try_from(self.annotated).unwrap_or(i64::MAX) >= context.chunk();
        if enough && self.since.elapsed() >= PUBLISH_INTERVAL {
            context.publish().await?;
            *self = Self::default();
        }
        Ok(())
    }
}
