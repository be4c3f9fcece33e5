//! The server's sweep for runs that no worker will resume; see [`shared::store::orphans`].

use std::time::Duration;

use shared::store::{Store, orphans};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Shortest and longest pause between two sweeps.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_mins(1)];

/// Sweeps at once and then several times in a run's time to live, until `closing`; `None` is never.
pub async fn keep_sweeping(store: Store, ttl: Option<Duration>, closing: CancellationToken) {
    let Some(ttl) = ttl else { return };
    let mut first = true;
    loop {
        match orphans::sweep(&store, ttl).await {
            Ok(failed) if failed.is_empty() => {
                if first {
                    info!("no orphaned runs");
                }
            }
            Ok(failed) => {
                let ids: Vec<_> = failed.iter().map(ToString::to_string).collect();
                warn!(
                    count = failed.len(),
                    run.ids = ids.join(","),
                    "orphaned runs are failed"
                );
            }
            Err(cause) => warn!(%cause, "cannot look for orphaned runs"),
        }
        first = false;
        let pause = (ttl / 4).clamp(PAUSES[0], PAUSES[1]);
        if closing.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            return;
        }
    }
}
