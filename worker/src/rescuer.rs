//! Taking over what a dead worker of this host left behind, before its lease runs out.
//!
//! A lease names a worker, and a worker its process: pid and start time. Where that process is gone, its leases are
//! ended at once; the dispatcher then finds the runs. What a dead worker of another host left waits for its lease.

use shared::store::{Store, StoreError, processes};

use crate::{identity, phase::chain};

/// Looks once; logs WARN with count and ids, or INFO when there was nothing.
pub async fn rescue_at_start(store: &Store, host: &str) {
    match rescue(store, host).await {
        Ok(0) => tracing::info!("no runs of dead workers on this host"),
        Ok(_) => {}
        Err(error) => tracing::warn!(error = %chain(&error), "cannot look for runs of dead workers"),
    }
}

/// Ends the leases of dead workers of this host; yields how many runs can be resumed.
pub async fn rescue(store: &Store, host: &str) -> Result<usize, StoreError> {
    let mut rescued = Vec::new();
    for holder in processes::holders_on(store, host).await? {
        if !identity::is_alive(&holder) {
            rescued.extend(processes::expire_leases_of(store, &holder.id).await?);
        }
    }
    if !rescued.is_empty() {
        let ids: Vec<_> = rescued.iter().map(ToString::to_string).collect();
        tracing::warn!(
            count = rescued.len(),
            run.ids = ids.join(","),
            "runs of dead workers are recovered"
        );
    }
    Ok(rescued.len())
}
