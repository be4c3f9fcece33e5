//! Signals of the file system: something in the database's folder was written.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    time::Duration,
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode, CreateKind, ModifyKind},
};

/// Time in which the kernel gathers further writes: one commit writes dozens of times, and each would wake a thread.
const GATHERING: Duration = Duration::from_micros(500);

/// A coalesced signal. Without a working file watch it never fires and the fallback has to do.
#[derive(Debug)]
pub(super) struct Signals {
    fired: Receiver<()>,
    rope: Rope,
    _watcher: Option<RecommendedWatcher>,
}

/// Makes a signal by hand.
#[derive(Debug, Clone)]
pub(super) struct Rope(SyncSender<()>);

impl Rope {
    pub(super) fn pull(&self) {
        let _ = self.0.try_send(());
    }
}

impl Signals {
    /// Makes a signal by hand.
    pub(super) fn rope(&self) -> Rope {
        self.rope.clone()
    }

    pub(super) fn watch(database: &Path) -> Self {
        let (sender, fired) = sync_channel(1);
        let watcher = start(database, sender.clone());
        if let Err(error) = &watcher {
            tracing::warn!(%error, "no file watch on the database's folder; falling back to looking");
        }
        Self {
            fired,
            rope: Rope(sender),
            _watcher: watcher.ok(),
        }
    }

    /// Waits for a signal, one since the last call included; `false` when `longest` passed without one.
    pub(super) fn wait(&self, longest: Duration) -> bool {
        !matches!(self.fired.recv_timeout(longest), Err(RecvTimeoutError::Timeout))
    }
}

fn start(database: &Path, fired: SyncSender<()>) -> notify::Result<RecommendedWatcher> {
    let folder = match database.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let names = watched_names(database);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_write(event.kind) && concerns(&event.paths, &names)) {
            let _ = fired.try_send(());
            std::thread::sleep(GATHERING);
        }
    })?;
    watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

/// The database and its write-ahead log; not the shared memory, which readers touch too.
fn watched_names(database: &Path) -> [OsString; 2] {
    let name = database.file_name().unwrap_or_default().to_owned();
    let mut log = name.clone();
    log.push("-wal");
    [name, log]
}

fn concerns(paths: &[PathBuf], names: &[OsString; 2]) -> bool {
    paths.iter().any(|path| {
        path.file_name()
            .is_some_and(|name| names.iter().any(|known| known == name))
    })
}

const fn is_write(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any | ModifyKind::Name(_))
            | EventKind::Create(CreateKind::Any | CreateKind::File)
            | EventKind::Access(AccessKind::Close(AccessMode::Write))
    )
}
