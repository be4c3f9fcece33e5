//! The doorbell: a commit of any process becomes a wake-up of all others.
//!
//! Whoever commits through the store touches a file beside the database ([`crate::store::commit_signal`]); a watch on
//! that file rings the listeners of this process. A slow tick looks at the [`CommitVersion`] too, so that a lost
//! signal, or a commit of another program, costs a second and not a run.
//!
//! Rings are coalesced, and the last one is never lost: a listener that was busy finds the ring when it looks.

mod stream;

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::ModifyKind};
use tokio::sync::watch as channel;

pub use stream::RingStream;

use crate::store::{Store, StoreError, commit_signal, version::CommitVersion};

/// Rings whenever somebody has committed; silent once it is dropped.
#[derive(Debug)]
pub struct Bell {
    rings: channel::Receiver<u64>,
    _watcher: Option<RecommendedWatcher>,
    /// The ticking thread ends with it.
    _ticking: mpsc::Sender<()>,
}

/// One listener; each has its own memory of what it has heard.
#[derive(Debug, Clone)]
pub struct Listener {
    rings: channel::Receiver<u64>,
}

impl Bell {
    /// Hangs the bell at the database; `fallback` is the slow tick.
    pub fn open(store: &Store, fallback: Duration) -> Result<Self, StoreError> {
        let no_bell = |error| StoreError::Open(format!("cannot watch {}: {error}", store.path().display()));
        let version = CommitVersion::of(store).map_err(no_bell)?;
        let (ring, rings) = channel::channel(0);
        let watcher = watch(store, ring.clone());
        if let Err(error) = &watcher {
            tracing::warn!(%error, "no file watch beside the database; commits are noticed by the slow tick only");
        }
        let (ticking, ended) = mpsc::channel();
        thread::Builder::new()
            .name("doorbell".to_owned())
            .spawn(move || tick(&ring, version, fallback, &ended))
            .map_err(no_bell)?;
        Ok(Self {
            rings,
            _watcher: watcher.ok(),
            _ticking: ticking,
        })
    }

    /// A listener that hears every ring from now on.
    #[must_use]
    pub fn listen(&self) -> Listener {
        let mut rings = self.rings.clone();
        rings.mark_unchanged();
        Listener { rings }
    }
}

impl Listener {
    /// Waits for a ring since the last call, at most for `longest`; `true` when it rang.
    pub async fn wait(&mut self, longest: Duration) -> bool {
        matches!(tokio::time::timeout(longest, self.rings.changed()).await, Ok(Ok(())))
    }

    /// The rings as a stream, with a tick every `fallback`.
    #[must_use]
    pub fn into_stream(self, fallback: Duration) -> RingStream {
        RingStream::new(self.rings, fallback)
    }
}

fn ring_once(ring: &channel::Sender<u64>) {
    ring.send_modify(|count| *count = count.wrapping_add(1));
}

fn watch(store: &Store, ring: channel::Sender<u64>) -> notify::Result<RecommendedWatcher> {
    let file = commit_signal::file_of(store.path())?;
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| matches!(event.kind, EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any))) {
            ring_once(&ring);
        }
    })?;
    watcher.watch(&file, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// Rings when something was committed since the last tick, whether or not that was heard.
fn tick(ring: &channel::Sender<u64>, version: CommitVersion, fallback: Duration, ended: &mpsc::Receiver<()>) {
    let mut seen = version.stamp();
    while matches!(ended.recv_timeout(fallback), Err(RecvTimeoutError::Timeout)) {
        let now = version.stamp();
        if now.is_none() || now != seen {
            ring_once(ring);
        }
        seen = now;
    }
}
