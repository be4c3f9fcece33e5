//! `/runs/{run_id}/events`: the gap-free log of a run, by pages.

use poem_openapi::{Object, OpenApi};
use shared::run::event::EventPayload as StoredPayload;
use shared::run::ids::{ResultId, RunId};
use shared::store::{StoreError, events, runs};
use uuid::Uuid;

use crate::app::App;
use crate::http::envelope::Meta;
use crate::http::error::ApiError;
use crate::http::nullable::Nullable;
use crate::http::params::{Key, Path, Q};
use crate::http::reply::{Handled, Operation, Reply};
use crate::http::values::{After, Limit, Timestamp, default_limit, from_the_start};
use crate::tags::Tags;

/// Details of an event; a field without meaning for its type is null.
#[derive(Debug, Clone, Object)]
pub struct EventPayload {
    /// Key of the phase.
    pub phase_key: Nullable<String>,
    /// Label of the phase.
    pub phase_label: Nullable<String>,
    /// Attempt of the run.
    pub attempt: Nullable<i64>,
    /// The result that became readable.
    pub result_id: Nullable<Uuid>,
    /// Its number within the run.
    pub result_seq: Nullable<i64>,
    /// Why the run failed.
    pub error_code: Nullable<String>,
    /// The same for people.
    pub error_message: Nullable<String>,
    /// Why it was canceled, or what resumed it.
    pub reason: Nullable<String>,
}

/// Something that happened to a run.
#[derive(Debug, Clone, Object)]
pub struct RunEvent {
    /// 1, 2, 3, ... within the run, without gaps.
    pub event_seq: i64,
    /// What happened. Known: `job.queued`, `job.running`, `job.phase_started`, `job.phase_completed`, `job.partial`,
    /// `job.cancel_requested`, `job.resumed`, `job.slow`, `job.completed`, `job.failed`, `job.canceled`. More may
    /// follow.
    pub event_type: String,
    /// When it became true.
    pub occurred_at: Timestamp,
    /// Who made it true: `api`, `worker` or `system`.
    pub actor: String,
    /// Details.
    pub payload: EventPayload,
}

/// About a page of events.
#[derive(Debug, Clone, Object)]
pub struct EventPageMeta {
    /// When the answer was made.
    pub timestamp: Timestamp,
    /// Version of the service.
    pub version: String,
    /// Name of the request: the one sent in `X-Request-Id`, or a new one.
    pub request_id: String,
    /// Events of the whole run.
    pub total: i64,
    /// Events asked for.
    pub limit: i64,
    /// The page starts behind this number.
    pub after: i64,
    /// Number of the run's newest event.
    pub last_seq: i64,
}

/// A page of a run's events, oldest first.
#[derive(Debug, Clone, Object)]
pub struct RunEventPage {
    /// The events of the page.
    pub data: Vec<RunEvent>,
    /// About the page.
    pub meta: EventPageMeta,
}

impl From<StoredPayload> for EventPayload {
    fn from(payload: StoredPayload) -> Self {
        Self {
            phase_key: payload.phase_key.into(),
            phase_label: payload.phase_label.into(),
            attempt: payload.attempt.into(),
            result_id: payload.result_id.as_ref().map(ResultId::uuid).into(),
            result_seq: payload.result_seq.into(),
            error_code: payload.error_code.into(),
            error_message: payload.error_message.into(),
            reason: payload.reason.into(),
        }
    }
}

impl RunEvent {
    /// What is shown of an event.
    pub fn of(event: events::Event) -> Result<Self, StoreError> {
        let payload = event.parsed_payload()?.into();
        Ok(Self {
            event_seq: event.event_seq,
            event_type: event.event_type,
            occurred_at: event.occurred_at.into(),
            actor: event.actor,
            payload,
        })
    }
}

/// `GET /runs/{run_id}/events`
pub struct ListRunEvents;
impl Operation for ListRunEvents {
    const ERRORS: &'static [u16] = &[404, 422];
}

/// The operation.
pub struct EventsApi(pub App);

#[OpenApi(tag = "Tags::Runs")]
impl EventsApi {
    /// List the events of a run
    ///
    /// Oldest first, behind the number given in `after`: whoever comes back with the last number seen misses nothing.
    #[oai(path = "/runs/:run_id/events", method = "get", operation_id = "list_run_events")]
    async fn list_run_events(
        &self,
        /// Key of the run.
        run_id: Path<Key>,
        /// Number of the last event seen.
        #[oai(default = "from_the_start")]
        after: Q<After>,
        /// Events of a page.
        #[oai(default = "default_limit")]
        limit: Q<Limit>,
    ) -> Handled<RunEventPage, ListRunEvents> {
        let run = RunId(run_id.0.0);
        let (after, limit) = (after.0.0, limit.0.0);
        let mut conn = self.0.store.snapshot().await?;
        if runs::find(&mut conn, run).await?.is_none() {
            return Err(ApiError::not_found("run").into());
        }
        let rows = events::page(&mut conn, run, after, limit).await?;
        let (total, last_seq) = events::totals(&mut conn, run).await?;
        let data = rows.into_iter().map(RunEvent::of).collect::<Result<_, _>>()?;
        let Meta {
            timestamp,
            version,
            request_id,
        } = Meta::now();
        let meta = EventPageMeta {
            timestamp,
            version,
            request_id,
            total,
            limit,
            after,
            last_seq,
        };
        Ok(Reply::ok(&RunEventPage { data, meta }))
    }
}
