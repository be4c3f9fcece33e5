//! `/runs/{run_id}/stream`: the events of a run as they become true, and its progress between them.
//!
//! Everything comes from the event log and the run's row, so a client may be cut off and come back with the last
//! number it has seen, to this server or another one, and misses nothing.

mod follower;

use std::sync::Arc;
use std::time::Duration;

use poem::web::sse::SSE;
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, OpenApi};
use serde_json::Value;
use shared::run::ids::RunId;

use crate::app::App;
use crate::http::constraint::Invalid;
use crate::http::error::{ApiError, Code};
use crate::http::params::{H, Key, Path, Q};
use crate::http::reply::{Fail, Operation};
use crate::http::scalar::{Scalar, scalar};
use crate::http::values::After;
use crate::tags::Tags;
use crate::wait;
use follower::Follower;

/// Pause between the comments that keep a silent connection open.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What a client is told for whom there is no place.
const TOO_MANY: &str = "too many event streams are open; poll the status instead, or try again";

/// `GET /runs/{run_id}/stream`
pub struct StreamRun;
impl Operation for StreamRun {
    const ERRORS: &'static [u16] = &[404, 422, 429];
}

/// A stream of server-sent events.
pub struct EventStream(Response);

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for EventStream {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The stream; it ends after the run has.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "text/event-stream",
                    schema: String::schema_ref(),
                }],
                headers: Vec::new(),
            }],
        }
    }

    fn register(_: &mut Registry) {}
}

/// Number of the last event a browser has seen; anything but such a number counts as 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastEventId(pub i64);

impl Scalar for LastEventId {
    fn schema() -> MetaSchema {
        MetaSchema::new("string")
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        Ok(Self(text.trim().parse().unwrap_or(0).max(0)))
    }

    fn write(&self) -> Value {
        self.0.to_string().into()
    }
}
scalar!(LastEventId);

/// The operation.
pub struct StreamApi(pub App);

#[OpenApi(tag = "Tags::Runs")]
impl StreamApi {
    /// Follow a run
    ///
    /// Server-sent events: `id` is the number of the event, `event` its type, `data` a `RunEvent`. Between them, without
    /// an `id`, `event: progress` with a `RunStatus`. After the run's last event comes `event: end` with `{}`, and the
    /// stream closes. A client that was cut off sends the last `id` it has seen as `Last-Event-ID` and misses nothing.
    #[oai(path = "/runs/:run_id/stream", method = "get", operation_id = "stream_run")]
    async fn stream_run(
        &self,
        /// Key of the run.
        run_id: Path<Key>,
        /// Number of the last event seen; `Last-Event-ID` wins over it.
        after: Q<Option<After>>,
        /// `id` of the last event seen, as browsers send it; anything but a number counts as 0.
        #[oai(name = "Last-Event-ID")]
        last_event_id: H<Option<LastEventId>>,
    ) -> Result<EventStream, Fail<StreamRun>> {
        let run = RunId(run_id.0.0);
        let asked = after.0.map_or(0, |after| after.0);
        let after = last_event_id.0.map_or(asked, |last| last.0);
        wait::look(&self.0, run).await?;
        let slot = Arc::clone(&self.0.streams).try_acquire_owned();
        let slot = slot.map_err(|_| ApiError::new(Code::RateLimited, TOO_MANY))?;
        let follower = Follower::new(self.0.clone(), run, after, slot)?;
        let events = SSE::new(follower.into_stream()).keep_alive(HEARTBEAT);
        Ok(EventStream(events.into_response()))
    }
}
