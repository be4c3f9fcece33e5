//! The stored login, as far as it is read here.

use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// Its file, in the folder of the database.
const FILE: &str = "schwab_token.json";

/// When a login ends. The tokens that stand beside these fields are not read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Login {
    /// End of the access token.
    pub expires_at: DateTime<Utc>,
    /// End of the refresh token.
    pub refresh_expires_at: DateTime<Utc>,
}

/// Where the login of a database is stored.
pub(super) fn beside(database: &Path) -> PathBuf {
    database.with_file_name(FILE)
}

/// The stored login; `None` when nobody has logged in. What is wrong with it is told without a word of its content.
pub(super) async fn read(path: &Path) -> io::Result<Option<Login>> {
    let text = match tokio::fs::read(path).await {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(cause),
    };
    let wrong = |cause: serde_json::Error| {
        let place = format!("{}: line {}", path.display(), cause.line());
        io::Error::new(io::ErrorKind::InvalidData, place)
    };
    serde_json::from_slice(&text).map(Some).map_err(wrong)
}
