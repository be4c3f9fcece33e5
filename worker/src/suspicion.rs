//! When the lease of another worker may be taken over: the wall clock alone proves nothing.
//!
//! A clock that is stepped, a machine that was asleep and a database that somebody has locked for long all let the
//! lease of a live worker run out. So a lease is only taken once it has been seen unchanged for a while by our own
//! monotonic clock, has then outlived a moment in which the database could be written, and so could be renewed, and is
//! still the same. A worker that watches from the start loses about [`Suspicion::grace`] by it.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use shared::{run::ids::RunId, store::claim::Candidate};

/// What has been seen of the leases of others.
#[derive(Debug)]
pub(crate) struct Suspicion {
    lease: Duration,
    seen: HashMap<RunId, Sighting>,
}

#[derive(Debug)]
struct Sighting {
    candidate: Candidate,
    since: Instant,
    writable: Option<Instant>,
}

/// What to do about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Somebody may be working on it.
    Leave,
    /// It looks abandoned: find out whether the database can be written, and [`Suspicion::wrote`] then.
    Probe,
    /// Nobody works on it.
    Take,
}

impl Suspicion {
    /// With leases that are valid for so long.
    pub(crate) fn new(lease: Duration) -> Self {
        Self {
            lease,
            seen: HashMap::new(),
        }
    }

    /// Time in which a worker whose database can be written again will have renewed.
    fn grace(&self) -> Duration {
        self.lease / 10
    }

    /// Forgets runs that are no candidates any more.
    pub(crate) fn keep_only(&mut self, candidates: &[Candidate]) {
        self.seen.retain(|run, _| candidates.iter().any(|one| one.id == *run));
    }

    /// What to do about a run that was just seen, at `now` by the wall clock and `at` by ours.
    pub(crate) fn judge(&mut self, candidate: &Candidate, now: DateTime<Utc>, at: Instant) -> Verdict {
        let Some(until) = candidate.lease else {
            return Verdict::Take;
        };
        let (lease, grace) = (self.lease, self.grace());
        let sighting = self
            .seen
            .entry(candidate.id)
            .or_insert_with(|| Sighting::new(candidate, at));
        if sighting.candidate != *candidate {
            *sighting = Sighting::new(candidate, at);
        }
        let patience = if until < now { lease / 2 } else { lease };
        match sighting.writable {
            _ if at.duration_since(sighting.since) < patience => Verdict::Leave,
            None => Verdict::Probe,
            Some(since) if at.duration_since(since) < grace => Verdict::Leave,
            Some(_) => Verdict::Take,
        }
    }

    /// The database could be written at `at`.
    pub(crate) fn wrote(&mut self, run: RunId, at: Instant) {
        if let Some(sighting) = self.seen.get_mut(&run) {
            sighting.writable.get_or_insert(at);
        }
    }
}

impl Sighting {
    fn new(candidate: &Candidate, at: Instant) -> Self {
        Self {
            candidate: candidate.clone(),
            since: at,
            writable: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(10);

    fn candidate(attempt: i64, until: DateTime<Utc>) -> Candidate {
        Candidate {
            id: RunId(1),
            attempt,
            lease: Some(until),
        }
    }

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_run_without_a_lease_is_taken_at_once() {
        let free = Candidate {
            lease: None,
            ..candidate(0, DateTime::UNIX_EPOCH)
        };
        let verdict = Suspicion::new(LEASE).judge(&free, DateTime::UNIX_EPOCH, Instant::now());
        assert_eq!(verdict, Verdict::Take);
    }

    #[test]
    fn a_lease_that_ran_out_is_taken_when_it_stays_as_it_is_while_it_could_be_renewed() {
        let (mut suspicion, start) = (Suspicion::new(LEASE), Instant::now());
        let now = DateTime::UNIX_EPOCH + seconds(3600);
        let dead = candidate(1, DateTime::UNIX_EPOCH);
        assert_eq!(suspicion.judge(&dead, now, start), Verdict::Leave);
        assert_eq!(suspicion.judge(&dead, now, start + seconds(5)), Verdict::Probe);
        suspicion.wrote(dead.id, start + seconds(30));
        assert_eq!(suspicion.judge(&dead, now, start + seconds(30)), Verdict::Leave);
        assert_eq!(suspicion.judge(&dead, now, start + seconds(31)), Verdict::Take);
    }

    #[test]
    fn a_lease_that_is_renewed_is_left_whatever_the_clock_says() {
        let (mut suspicion, start) = (Suspicion::new(LEASE), Instant::now());
        let now = DateTime::UNIX_EPOCH + seconds(3600);
        for renewal in 0..20 {
            let live = candidate(1, DateTime::UNIX_EPOCH + seconds(renewal));
            let seen = start + seconds(renewal * 5);
            assert_eq!(suspicion.judge(&live, now, seen), Verdict::Leave, "{renewal}");
            suspicion.wrote(live.id, seen);
        }
    }

    #[test]
    fn a_lease_that_lies_far_ahead_is_taken_when_nobody_renews_it() {
        let (mut suspicion, start) = (Suspicion::new(LEASE), Instant::now());
        let ahead = candidate(1, DateTime::UNIX_EPOCH + seconds(3600));
        suspicion.judge(&ahead, DateTime::UNIX_EPOCH, start);
        assert_eq!(
            suspicion.judge(&ahead, DateTime::UNIX_EPOCH, start + seconds(9)),
            Verdict::Leave
        );
        assert_eq!(
            suspicion.judge(&ahead, DateTime::UNIX_EPOCH, start + seconds(10)),
            Verdict::Probe
        );
    }
}
