//! A run as it was read, with its status as it was last written out: many clients poll the same one.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use poem_openapi::types::ToJSON as _;
use shared::store::StoreError;
use shared::store::overview::RunView;
use shared::store::runs::WorkerState;

use super::status::{RunStatus, eta_seconds};

/// What a status depends on beside the run: the rest of it cannot change.
type Dated = (WorkerState, Option<i64>);

/// A run that was read.
#[derive(Debug)]
pub struct Shown {
    view: RunView,
    written: Mutex<Option<(Dated, Arc<str>)>>,
}

impl Deref for Shown {
    type Target = RunView;

    fn deref(&self) -> &RunView {
        &self.view
    }
}

impl Shown {
    /// A run that was just read.
    #[must_use]
    pub const fn new(view: RunView) -> Self {
        Self {
            view,
            written: Mutex::new(None),
        }
    }

    /// Its [`RunStatus`] at `now`, as JSON.
    pub fn status(&self, now: DateTime<Utc>) -> Result<Arc<str>, StoreError> {
        let run = &self.view.run;
        let dated = (run.worker_state(now), eta_seconds(run, now));
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((then, text)) = &*written
            && *then == dated
        {
            return Ok(Arc::clone(text));
        }
        let text: Arc<str> = RunStatus::of(&self.view, now)?.to_json_string().into();
        *written = Some((dated, Arc::clone(&text)));
        Ok(text)
    }
}
