//! Requests that wait, by idempotency key: a repeat that arrives meanwhile waits as long.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Principal and key.
type Name = (String, String);

/// Until when requests wait, by key; several may do so at once.
#[derive(Debug, Default)]
pub struct Waits(Mutex<HashMap<Name, Vec<Instant>>>);

/// A wait that others may share; forgotten when dropped.
#[derive(Debug)]
pub struct Waiting<'a> {
    waits: &'a Waits,
    name: Name,
    until: Instant,
}

impl Waits {
    /// Notes a wait of `longest` under the key.
    pub fn begin(&self, principal: &str, key: &str, longest: Duration) -> Waiting<'_> {
        let (name, until) = ((principal.to_owned(), key.to_owned()), Instant::now() + longest);
        self.lock().entry(name.clone()).or_default().push(until);
        Waiting {
            waits: self,
            name,
            until,
        }
    }

    /// What is left of the longest wait under the key.
    #[must_use]
    pub fn left(&self, principal: &str, key: &str) -> Option<Duration> {
        let waits = self.lock();
        let until = waits.get(&(principal.to_owned(), key.to_owned()))?.iter().max()?;
        Some(until.saturating_duration_since(Instant::now()))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Name, Vec<Instant>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waits = self.waits.lock();
        let Some(under_key) = waits.get_mut(&self.name) else {
            return;
        };
        if let Some(own) = under_key.iter().position(|until| *until == self.until) {
            under_key.swap_remove(own);
        }
        if under_key.is_empty() {
            waits.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_shared_under_its_key_until_it_ends() {
        let waits = Waits::default();
        let waiting = waits.begin("me", "nightly", Duration::from_secs(9));
        assert!(
            waits
                .left("me", "nightly")
                .is_some_and(|left| left > Duration::from_secs(8))
        );
        assert!(waits.left("you", "nightly").is_none() && waits.left("me", "other").is_none());
        drop(waiting);
        assert!(waits.left("me", "nightly").is_none());
        assert!(waits.lock().is_empty());
    }

    #[test]
    fn a_repeat_that_goes_leaves_the_wait_of_the_first() {
        let waits = Waits::default();
        let left = || waits.left("me", "nightly").expect("somebody waits");
        let first = waits.begin("me", "nightly", Duration::from_mins(1));
        let repeat = waits.begin("me", "nightly", Duration::from_secs(1));
        assert!(left() > Duration::from_secs(50));
        drop(repeat);
        assert!(left() > Duration::from_secs(50));
        let longer = waits.begin("me", "nightly", Duration::from_mins(2));
        drop(first);
        assert!(left() > Duration::from_secs(110));
        drop(longer);
        assert!(waits.lock().is_empty());
    }
}
