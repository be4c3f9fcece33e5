//! Execution time of a run over all attempts, on the monotonic clock.

use std::time::{Duration, Instant};

/// Runs from its creation; time of earlier attempts is added.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    before: Duration,
    started: Instant,
}

impl Stopwatch {
    /// Goes on after `before_ms` of earlier attempts.
    #[must_use]
    pub fn resume(before_ms: i64) -> Self {
        Self {
            before: Duration::from_millis(u64::try_from(before_ms).unwrap_or(0)),
            started: Instant::now(),
        }
    }

    /// Time so far.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.before + self.started.elapsed()
    }

    /// The same in whole milliseconds, as stored.
    #[must_use]
    pub fn elapsed_ms(&self) -> i64 {
        i64::try_from(self.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// What is left until `limit`; zero when it has passed.
    #[must_use]
    pub fn left_until(&self, limit: Duration) -> Duration {
        limit.saturating_sub(self.elapsed())
    }
}
