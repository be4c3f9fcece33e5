//! Signals of the file system: something in the database's folder was written.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    sync::Arc,
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode, CreateKind, ModifyKind},
};
use tokio::sync::Notify;

/// A coalesced signal. Without a working file watch it never fires and the fallback has to do.
#[derive(Debug)]
pub(super) struct Signals {
    fired: Arc<Notify>,
    _watcher: Option<RecommendedWatcher>,
}

impl Signals {
    pub(super) fn watch(database: &Path) -> Self {
        let fired = Arc::new(Notify::new());
        let watcher = start(database, Arc::clone(&fired));
        if let Err(error) = &watcher {
            tracing::warn!(%error, "no file watch on the database's folder; falling back to looking");
        }
        Self {
            fired,
            _watcher: watcher.ok(),
        }
    }

    /// The next signal; one that came since the last call counts.
    pub(super) async fn next(&self) {
        self.fired.notified().await;
    }
}

fn start(database: &Path, fired: Arc<Notify>) -> notify::Result<RecommendedWatcher> {
    let folder = match database.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let names = watched_names(database);
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        if event.is_ok_and(|event| is_write(event.kind) && concerns(&event.paths, &names)) {
            fired.notify_one();
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
