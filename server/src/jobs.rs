//! Jobs: the same runs under their permalink, and asking them to end under either name.

use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use shared::run::failure::ErrorCode;
use shared::run::ids::{JobId, ResultId, RunId};
use shared::store::cancel::{self, CancelOutcome};
use shared::store::runs::Run;
use shared::store::{events, runs};
use uuid::Uuid;

use crate::app::App;
use crate::events::RunEvent;
use crate::http::body::{Body, JsonBody};
use crate::http::envelope::Envelope;
use crate::http::error::ApiError;
use crate::http::nullable::{Nullable, present};
use crate::http::params::{Key, Path};
use crate::http::reply::{Answer, Handled, Operation, Reply};
use crate::http::values::Timestamp;
use crate::names::Name;
use crate::runs::state::RunState;
use crate::security::Principal;
use crate::tags::Tags;
use crate::words::Reason;

/// Events that come with a job.
const NEWEST_EVENTS: i64 = 100;

/// A run as a job.
#[derive(Debug, Clone, Object)]
pub struct Job {
    /// Permalink.
    pub job_id: Uuid,
    /// Key of the run.
    pub run_id: i64,
    /// Its state.
    pub status: RunState,
    /// How far it is, `0..=100`: never falls, 100 only when completed.
    pub progress_percent: i64,
    /// Partial results so far.
    pub partial_count: i64,
    /// Its newest result; null while there is none.
    pub result_id: Nullable<Uuid>,
    /// How often a worker has taken it.
    pub attempt: i64,
    /// When it was accepted.
    pub queued_at: Timestamp,
    /// When a worker first took it; null while queued.
    pub started_at: Nullable<Timestamp>,
    /// When it ended, however it ended; null while active.
    pub completed_at: Nullable<Timestamp>,
    /// Last change.
    pub updated_at: Timestamp,
    /// Why it failed; null in every other state. Same words as in `RunStatus`.
    pub error_code: Nullable<String>,
    /// The same for people; null in every other state.
    pub error_message: Nullable<String>,
    /// Whether the failure may pass by itself; null in every other state.
    pub retryable: Nullable<bool>,
    /// What to do about it: `retry_with_backoff` or `check_input_and_retry`; null in every other state.
    pub retry_hint: Nullable<String>,
    /// When somebody first asked for its end; null if nobody has.
    pub cancel_requested_at: Nullable<Timestamp>,
    /// When it was canceled; null in every other state.
    pub canceled_at: Nullable<Timestamp>,
    /// Who asked for its end first; null if nobody has.
    pub canceled_by: Nullable<String>,
    /// The first reason given; null if none was.
    pub cancel_reason: Nullable<String>,
}

impl From<Run> for Job {
    fn from(run: Run) -> Self {
        let canceled = run.status == shared::run::state::RunStatus::Canceled;
        let hint = run
            .error_code
            .as_deref()
            .map(|code| ErrorCode::retry_hint(code).to_owned());
        Self {
            job_id: run.job_id.uuid(),
            run_id: run.id.0,
            status: run.status.into(),
            progress_percent: run.progress_percent,
            partial_count: run.partial_count,
            result_id: run.result_id.as_ref().map(ResultId::uuid).into(),
            attempt: run.attempt,
            queued_at: run.queued_at.into(),
            started_at: run.started_at.into(),
            completed_at: run.completed_at.into(),
            updated_at: run.updated_at.into(),
            retryable: run.error_code.as_deref().map(ErrorCode::is_retryable).into(),
            retry_hint: hint.into(),
            error_code: run.error_code.into(),
            error_message: run.error_message.into(),
            cancel_requested_at: run.cancel_requested_at.into(),
            canceled_at: run.completed_at.filter(|_| canceled).into(),
            canceled_by: run.canceled_by.into(),
            cancel_reason: run.cancel_reason.into(),
        }
    }
}

/// A job with its newest events.
#[derive(Debug, Clone, Object)]
pub struct JobDetail {
    /// The job.
    pub job: Job,
    /// Its newest 100 events, oldest first.
    pub events: Vec<RunEvent>,
    /// Events it has in all.
    pub events_total: i64,
}

/// Why a run should end.
#[derive(Debug, Clone, Default, Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelRequest {
    /// For people; the first one is kept.
    #[serde(default, deserialize_with = "present")]
    pub reason: Option<Reason>,
}

impl Body for CancelRequest {
    fn when_absent() -> Option<Self> {
        Some(Self::default())
    }
}

/// What a request to cancel did.
#[derive(Debug, Clone, Object)]
pub struct CancelResult {
    /// True when the run is canceled or will be; false when it had completed or failed.
    pub accepted: bool,
    /// Key of the run.
    pub run_id: i64,
    /// The job, as it is now.
    pub job: Job,
}

/// `GET /analyze/jobs/{job_id}`
pub struct GetJob;
impl Operation for GetJob {
    const ERRORS: &'static [u16] = &[404];
}

/// `POST /runs/{run_id}/cancel` and `POST /analyze/jobs/{job_id}/cancel`
pub struct Cancel;
impl Operation for Cancel {
    const ANSWERS: &'static [Answer] = &[
        Answer {
            status: 200,
            description: "The run is canceled, or had ended before.",
            headers: &[],
        },
        Answer {
            status: 202,
            description: "A worker is at it and will stop.",
            headers: &[],
        },
    ];
    const ERRORS: &'static [u16] = &[400, 404, 413, 415, 422];
}

/// The operations.
pub struct JobsApi(pub App);

#[OpenApi]
impl JobsApi {
    /// Get a job
    ///
    /// The run under its permalink, with its newest events.
    #[oai(
        path = "/analyze/jobs/:job_id",
        method = "get",
        operation_id = "get_job",
        tag = "Tags::Analysis"
    )]
    async fn get_job(
        &self,
        /// Permalink of the run.
        job_id: Path<Name>,
    ) -> Handled<Envelope<JobDetail>, GetJob> {
        let mut conn = self.0.store.snapshot().await?;
        let run = runs::find_by_job(&mut conn, &job_name(&job_id.0)?).await?;
        let run = run.ok_or_else(|| ApiError::not_found("job"))?;
        let rows = events::newest(&mut conn, run.id, NEWEST_EVENTS).await?;
        let (events_total, _) = events::totals(&mut conn, run.id).await?;
        let events = rows.into_iter().map(RunEvent::of).collect::<Result<_, _>>()?;
        Ok(Reply::ok(&Envelope::new(JobDetail {
            job: run.into(),
            events,
            events_total,
        })))
    }

    /// Cancel a run by its job
    ///
    /// Same as canceling the run by its key.
    #[oai(
        path = "/analyze/jobs/:job_id/cancel",
        method = "post",
        operation_id = "cancel_job",
        tag = "Tags::Analysis"
    )]
    async fn cancel_job(
        &self,
        body: JsonBody<CancelRequest>,
        /// Permalink of the run.
        job_id: Path<Name>,
        principal: Data<&Principal>,
    ) -> Handled<Envelope<CancelResult>, Cancel> {
        let run = runs::find_by_job(&mut self.0.store.read().await?, &job_name(&job_id.0)?).await?;
        let run = run.ok_or_else(|| ApiError::not_found("job"))?;
        self.cancel(run.id, body.0, principal.0).await
    }

    /// Cancel a run
    ///
    /// A run nobody works on is canceled at once (200). One that a worker holds is asked to stop and does so at its
    /// next unit of work, usually within a second (202). One that has ended stays as it is (200). Repeats change
    /// nothing; the first reason is kept, and so is what the run has published.
    #[oai(
        path = "/runs/:run_id/cancel",
        method = "post",
        operation_id = "cancel_run",
        tag = "Tags::Runs"
    )]
    async fn cancel_run(
        &self,
        body: JsonBody<CancelRequest>,
        /// Key of the run.
        run_id: Path<Key>,
        principal: Data<&Principal>,
    ) -> Handled<Envelope<CancelResult>, Cancel> {
        self.cancel(RunId(run_id.0.0), body.0, principal.0).await
    }
}

impl JobsApi {
    async fn cancel(
        &self,
        id: RunId,
        request: CancelRequest,
        principal: &Principal,
    ) -> Handled<Envelope<CancelResult>, Cancel> {
        let reason = request.reason.map(|reason| reason.0);
        let outcome = cancel::request(&self.0.store, id, reason.as_deref(), &principal.0).await?;
        let (status, accepted, run) = match outcome.ok_or_else(|| ApiError::not_found("run"))? {
            CancelOutcome::Canceled(run) => (StatusCode::OK, true, run),
            CancelOutcome::Requested(run) => (StatusCode::ACCEPTED, true, run),
            CancelOutcome::Ended(run) => (StatusCode::OK, false, run),
        };
        let body = CancelResult {
            accepted,
            run_id: run.id.0,
            job: Job::from(*run),
        };
        Ok(Reply::with_status(status, &Envelope::new(body)))
    }
}

fn job_name(name: &Name) -> Result<JobId, ApiError> {
    JobId::parse(&name.0).ok_or_else(|| ApiError::not_found("job"))
}
