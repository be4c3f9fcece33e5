//! What changed about a run, one change after the other, by polling.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::{Change, has_ended};
use crate::api::types::RunEvent;
use crate::failure::Failure;
use crate::server::Server;

/// Time between two questions.
const PACE: Duration = Duration::from_millis(300);
/// How long the server may be away, for a restart.
const PATIENCE: Duration = Duration::from_secs(15);

/// The changes of one run.
#[derive(Debug)]
pub struct Feed<'a> {
    server: &'a Server,
    run: i64,
    seen: Option<Value>,
    last_event: i64,
    heard: Option<Instant>,
}

impl<'a> Feed<'a> {
    /// The changes of run `run`; the first one is the run as it is.
    #[must_use]
    pub const fn new(server: &'a Server, run: i64) -> Self {
        Self {
            server,
            run,
            seen: None,
            last_event: 0,
            heard: None,
        }
    }

    /// Waits for the next change. A server that has answered once may be away for a moment.
    pub async fn next(&mut self) -> Result<Change, Failure> {
        loop {
            match self.look().await {
                Ok(Some(change)) => return Ok(change),
                Ok(None) => {}
                Err(failure) if failure.may_pass() && self.is_patient() => {}
                Err(failure) => return Err(failure),
            }
            sleep(PACE).await;
        }
    }

    fn is_patient(&self) -> bool {
        self.heard.is_some_and(|heard| heard.elapsed() < PATIENCE)
    }

    /// The run first, its events after it: those of an ended run are all there.
    async fn look(&mut self) -> Result<Option<Change>, Failure> {
        let answer = self.server.run(self.run).await?;
        let (run, data) = (answer.value.data, answer.data);
        let events = self.new_events().await?;
        self.heard = Some(Instant::now());
        let is_news = self.seen.as_ref() != Some(&data) || !events.is_empty() || has_ended(run.status);
        if !is_news {
            return Ok(None);
        }
        self.seen = Some(data.clone());
        Ok(Some(Change { run, data, events }))
    }

    async fn new_events(&mut self) -> Result<Vec<RunEvent>, Failure> {
        let mut events = Vec::new();
        loop {
            let page = self.server.events(self.run, self.last_event).await?.value;
            let Some(last) = page.data.last() else {
                return Ok(events);
            };
            self.last_event = last.event_seq;
            let is_all = self.last_event >= page.meta.last_seq;
            events.extend(page.data);
            if is_all {
                return Ok(events);
            }
        }
    }
}
