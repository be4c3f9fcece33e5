//! The doorbell: a commit of any process becomes a wake-up of all others.
//!
//! On SQLite a file watch on the database's folder says that something was written. With `synchronous=FULL` that is
//! not yet a commit: the file changes before the commit is visible. So a signal only starts a look at the
//! [`CommitVersion`], repeated after short pauses, and listeners are rung once it has moved. A slow tick looks too,
//! so that a lost signal costs a second and not a run.
//!
//! Rings are coalesced, and the last one is never lost: a listener that was busy finds the ring when it looks. All
//! of this happens on one thread of its own, which ends with the bell.

mod stream;
mod watch;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::watch as channel;

pub use stream::RingStream;
use watch::{Rope, Signals};

use crate::store::{
    Store, StoreError,
    version::{CommitVersion, Stamp},
};

/// Shortest pause between two looks after a signal whose commit is not visible yet.
const SHORTEST: Duration = Duration::from_micros(100);
/// The pause grows with the time that has passed: a ring is late by at most this part of what the disk took.
const PART: u32 = 8;
/// From here on a further signal is listened for during the pause, and starts the looks anew.
const LONG: Duration = Duration::from_millis(1);
/// After this a signal was no commit. A disk may take its time.
const LONGEST: Duration = Duration::from_secs(1);

/// Rings whenever somebody has committed.
#[derive(Debug)]
pub struct Bell {
    rings: channel::Receiver<u64>,
    down: Arc<AtomicBool>,
    rope: Rope,
}

impl Drop for Bell {
    fn drop(&mut self) {
        self.down.store(true, Ordering::Relaxed);
        self.rope.pull();
    }
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
        let signals = Signals::watch(store.path());
        let (ring, rings) = channel::channel(0);
        let down = Arc::new(AtomicBool::new(false));
        let (rope, is_down) = (signals.rope(), Arc::clone(&down));
        thread::Builder::new()
            .name("doorbell".to_owned())
            .spawn(move || keep_ringing(&ring, &signals, version, fallback, &is_down))
            .map_err(no_bell)?;
        Ok(Self { rings, down, rope })
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

fn keep_ringing(
    ring: &channel::Sender<u64>,
    signals: &Signals,
    version: CommitVersion,
    fallback: Duration,
    down: &AtomicBool,
) {
    let mut seen = version.stamp();
    while !down.load(Ordering::Relaxed) {
        let signalled = signals.wait(fallback);
        let moved = has_moved(version, seen) || (signalled && will_move(signals, version, seen));
        if moved {
            seen = version.stamp();
            ring.send_modify(|count| *count += 1);
        }
    }
}

/// Looks until the commit that was signalled is visible.
fn will_move(signals: &Signals, version: CommitVersion, seen: Option<Stamp>) -> bool {
    let mut since = Instant::now();
    while since.elapsed() < LONGEST {
        let pause = (since.elapsed() / PART).max(SHORTEST);
        if pause < LONG {
            thread::sleep(pause);
        } else if signals.wait(pause) {
            since = Instant::now();
        }
        if has_moved(version, seen) {
            return true;
        }
    }
    false
}

fn has_moved(version: CommitVersion, seen: Option<Stamp>) -> bool {
    let now = version.stamp();
    now.is_none() || now != seen
}
