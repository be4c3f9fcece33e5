//! Following a run until it ends.
//!
//! [`Feed`] yields what changed, a [`Screen`] shows it. The feed polls; a stream of events can take its place without
//! the screens noticing. A server that goes away for a moment, to be restarted, does not end the watch.

mod bars;
pub mod day;
mod feed;
mod lines;
mod news;

use std::io::{self, IsTerminal as _};
use std::pin::pin;
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::api::types::{Run, RunEvent, RunState};
use crate::failure::Failure;
use crate::output;
use crate::server::Server;
use feed::Feed;

/// A worker takes a run at once; one that is not taken for this long may have none.
const UNCLAIMED: Duration = Duration::from_secs(3);

/// What is new about a run.
#[derive(Debug)]
pub struct Change {
    /// The run as it is now.
    pub run: Run,
    /// The same as it came.
    pub data: Value,
    /// Events since the last change.
    pub events: Vec<RunEvent>,
}

/// Where changes are shown.
pub trait Screen {
    /// Shows what changed.
    fn show(&mut self, change: &Change) -> Result<(), Failure>;
}

/// Shows every change of a run until it ends; gives the run as it ended.
pub async fn follow(server: &Server, id: i64, screen: &mut dyn Screen) -> Result<Run, Failure> {
    let mut feed = Feed::new(server, id);
    let mut is_waiting = false;
    loop {
        let change = next_change(server, &mut feed, is_waiting).await?;
        screen.show(&change)?;
        if has_ended(change.run.status) {
            return Ok(change.run);
        }
        is_waiting = change.run.status == RunState::Queued;
    }
}

/// The next change. A run that waits for a while has its reason told.
async fn next_change(server: &Server, feed: &mut Feed<'_>, is_waiting: bool) -> Result<Change, Failure> {
    let mut next = pin!(feed.next());
    if is_waiting {
        tokio::select! {
            change = &mut next => return change,
            told = Box::pin(tell_if_nobody_works(server)) => told?,
        }
    }
    next.await
}

/// Says so when there is no worker. A server that does not answer just now has nothing to say about that.
async fn tell_if_nobody_works(server: &Server) -> Result<(), Failure> {
    sleep(UNCLAIMED).await;
    let system = server.overview().await.map(|answer| answer.value.data);
    if system.is_ok_and(|system| system.workers.iter().all(|worker| worker.state != "live")) {
        output::note("no worker is running; start one with `make up`, or `analyze-worker` beside the server\n")?;
    }
    Ok(())
}

/// The screen that fits: a line of JSON a change, bars on a terminal, plain lines elsewhere.
#[must_use]
pub fn screen(json: bool) -> Box<dyn Screen> {
    if json { Box::new(Json) } else { progress() }
}

/// Progress for people, on standard error.
#[must_use]
pub fn progress() -> Box<dyn Screen> {
    if io::stderr().is_terminal() {
        Box::new(bars::Bars::default())
    } else {
        Box::new(lines::Lines::new(io::stderr()))
    }
}

/// Whether a run in this state never changes again.
#[must_use]
pub const fn has_ended(state: RunState) -> bool {
    matches!(state, RunState::Completed | RunState::Failed | RunState::Canceled)
}

/// The run as it came, on a line a change.
struct Json;

impl Screen for Json {
    fn show(&mut self, change: &Change) -> Result<(), Failure> {
        output::json_line(&change.data)
    }
}

/// A screen for nobody.
pub struct Silence;

impl Screen for Silence {
    fn show(&mut self, _: &Change) -> Result<(), Failure> {
        Ok(())
    }
}

#[cfg(test)]
pub mod samples {
    use serde_json::json;

    use super::Change;
    use crate::api::types::{Run, RunEvent};

    /// A run in its second phase, with one warning.
    pub fn change(percent: i64) -> Change {
        let at = |second: i64| format!("2026-01-05T20:00:{second:02}.000000Z");
        let phase = |number: i64, status: &str, done: i64, total: i64| {
            json!({
                "key": format!("p{number}"), "number": number, "label": format!("Phase {number}"), "status": status,
                "progress_current": done, "progress_total": total, "attempt": null, "crashes": 0, "warnings": [],
                "started_at": at(number), "completed_at": (status == "completed").then(|| at(number + 3)),
            })
        };
        let warning = json!({
            "type": "market_hours_skipped", "message": "closed", "phase": 1, "timestamp": at(2),
            "ticker": "GME", "context": {},
        });
        let mut first = phase(1, "completed", 7, 7);
        first["warnings"] = json!([warning]);
        let data = json!({
            "run_id": 1, "job_id": "0198c0de-0000-7000-8000-000000000001", "subreddit": "stocks",
            "status": "running", "current_phase": 2, "phase_key": "p2", "phase_label": "Phase 2", "phase_index": 2,
            "phase_count": 2, "progress_current": 3, "progress_total": 12, "progress_percent": percent,
            "signals_created": null, "positions_opened": null, "exits_triggered": null, "error_code": null,
            "error_message": null, "retryable": null, "retry_hint": null, "warnings": null, "attempt": 1,
            "worker": "live", "eta_seconds": null, "queued_at": at(0), "started_at": at(1), "completed_at": null,
            "result_id": null, "phases": [first, phase(2, "running", 3, 12)],
            "request": {"subreddit": "stocks", "as_of": null, "post_limit": 10, "comments_per_post": 1000,
                        "top_comments": 50},
        });
        let run: Run = serde_json::from_value(data.clone()).expect("a run");
        let events = vec![
            event(1, "job.queued", None),
            event(2, "job.phase_started", Some("Phase 1")),
        ];
        Change { run, data, events }
    }

    /// An event of that run.
    pub fn event(seq: i64, kind: &str, label: Option<&str>) -> RunEvent {
        let payload = json!({
            "phase_key": null, "phase_label": label, "attempt": 1, "result_id": null, "result_seq": 4,
            "error_code": "timeout", "error_message": "too slow", "reason": null,
        });
        let event = json!({
            "event_seq": seq, "event_type": kind, "occurred_at": "2026-01-05T20:00:01.500000Z", "actor": "worker",
            "payload": payload,
        });
        serde_json::from_value(event).expect("an event")
    }
}
