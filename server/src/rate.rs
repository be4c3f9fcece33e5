//! The limit on writes: a bucket of tokens per caller.
//!
//! A bucket holds a tenth of what a window allows and fills evenly over the window, so that a caller may do a little at
//! once and no more than the limit in the long run. Cancels are exempt: stopping work is always welcome.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use shared::config::RateLimit;

/// Callers remembered; beyond that, those with a full bucket are forgotten.
const MOST: usize = 1_024;

/// The buckets of one server.
#[derive(Debug)]
pub struct Limiter {
    capacity: f64,
    per_second: f64,
    buckets: Mutex<HashMap<Arc<str>, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Limiter {
    /// As the setting asks.
    #[must_use]
    pub fn new(limit: RateLimit) -> Self {
        let count = f64::from(limit.count);
        Self {
            capacity: (count / 10.0).max(1.0),
            per_second: count / limit.window.as_secs_f64(),
            buckets: Mutex::default(),
        }
    }

    /// Takes one token of the caller.
    ///
    /// # Errors
    /// The whole seconds until there is one again, at least 1.
    pub fn take(&self, caller: &Arc<str>, now: Instant) -> Result<(), u64> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= MOST && !buckets.contains_key(caller) {
            buckets.retain(|_, bucket| self.filled(*bucket, now) < self.capacity);
        }
        let full = Bucket {
            tokens: self.capacity,
            at: now,
        };
        let bucket = buckets.entry(Arc::clone(caller)).or_insert(full);
        let tokens = self.filled(*bucket, now);
        *bucket = Bucket { tokens, at: now };
        if tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(whole_seconds((1.0 - tokens) / self.per_second))
    }

    fn filled(&self, bucket: Bucket, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        passed.mul_add(self.per_second, bucket.tokens).min(self.capacity)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float is clamped by the cast, and never negative here"
)]
fn whole_seconds(seconds: f64) -> u64 {
    seconds.ceil().max(1.0) as u64
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn limiter() -> Limiter {
        Limiter::new(RateLimit {
            count: 60,
            window: Duration::from_mins(1),
        })
    }

    #[test]
    fn a_tenth_of_the_limit_goes_at_once_and_one_more_each_interval() {
        let (limiter, caller, start) = (limiter(), Arc::from("a"), Instant::now());
        for _ in 0..6 {
            assert_eq!(limiter.take(&caller, start), Ok(()));
        }
        assert_eq!(limiter.take(&caller, start), Err(1));
        assert_eq!(limiter.take(&caller, start + Duration::from_millis(1_001)), Ok(()));
        assert_eq!(limiter.take(&caller, start + Duration::from_millis(1_002)), Err(1));
    }

    #[test]
    fn a_pause_fills_the_bucket_to_its_brim_and_no_further() {
        let (limiter, caller, start) = (limiter(), Arc::from("a"), Instant::now());
        assert_eq!(limiter.take(&caller, start), Ok(()));
        let later = start + Duration::from_hours(1);
        let taken = (0..20).filter(|_| limiter.take(&caller, later).is_ok()).count();
        assert_eq!(taken, 6);
    }

    #[test]
    fn callers_do_not_share_a_bucket() {
        let (limiter, start) = (limiter(), Instant::now());
        let (greedy, modest) = (Arc::from("greedy"), Arc::from("modest"));
        while limiter.take(&greedy, start).is_ok() {}
        assert_eq!(limiter.take(&modest, start), Ok(()));
    }

    #[test]
    fn a_slow_limit_says_how_long_to_wait() {
        let limiter = Limiter::new(RateLimit {
            count: 1,
            window: Duration::from_mins(1),
        });
        let (caller, start) = (Arc::from("a"), Instant::now());
        assert_eq!(limiter.take(&caller, start), Ok(()));
        assert_eq!(limiter.take(&caller, start + Duration::from_secs(15)), Err(45));
    }
}
