//! The server's sweep for runs that no worker will resume; see [`shared::store::orphans`].
//!
//! The wall clock alone proves nothing: after a step of the clock, or when the machine has slept, the lease of a live
//! worker looks as if it had ended long ago, until its next renewal. So a run is failed only when it has been found
//! unchanged for the length of a lease by our own monotonic clock.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use shared::{
    config::Config,
    run::ids::RunId,
    store::{Store, StoreError, claim::Candidate, orphans},
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Shortest and longest pause between two sweeps.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_mins(1)];

/// Sweeps at once and then several times in a run's time to live, until `closing`; never, if that is off.
pub async fn keep_sweeping(store: Store, config: &Config, closing: CancellationToken) {
    let Some(ttl) = config.orphan_ttl else { return };
    let (mut suspects, usual) = (Suspects::new(config.lease), (ttl / 4).clamp(PAUSES[0], PAUSES[1]));
    let mut first = true;
    loop {
        let swept = sweep(&store, ttl, &mut suspects).await;
        report(swept, first && suspects.seen.is_empty());
        first = false;
        let pause = tokio::time::sleep(suspects.pause(usual));
        if closing.run_until_cancelled(pause).await.is_none() {
            return;
        }
    }
}

async fn sweep(store: &Store, ttl: Duration, suspects: &mut Suspects) -> Result<Vec<RunId>, StoreError> {
    let found = orphans::find(store, ttl).await?;
    orphans::fail(store, ttl, &suspects.unchanged(found, Instant::now())).await
}

fn report(swept: Result<Vec<RunId>, StoreError>, says_nothing_found: bool) {
    match swept {
        Ok(failed) if failed.is_empty() => {
            if says_nothing_found {
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
}

/// Runs that look abandoned, and since when.
#[derive(Debug)]
struct Suspects {
    lease: Duration,
    seen: HashMap<RunId, (Candidate, Instant)>,
}

impl Suspects {
    fn new(lease: Duration) -> Self {
        Self {
            lease,
            seen: HashMap::new(),
        }
    }

    /// Takes note of what was found at `at`; yields what nobody has touched for a lease.
    fn unchanged(&mut self, found: Vec<Candidate>, at: Instant) -> Vec<Candidate> {
        let mut before = std::mem::take(&mut self.seen);
        for candidate in found {
            let since = before
                .remove(&candidate.id)
                .filter(|(known, _)| *known == candidate)
                .map_or(at, |(_, since)| since);
            self.seen.insert(candidate.id, (candidate, since));
        }
        let old = self
            .seen
            .values()
            .filter(|(_, since)| at.duration_since(*since) >= self.lease);
        old.map(|(candidate, _)| candidate.clone()).collect()
    }

    /// Time until the next sweep: not longer than a lease while there is a suspect.
    fn pause(&self, usual: Duration) -> Duration {
        if self.seen.is_empty() {
            usual
        } else {
            usual.min(self.lease)
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const LEASE: Duration = Duration::from_secs(15);

    fn candidate(renewed: i64) -> Candidate {
        Candidate {
            id: RunId(7),
            attempt: 1,
            lease: DateTime::from_timestamp(renewed, 0),
        }
    }

    #[test]
    fn a_run_is_an_orphan_when_nobody_renews_its_lease_for_the_length_of_one() {
        let (mut suspects, start) = (Suspects::new(LEASE), Instant::now());
        assert_eq!(suspects.unchanged(vec![candidate(0)], start), []);
        assert_eq!(suspects.unchanged(vec![candidate(0)], start + LEASE / 2), []);
        assert_eq!(suspects.unchanged(vec![candidate(0)], start + LEASE), [candidate(0)]);
    }

    #[test]
    fn a_run_that_is_renewed_or_not_found_begins_anew() {
        let (mut suspects, start) = (Suspects::new(LEASE), Instant::now());
        suspects.unchanged(vec![candidate(0)], start);
        assert_eq!(suspects.unchanged(vec![candidate(5)], start + LEASE), []);
        assert_eq!(suspects.unchanged(vec![], start + LEASE * 2), []);
        assert_eq!(suspects.unchanged(vec![candidate(5)], start + LEASE * 3), []);
    }

    #[test]
    fn a_suspect_is_looked_at_again_soon() {
        let (mut suspects, minute) = (Suspects::new(LEASE), Duration::from_mins(1));
        assert_eq!(suspects.pause(minute), minute);
        suspects.unchanged(vec![candidate(0)], Instant::now());
        assert_eq!(suspects.pause(minute), LEASE);
    }
}
