//! `/predictions`: lists, one prediction with its course, and the word of a person over its outcome.

mod view;

use poem_openapi::{Enum, Object, OpenApi};
use serde::Deserialize;
use shared::run::ids::RunId;
use shared::store::predictions_read::{self, PredictionFilter};
use shared::store::session::Session;

use crate::app::App;
use crate::http::body::{Body, JsonBody};
use crate::http::envelope::{Envelope, Page};
use crate::http::error::ApiError;
use crate::http::params::{Key, Path, Q};
use crate::http::reply::{Handled, Operation, Reply};
use crate::http::scalar::listed;
use crate::http::values::{Limit, Offset, default_limit, from_the_start};
use crate::tags::Tags;
use crate::words::{Subreddit, Ticker, Username};
use view::{Prediction, PredictionDetail};

/// How far a prediction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum PredictionState {
    /// Its contract is watched.
    Tracking,
    /// It has an outcome.
    Resolved,
    /// There was no contract to watch.
    Expired,
}
listed!(PredictionState: "tracking", "resolved", "expired");

impl PredictionState {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Tracking => "tracking",
            Self::Resolved => "resolved",
            Self::Expired => "expired",
        }
    }
}

/// What a person says of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Deserialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum OverrideResult {
    /// The author was right.
    Correct,
    /// The author was wrong.
    Incorrect,
    /// Not to be counted.
    Excluded,
    /// Nothing: what was said before is taken back.
    None,
}

impl OverrideResult {
    const fn stored(self) -> Option<&'static str> {
        match self {
            Self::Correct => Some("correct"),
            Self::Incorrect => Some("incorrect"),
            Self::Excluded => Some("excluded"),
            Self::None => None,
        }
    }
}

/// The word of a person over an outcome.
#[derive(Debug, Clone, Copy, Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverridePredictionRequest {
    /// What it says; `none` takes back what was said before.
    pub override_result: OverrideResult,
}

impl Body for OverridePredictionRequest {
    fn when_absent() -> Option<Self> {
        None
    }
}

/// `GET /predictions`
pub struct ListPredictions;
impl Operation for ListPredictions {
    const ERRORS: &'static [u16] = &[422];
}

/// `GET /predictions/{id}`
pub struct GetPrediction;
impl Operation for GetPrediction {
    const ERRORS: &'static [u16] = &[404];
}

/// `PATCH /predictions/{id}/override`
pub struct OverridePrediction;
impl Operation for OverridePrediction {
    const ERRORS: &'static [u16] = &[400, 404, 413, 415, 422, 429];
}

/// The operations.
pub struct PredictionsApi(pub App);

#[OpenApi(tag = "Tags::Predictions")]
impl PredictionsApi {
    /// List predictions
    ///
    /// Newest first. Filters combine.
    #[oai(path = "/predictions", method = "get", operation_id = "list_predictions")]
    #[expect(clippy::too_many_arguments, reason = "one argument a query parameter")]
    async fn list_predictions(
        &self,
        /// Only predictions of this subreddit.
        subreddit: Q<Option<Subreddit>>,
        /// Only predictions of this author.
        author: Q<Option<Username>>,
        /// Only predictions of this ticker.
        ticker: Q<Option<Ticker>>,
        /// Only predictions in this state.
        #[oai(name = "status")]
        state: Q<Option<PredictionState>>,
        /// Only predictions made by this run.
        analysis_run_id: Q<Option<Key>>,
        /// Items of a page.
        #[oai(default = "default_limit")]
        limit: Q<Limit>,
        /// Items to skip.
        #[oai(default = "from_the_start")]
        offset: Q<Offset>,
    ) -> Handled<Page<Prediction>, ListPredictions> {
        let filter = PredictionFilter {
            subreddit: subreddit.0.map(|name| name.0),
            author: author.0.map(|name| name.0),
            ticker: ticker.0.map(|symbol| symbol.0),
            status: state.0.map(|state| state.as_str().to_owned()),
            run: analysis_run_id.0.map(|id| RunId(id.0)),
            limit: limit.0.0,
            offset: offset.0.0,
        };
        let (rows, total) = predictions_read::list(&mut self.0.store.snapshot().await?, &filter).await?;
        let data = rows.iter().map(Prediction::from).collect();
        Ok(Reply::ok(&Page::new(data, total, filter.limit, filter.offset)))
    }

    /// Get a prediction
    ///
    /// With its course by day, and its simulated exits.
    #[oai(
        path = "/predictions/:prediction_id",
        method = "get",
        operation_id = "get_prediction"
    )]
    async fn get_prediction(
        &self,
        /// Key of the prediction.
        prediction_id: Path<Key>,
    ) -> Handled<Envelope<PredictionDetail>, GetPrediction> {
        let mut conn = self.0.store.read().await?;
        Ok(Reply::ok(&Envelope::new(show(&mut conn, prediction_id.0.0).await?)))
    }

    /// Override the outcome of a prediction
    ///
    /// In any state. A repeat changes nothing; accuracy that has taken the outcome in already is not rewritten. `none`
    /// takes the word back, and the outcome speaks again.
    #[oai(
        path = "/predictions/:prediction_id/override",
        method = "patch",
        operation_id = "override_prediction"
    )]
    async fn override_prediction(
        &self,
        body: JsonBody<OverridePredictionRequest>,
        /// Key of the prediction.
        prediction_id: Path<Key>,
    ) -> Handled<Envelope<PredictionDetail>, OverridePrediction> {
        let id = prediction_id.0.0;
        let word = body.0.override_result.stored();
        let mut tx = self.0.store.begin().await?;
        predictions_read::set_override(&mut tx, id, word, shared::clock::now()).await?;
        tx.commit().await?;
        let mut conn = self.0.store.read().await?;
        Ok(Reply::ok(&Envelope::new(show(&mut conn, id).await?)))
    }
}

async fn show(conn: &mut impl Session, id: i64) -> Result<PredictionDetail, ApiError> {
    let row = predictions_read::find(conn, id).await?;
    let row = row.ok_or_else(|| ApiError::not_found("prediction"))?;
    let outcomes = predictions_read::outcomes(conn, id).await?;
    let exits = predictions_read::exits(conn, id).await?;
    Ok(PredictionDetail::of(&row, &outcomes, &exits))
}
