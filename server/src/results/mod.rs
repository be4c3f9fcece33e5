//! Results: by permalink, and by run.

pub mod analysis;

use poem_openapi::{Enum, Object, OpenApi};
use shared::run::ids::{ResultId, RunId};
use shared::store::results::ResultRow;
use shared::store::session::Session;
use shared::store::{StoreError, results, runs};
use uuid::Uuid;

use crate::app::App;
use crate::http::envelope::Envelope;
use crate::http::error::{ApiError, Code};
use crate::http::params::{Key, Path, Q};
use crate::http::reply::{Handled, Operation, Reply};
use crate::http::scalar::listed;
use crate::http::values::Timestamp;
use crate::names::Name;
use crate::tags::Tags;
use analysis::AnalysisResult;

/// Whether a result is the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum ResultKind {
    /// What was known at some moment of the run.
    Partial,
    /// The outcome.
    Final,
}

/// Which result a permalink leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
#[oai(rename_all = "lowercase")]
pub enum ResultView {
    /// The run's final result, else its newest partial.
    #[default]
    Latest,
    /// The one that was named.
    Requested,
}
listed!(ResultView: "latest", "requested");

/// A stored result of a run.
#[derive(Debug, Clone, Object)]
pub struct RunResult {
    /// Permalink of this result.
    pub result_id: Uuid,
    /// The permalink that was asked for; with `view=latest` an older partial may lead here.
    pub requested_result_id: Uuid,
    /// Permalink of the run.
    pub job_id: Uuid,
    /// Key of the run.
    pub run_id: i64,
    /// Whether it is the last word.
    pub result_kind: ResultKind,
    /// Rises over the partials and the final of a run.
    pub result_seq: i64,
    /// Version of `result`; rises when a field changes its meaning.
    pub schema_version: i64,
    /// When it became readable.
    pub created_at: Timestamp,
    /// What was found.
    pub result: AnalysisResult,
}

/// `GET /analyze/results/{result_id}`
pub struct GetResult;
impl Operation for GetResult {
    const ERRORS: &'static [u16] = &[404, 410, 422];
}

/// `GET /runs/{run_id}/result`
pub struct GetRunResult;
impl Operation for GetRunResult {
    const ERRORS: &'static [u16] = &[404, 410];
}

/// The operations.
pub struct ResultsApi(pub App);

#[OpenApi]
impl ResultsApi {
    /// Get a result
    ///
    /// By its permalink. By default an old partial leads to the run's newest word; `view=requested` shows the very one
    /// that was named.
    #[oai(
        path = "/analyze/results/:result_id",
        method = "get",
        operation_id = "get_result",
        tag = "Tags::Analysis"
    )]
    async fn get_result(
        &self,
        /// Permalink of the result.
        result_id: Path<Name>,
        /// Which result to show.
        #[oai(default)]
        view: Q<ResultView>,
    ) -> Handled<Envelope<RunResult>, GetResult> {
        let id = ResultId::parse(&result_id.0.0).ok_or_else(|| ApiError::not_found("result"))?;
        let mut conn = self.0.store.snapshot().await?;
        let named = results::find(&mut conn, &id)
            .await?
            .ok_or_else(|| ApiError::not_found("result"))?;
        let shown = match view.0 {
            ResultView::Requested => named,
            ResultView::Latest => results::latest_of_run(&mut conn, named.run_id).await?.unwrap_or(named),
        };
        Ok(Reply::ok(&Envelope::new(show(&mut conn, shown, &id).await?)))
    }

    /// Get the result of a run
    ///
    /// The final result, else the newest partial; 404 while there is none.
    #[oai(
        path = "/runs/:run_id/result",
        method = "get",
        operation_id = "get_run_result",
        tag = "Tags::Runs"
    )]
    async fn get_run_result(
        &self,
        /// Key of the run.
        run_id: Path<Key>,
    ) -> Handled<Envelope<RunResult>, GetRunResult> {
        let mut conn = self.0.store.snapshot().await?;
        let row = results::latest_of_run(&mut conn, RunId(run_id.0.0)).await?;
        let row = row.ok_or_else(|| ApiError::not_found("result yet"))?;
        let id = row.result_id.clone();
        Ok(Reply::ok(&Envelope::new(show(&mut conn, row, &id).await?)))
    }
}

/// A stored row as clients see it; 410 when its payload is gone.
pub async fn show(conn: &mut impl Session, row: ResultRow, requested: &ResultId) -> Result<RunResult, ApiError> {
    let run = runs::find(conn, row.run_id)
        .await?
        .ok_or_else(|| ApiError::not_found("run"))?;
    let gone = || ApiError::new(Code::Gone, "this result has passed its retention; its payload is gone");
    let payload = row.payload.ok_or_else(gone)?;
    let unreadable = |error: serde_json::Error| StoreError::Unreadable {
        what: "run_results.payload",
        reason: error.to_string(),
    };
    Ok(RunResult {
        result_id: row.result_id.uuid(),
        requested_result_id: requested.uuid(),
        job_id: run.job_id.uuid(),
        run_id: row.run_id.0,
        result_kind: if row.kind == "final" {
            ResultKind::Final
        } else {
            ResultKind::Partial
        },
        result_seq: row.result_seq,
        schema_version: row.schema_version,
        created_at: row.created_at.into(),
        result: serde_json::from_str(&payload).map_err(unreadable)?,
    })
}
