//! One client that follows a run: what it is sent next.
//!
//! Reads a page of the log behind the last number sent, then shows the status if it has changed, then waits for the
//! doorbell. The listener is there before the first look, so that no commit between look and wait is missed.

use std::collections::VecDeque;
use std::time::Duration;

use futures::{Stream, stream};
use poem::web::sse::Event;
use poem_openapi::types::ToJSON;
use shared::clock;
use shared::doorbell::Listener;
use shared::run::ids::RunId;
use shared::store::overview::RunView;
use shared::store::{StoreError, events};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::app::App;
use crate::events::RunEvent;
use crate::http::error::ApiError;
use crate::runs::status::{self, RunStatus};
use crate::wait;

/// Events read at once.
const PAGE: i64 = 200;
/// Longest pause between two looks, should a ring be lost.
const TICK: Duration = Duration::from_secs(1);
/// Shortest time between two progress messages.
const PACE: Duration = Duration::from_millis(250);

/// Where one client stands.
pub(super) struct Follower {
    app: App,
    run: RunId,
    /// Number of the last event sent.
    after: i64,
    listener: Listener,
    ready: VecDeque<Event>,
    /// Tag of the status that was shown last, and when.
    shown: Option<(String, Instant)>,
    ended: bool,
    /// Its place among the open streams.
    _slot: OwnedSemaphorePermit,
}

impl Follower {
    pub(super) fn new(app: App, run: RunId, after: i64, slot: OwnedSemaphorePermit) -> Result<Self, StoreError> {
        let listener = app.listen()?;
        Ok(Self {
            app,
            run,
            after,
            listener,
            ready: VecDeque::new(),
            shown: None,
            ended: false,
            _slot: slot,
        })
    }

    /// What the client is sent, to the end of the run or of the server.
    pub(super) fn into_stream(self) -> impl Stream<Item = Event> + Send + 'static {
        stream::unfold(self, |mut follower| async move {
            let event = follower.next().await?;
            Some((event, follower))
        })
    }

    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.ended || self.app.closing.is_cancelled() {
                return None;
            }
            if let Err(error) = self.gather().await {
                // Cut off: the client comes back with the last number it has seen.
                tracing::warn!(run.id = %self.run, ?error, "an event stream broke off");
                return None;
            }
            if self.ready.is_empty() {
                tokio::select! {
                    _ = self.listener.wait(self.patience()) => {}
                    () = self.app.closing.cancelled() => {}
                }
            }
        }
    }

    /// Fills `ready` with what is new.
    async fn gather(&mut self) -> Result<(), ApiError> {
        let view = wait::look(&self.app, self.run).await?;
        if view.run.event_seq > self.after && self.read_events().await? {
            return Ok(());
        }
        if view.run.status.is_terminal() {
            self.ready.push_back(Event::message("{}").event_type("end"));
            self.ended = true;
            return Ok(());
        }
        self.show_progress(&view)
    }

    /// Reads the next page; `false` when there is nothing, as in a log that has passed its retention.
    async fn read_events(&mut self) -> Result<bool, ApiError> {
        let rows = events::page(&mut self.app.store.read().await?, self.run, self.after, PAGE).await?;
        for row in rows {
            let (seq, kind) = (row.event_seq, row.event_type.clone());
            let data = RunEvent::of(row)?.to_json_string();
            self.after = seq;
            self.ready
                .push_back(Event::message(data).id(seq.to_string()).event_type(kind));
        }
        Ok(!self.ready.is_empty())
    }

    /// Shows the status if it is another one than shown before, at most every [`PACE`].
    fn show_progress(&mut self, view: &RunView) -> Result<(), ApiError> {
        let now = clock::now();
        let tag = status::etag(&view.run, now);
        let due = |(shown, at): &(String, Instant)| *shown != tag && at.elapsed() >= PACE;
        if self.shown.as_ref().is_none_or(due) {
            let data = RunStatus::of(view, now)?.to_json_string();
            self.ready.push_back(Event::message(data).event_type("progress"));
            self.shown = Some((tag, Instant::now()));
        }
        Ok(())
    }

    /// Until the next look: a change that came too early to be shown is shown when it is due.
    fn patience(&self) -> Duration {
        let since = self.shown.as_ref().map_or(PACE, |(_, at)| at.elapsed());
        PACE.checked_sub(since).filter(|left| !left.is_zero()).unwrap_or(TICK)
    }
}
