//! Runs as last read, for as long as nothing was committed since.
//!
//! Many clients poll the same run. A look at the database's [`Stamp`] tells whether a query would still see the same;
//! if so, what was read before is shown again. Nothing here is ever older than a query's answer would be.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use shared::run::ids::RunId;
use shared::store::version::{CommitVersion, Stamp};

use crate::runs::shown::Shown;

/// Runs kept under one stamp.
const MOST: usize = 256;

/// The runs read since the last commit.
#[derive(Debug)]
pub struct Views {
    version: CommitVersion,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    stamp: Option<Stamp>,
    views: HashMap<RunId, Arc<Shown>>,
}

impl Views {
    /// None yet.
    #[must_use]
    pub fn new(version: CommitVersion) -> Self {
        Self {
            version,
            seen: Mutex::default(),
        }
    }

    /// The stamp of the database; taken before a read that is to be remembered.
    #[must_use]
    pub fn stamp(&self) -> Option<Stamp> {
        self.version.stamp()
    }

    /// The run as read under this stamp, if it was.
    #[must_use]
    pub fn known(&self, stamp: Option<Stamp>, id: RunId) -> Option<Arc<Shown>> {
        let seen = self.lock();
        let fresh = stamp.is_some() && seen.stamp == stamp;
        fresh.then(|| seen.views.get(&id).cloned()).flatten()
    }

    /// Remembers what was read after the stamp was taken.
    pub fn remember(&self, stamp: Option<Stamp>, id: RunId, view: &Arc<Shown>) {
        if stamp.is_none() || self.stamp() != stamp {
            return;
        }
        let mut seen = self.lock();
        if seen.stamp != stamp || seen.views.len() >= MOST {
            seen.views.clear();
            seen.stamp = stamp;
        }
        seen.views.insert(id, Arc::clone(view));
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
