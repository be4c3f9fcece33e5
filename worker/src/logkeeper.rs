//! Keeping the write-ahead log short in quiet moments.
//!
//! Otherwise the engine does it inside whichever commit makes the log too long, and whoever waits for that commit
//! waits for two more flushes of the disk and a thousand pages.

use std::time::Duration;

use shared::store::{Store, version::CommitVersion};
use tokio_util::sync::CancellationToken;

use crate::phase::chain;

/// Between two looks.
const INTERVAL: Duration = Duration::from_secs(1);
/// Pages that are worth a write.
const WORTH: u32 = 1_000;
/// Without a commit in this time the moment is quiet.
const QUIET: Duration = Duration::from_millis(50);

/// Looks once a second until `stop`.
pub async fn keep_short(store: &Store, stop: &CancellationToken) {
    let version = match CommitVersion::of(store) {
        Ok(version) => version,
        Err(error) => return tracing::warn!(%error, "the log's length cannot be seen; commits keep it short"),
    };
    loop {
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            () = stop.cancelled() => return,
        }
        while is_long(version) && !stop.is_cancelled() {
            let before = version.stamp();
            tokio::time::sleep(QUIET).await;
            if version.stamp() != before {
                continue;
            }
            if let Err(error) = store.write_log_back().await {
                tracing::warn!(error = %chain(&error), "the log could not be written back");
            }
            break;
        }
    }
}

fn is_long(version: CommitVersion) -> bool {
    version.backlog().is_some_and(|pages| pages >= WORTH)
}
