//! `/runs`: lists, one run with its phases, and its status.

pub mod active;
mod list;
pub mod shown;
pub mod state;
pub mod status;
mod view;

use std::sync::Arc;
use std::time::Duration;

use poem::Response;
use poem::http::header::ETAG;
use poem::http::{HeaderMap, StatusCode};
use poem_openapi::OpenApi;
use shared::run::ids::RunId;
use shared::store::overview::RunView;
use shared::store::runs::RunFilter;
use shared::store::{phases, runs};
use tokio::time::Instant;

use crate::app::App;
use crate::http::envelope::{Envelope, Page};
use crate::http::params::{H, Key, Path, Q};
use crate::http::prefer::Prefer;
use crate::http::reply::{Answer, Fail, Handled, HeaderDoc, Operation, RETRY_AFTER, Reply};
use crate::http::values::{Limit, Offset, Timestamp, default_limit, from_the_start};
use crate::tags::Tags;
use crate::wait;
use crate::words::Subreddit;
pub use list::RunSummary;
use shown::Shown;
use state::RunState;
use status::RunStatus;
pub use view::Run;

/// Shortest time between two answers to a client that waits for changes.
const PACE: Duration = Duration::from_secs(1);

/// The operations.
pub struct RunsApi(pub App);

/// `GET /runs`
pub struct ListRuns;
impl Operation for ListRuns {
    const ERRORS: &'static [u16] = &[422];
}

/// `GET /runs/{run_id}`
pub struct GetRun;
impl Operation for GetRun {
    const ERRORS: &'static [u16] = &[404];
}

/// `GET /runs/{run_id}/status`
pub struct GetRunStatus;
impl Operation for GetRunStatus {
    const ANSWERS: &'static [Answer] = &[Answer {
        status: 200,
        description: "Where the run stands.",
        headers: &[
            HeaderDoc {
                name: "ETag",
                description: "Weak tag of this status, for If-None-Match.",
                ty: "string",
            },
            HeaderDoc {
                name: "Cache-Control",
                description: "Always `no-cache`.",
                ty: "string",
            },
            HeaderDoc {
                name: "Vary",
                description: "Always `Prefer`.",
                ty: "string",
            },
            RETRY_AFTER,
            crate::analyze::PREFERENCE_APPLIED,
        ],
    }];
    const ERRORS: &'static [u16] = &[404];
}

#[OpenApi(tag = "Tags::Runs")]
impl RunsApi {
    /// List runs
    ///
    /// Newest first. Filters combine.
    #[oai(path = "/runs", method = "get", operation_id = "list_runs")]
    async fn list_runs(
        &self,
        /// Only runs in this state.
        status: Q<Option<RunState>>,
        /// Only runs of this subreddit.
        subreddit: Q<Option<Subreddit>>,
        /// Only runs queued at or after this time.
        since: Q<Option<Timestamp>>,
        /// Items of a page.
        #[oai(default = "default_limit")]
        limit: Q<Limit>,
        /// Items to skip.
        #[oai(default = "from_the_start")]
        offset: Q<Offset>,
    ) -> Handled<Page<RunSummary>, ListRuns> {
        let filter = RunFilter {
            status: status.0.map(Into::into),
            subreddit: subreddit.0.map(|name| name.0),
            since: since.0.map(|at| at.0),
            limit: limit.0.0,
            offset: offset.0.0,
        };
        let (rows, total) = runs::list(&mut self.0.store.snapshot().await?, &filter).await?;
        let data = rows.into_iter().map(RunSummary::of).collect::<Result<_, _>>()?;
        Ok(Reply::ok(&Page::new(data, total, filter.limit, filter.offset)))
    }

    /// Get a run
    ///
    /// Its status, what was asked for, and its phases with the warnings each has met so far.
    #[oai(path = "/runs/:run_id", method = "get", operation_id = "get_run")]
    async fn get_run(
        &self,
        /// Key of the run.
        run_id: Path<Key>,
    ) -> Handled<Envelope<Run>, GetRun> {
        let view = wait::look(&self.0, RunId(run_id.0.0)).await?;
        let phases = phases::list(&mut self.0.store.read().await?, view.run.id).await?;
        Ok(Reply::ok(&Envelope::new(Run::of(&view, phases, shared::clock::now())?)))
    }

    /// Get the status of a run
    ///
    /// For polling: `Retry-After` says when it is worth asking again. With `If-None-Match` an unchanged status is
    /// answered 304 without a body. With `Prefer: wait=N` the answer comes at the next change of status, phase,
    /// percent or result (with `If-None-Match`: at once if the tag differs), or after N seconds; a run that has ended
    /// is answered at once.
    #[oai(path = "/runs/:run_id/status", method = "get", operation_id = "get_run_status")]
    async fn get_run_status(
        &self,
        /// Key of the run.
        run_id: Path<Key>,
        /// `wait=N`: seconds to wait for a change.
        #[oai(name = "Prefer")]
        prefer: H<Option<Prefer>>,
        headers: &HeaderMap,
    ) -> Handled<Envelope<RunStatus>, GetRunStatus> {
        let waiting = prefer.0.unwrap_or_default().waiting(self.0.sync_max);
        let mut view = wait::look(&self.0, RunId(run_id.0.0)).await?;
        if let Some(longest) = waiting {
            view = self.changed(view, headers, longest).await?;
        }
        let now = shared::clock::now();
        let etag = status::etag(&view.run, now);
        if status::is_known(headers, &etag) {
            let unchanged = Response::builder().status(StatusCode::NOT_MODIFIED).header(ETAG, etag);
            let unchanged = unchanged.header("cache-control", "no-cache").header("vary", "Prefer");
            return Err(Fail::finished(unchanged.finish()));
        }
        let reply = Reply::written(&view.status(now)?)
            .header("etag", etag)
            .header("cache-control", "no-cache")
            .header("vary", "Prefer");
        let reply = match waiting {
            Some(used) => reply.header("preference-applied", format!("wait={}", used.as_secs())),
            None => reply,
        };
        Ok(match status::retry_after(&view.run, now) {
            Some(seconds) => reply.header("retry-after", seconds.to_string()),
            None => reply,
        })
    }
}

impl RunsApi {
    /// Waits for a change against what the client knows, which is `seen` unless its tag says otherwise.
    async fn changed(
        &self,
        seen: Arc<Shown>,
        headers: &HeaderMap,
        longest: Duration,
    ) -> Result<Arc<Shown>, crate::http::error::ApiError> {
        let tag = status::etag(&seen.run, shared::clock::now());
        let knows_another = headers.contains_key("if-none-match") && !status::is_known(headers, &tag);
        if seen.run.status.is_terminal() || knows_another {
            return Ok(seen);
        }
        let (id, before, pace) = (seen.run.id, mark(&seen), Instant::now() + PACE);
        let view = wait::until(&self.0, id, longest, |now| mark(now) != before).await?;
        if view.run.status.is_terminal() || longest < PACE {
            return Ok(view);
        }
        let closing = &self.0.closing;
        tokio::select! { () = tokio::time::sleep_until(pace) => {}, () = closing.cancelled() => {} }
        wait::look(&self.0, id).await
    }
}

/// What counts as a change for somebody who waits.
fn mark(view: &RunView) -> impl PartialEq + use<> {
    let run = &view.run;
    (
        run.status,
        run.phase_key.clone(),
        run.progress_percent,
        run.result_id.clone(),
    )
}
