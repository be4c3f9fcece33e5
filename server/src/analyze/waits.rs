//! Requests that wait, by idempotency key: a repeat that arrives meanwhile waits as long.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Principal and key.
type Name = (String, String);

/// Until when somebody waits, by key.
#[derive(Debug, Default)]
pub struct Waits(Mutex<HashMap<Name, Instant>>);

/// A wait that others may share; forgotten when dropped.
#[derive(Debug)]
pub struct Waiting<'a> {
    waits: &'a Waits,
    name: Name,
}

impl Waits {
    /// Notes a wait of `longest` under the key.
    pub fn begin(&self, principal: &str, key: &str, longest: Duration) -> Waiting<'_> {
        let name = (principal.to_owned(), key.to_owned());
        self.lock().insert(name.clone(), Instant::now() + longest);
        Waiting { waits: self, name }
    }

    /// What is left of a wait under the key.
    #[must_use]
    pub fn left(&self, principal: &str, key: &str) -> Option<Duration> {
        let until = self.lock().get(&(principal.to_owned(), key.to_owned())).copied()?;
        Some(until.saturating_duration_since(Instant::now()))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Name, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.waits.lock().remove(&self.name);
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
    }
}
