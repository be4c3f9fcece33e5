//! The folder itself: what is in it and how its files are read.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use serde_json::Value;

use super::super::comments::SourceError;
use super::super::market::{MarketError, OFFLINE_ATTEMPTS};
use super::super::wire::{self, WireError};
use super::outage;
use super::quotes::Kept;
use crate::market::calendar::Calendar;

/// A recorded folder.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// The exchange's days.
    pub(super) calendar: Calendar,
    /// The file of quotes read last.
    pub(super) kept: Mutex<Option<Kept>>,
}

/// What tells one state of a file from another: when it was written, and its size.
pub(super) type Stamp = (SystemTime, u64);

impl Folder {
    /// The folder at `root`, if it has one of the `parts`; `setting` is who asked for it.
    pub(super) fn open(setting: &str, root: PathBuf, parts: &[&str], calendar: Calendar) -> Result<Self, SourceError> {
        let shown = root.display();
        let what = if !root.exists() {
            "there is no such folder".to_owned()
        } else if !root.is_dir() {
            "it is not a folder".to_owned()
        } else if !parts.iter().any(|part| root.join(part).is_dir()) {
            format!("it has none of {}", parts.join("/, ") + "/")
        } else {
            return Ok(Self {
                root,
                calendar,
                kept: Mutex::default(),
            });
        };
        Err(SourceError::Config(format!(
            "{setting}=recorded:{shown}: {what}; name the folder of a recording, or make one with `analyze-worker record --dir {shown} --from DATE --to DATE`"
        )))
    }

    /// The document at `path` as `parse` reads it, about `symbol`; without a path the symbol is unknown.
    pub(super) fn read<T>(
        &self,
        symbol: &str,
        path: Option<PathBuf>,
        parse: impl FnOnce(&Value) -> Result<T, WireError>,
    ) -> Result<T, MarketError> {
        let path = path.ok_or_else(|| MarketError::Unknown(symbol.to_owned()))?;
        let document = self.document(&path)?.ok_or_else(|| missing(&path))?;
        parse(&document).map_err(|error| about(&path, error, symbol))
    }

    /// The state of the file at `path`; `None` when there is none.
    pub(super) fn stamp(&self, path: &Path) -> Option<Stamp> {
        let file = std::fs::metadata(self.root.join(path)).ok()?;
        Some((file.modified().ok()?, file.len()))
    }

    /// The document at `path`; `None` when there is no such file.
    pub(super) fn document(&self, path: &Path) -> Result<Option<Value>, MarketError> {
        match std::fs::read_to_string(self.root.join(path)) {
            Ok(text) => wire::document(&text)
                .map(Some)
                .map_err(|error| unreadable(path, &error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(outage(format!("{}: {error}", path.display()))),
        }
    }

    /// The names in the folder at `path`; none when there is no such folder.
    pub(super) fn names(&self, path: &Path) -> Result<Vec<String>, MarketError> {
        let failed = |error: io::Error| outage(format!("{}: {error}", path.display()));
        let entries = match std::fs::read_dir(self.root.join(path)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let names = entries.map(|entry| Ok(entry?.file_name().into_string().unwrap_or_default()));
        names.collect::<io::Result<_>>().map_err(failed)
    }
}

/// There is no file where there should be one.
pub(super) fn missing(path: &Path) -> MarketError {
    outage(format!("{} is not recorded", path.display()))
}

/// The file at `path` as a whole is of no use.
pub(super) fn unreadable(path: &Path, error: &WireError) -> MarketError {
    outage(format!("{}: {error}", path.display()))
}

/// An error in the document at `path`; one that was recorded reads as it did when it happened.
fn about(path: &Path, error: WireError, symbol: &str) -> MarketError {
    match error {
        WireError::Malformed { .. } => unreadable(path, &error),
        WireError::Refused(_) => error.about(symbol, OFFLINE_ATTEMPTS),
    }
}
