//! Telling other processes that something was committed.
//!
//! Beside the database lies a file of one byte, `<database>.bell`. Whoever has committed writes it anew, and whoever
//! listens ([`crate::doorbell`]) watches this file: one event a commit, after the commit. The log itself would tell of
//! every page, and of each before it is flushed.

use std::{
    ffi::OsString,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

/// The file, open for writing. Without it nobody is told, and listeners find out by their slow tick.
#[derive(Debug)]
pub struct CommitSignal(Option<File>);

impl CommitSignal {
    /// Of an existing database; makes the file.
    pub(super) fn open(database: &Path) -> Self {
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(false);
        let file = file_of(database).and_then(|path| options.open(path));
        if let Err(error) = &file {
            tracing::warn!(%error, "the bell's file cannot be written; commits are noticed by the slow tick only");
        }
        Self(file.ok())
    }

    /// Tells it. A failure is none of the one who has committed.
    pub(super) fn send(&self) {
        if let Some(file) = &self.0 {
            let _ = file.write_all_at(b"!", 0);
        }
    }
}

/// Where the file lies: beside the database itself, whatever link leads there.
pub(crate) fn file_of(database: &Path) -> io::Result<PathBuf> {
    let mut name = OsString::from(database.canonicalize()?);
    name.push(".bell");
    Ok(PathBuf::from(name))
}
