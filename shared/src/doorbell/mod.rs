//! The doorbell: a commit of any process becomes a wake-up of all others.
//!
//! On SQLite a file watch on the database's folder says that something was written. With `synchronous=FULL` that is
//! not yet a commit: the file changes before the commit is visible. So a signal only starts a check of
//! `PRAGMA data_version` on a read-only connection that never writes, and listeners are rung once it has moved. A
//! slow tick does the same check, so that a lost signal costs a second and not a run.
//!
//! Rings are coalesced, and the last one is never lost: a listener that was busy finds the ring when it looks.

mod stream;
mod version;
mod watch;

use std::time::Duration;

use tokio::sync::watch as channel;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use stream::RingStream;
use version::Version;
use watch::Signals;

use crate::store::{Store, StoreError};

/// Pauses of the check after a signal whose commit is not visible yet; most commits are visible within a few looks.
const PATIENCE_MS: [u64; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 4, 8, 16, 32, 64];

/// Rings whenever somebody has committed. Stops with its last handle.
#[derive(Debug)]
pub struct Bell {
    rings: channel::Receiver<u64>,
    _stop: DropGuard,
}

/// One listener; each has its own memory of what it has heard.
#[derive(Debug, Clone)]
pub struct Listener {
    rings: channel::Receiver<u64>,
}

impl Bell {
    /// Hangs the bell at the database; `fallback` is the slow tick.
    pub async fn open(store: &Store, fallback: Duration) -> Result<Self, StoreError> {
        let version = Version::open(store).await?;
        let signals = Signals::watch(store.path());
        let (ring, rings) = channel::channel(0);
        let stop = CancellationToken::new();
        tokio::spawn(
            stop.clone()
                .run_until_cancelled_owned(keep_ringing(ring, signals, version, fallback)),
        );
        Ok(Self {
            rings,
            _stop: stop.drop_guard(),
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

async fn keep_ringing(ring: channel::Sender<u64>, signals: Signals, mut version: Version, fallback: Duration) {
    loop {
        let signalled = tokio::time::timeout(fallback, signals.next()).await.is_ok();
        let mut pauses = PATIENCE_MS.iter();
        loop {
            if version.has_moved().await {
                ring.send_modify(|count| *count += 1);
                break;
            }
            let Some(pause) = pauses.next().filter(|_| signalled) else {
                break;
            };
            if tokio::time::timeout(Duration::from_millis(*pause), signals.next())
                .await
                .is_ok()
            {
                pauses = PATIENCE_MS.iter();
            }
        }
    }
}
