//! Retention: the worker sweeps from time to time, and `analyze-worker prune` does so at once.

use std::{fmt::Write as _, time::Duration};

use shared::{
    clock,
    config::Config,
    store::{
        Store, StoreError,
        retention::{self, Pruned, Retention},
    },
};
use tokio_util::sync::CancellationToken;

use crate::phase::chain;

/// Pause between two sweeps.
const INTERVAL: Duration = Duration::from_mins(10);

/// What the settings ask to keep.
#[must_use]
pub const fn kept(config: &Config) -> Retention {
    Retention {
        results: config.retain_results,
        partials: config.retain_partials,
        events: config.retain_events,
        queue: config.retain_queue,
    }
}

/// Sweeps at once and then every [`INTERVAL`], until `stop`.
pub async fn keep_sweeping(store: &Store, kept: Retention, stop: &CancellationToken) {
    loop {
        match retention::prune(store, &kept, clock::now()).await {
            Ok(gone) if gone.is_empty() => {}
            Ok(gone) => tracing::info!(
                results = gone.results,
                partials = gone.partials,
                events = gone.events,
                queue = gone.queue,
                keys = gone.keys,
                "pruned what has passed its retention"
            ),
            Err(error) => tracing::warn!(error = %chain(&error), "the retention sweep broke off; the next one goes on"),
        }
        if stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_none() {
            return;
        }
    }
}

/// `analyze-worker prune`: what went, or with `dry_run` would go, for people.
pub async fn prune_once(config: &Config, dry_run: bool) -> Result<String, StoreError> {
    let store = Store::open(config).await?;
    let (kept, now) = (kept(config), clock::now());
    let pruned = if dry_run {
        retention::due(&store, &kept, now).await?
    } else {
        retention::prune(&store, &kept, now).await?
    };
    store.close().await;
    Ok(report(&pruned, dry_run))
}

fn report(pruned: &Pruned, dry_run: bool) -> String {
    let mut text = String::from(if dry_run { "would go:\n" } else { "gone:\n" });
    for (count, what) in [
        (pruned.results, "payloads of final results"),
        (pruned.partials, "payloads of partial results"),
        (pruned.events, "events"),
        (pruned.queue, "finished queue rows"),
        (pruned.keys, "idempotency keys"),
    ] {
        let _ = writeln!(text, "{count:>10}  {what}"); // writing to a String never fails
    }
    text
}
