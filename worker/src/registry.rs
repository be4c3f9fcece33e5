//! The registry: the ordered list of phases a run walks through, one after the other.
//!
//! Keys are persisted and never reused; weights say how much of the progress a phase stands for, relative to the
//! sum of all. A test registers its own phases.

use std::sync::Arc;

use shared::store::phases::PhaseHead;

use crate::phase::Phase;

/// One entry.
#[derive(Clone)]
pub struct Entry {
    /// Persisted name.
    pub key: &'static str,
    /// Number shown to people; two phases may share one.
    pub number: i64,
    /// Label shown to people.
    pub label: &'static str,
    /// Share of the progress.
    pub weight: u32,
    /// The work.
    pub phase: Arc<dyn Phase>,
}

/// The phases in order.
#[derive(Clone, Default)]
pub struct Registry {
    entries: Vec<Entry>,
}

impl Registry {
    /// Adds a phase at the end.
    #[must_use]
    pub fn with(
        mut self,
        key: &'static str,
        number: i64,
        label: &'static str,
        weight: u32,
        phase: impl Phase + 'static,
    ) -> Self {
        self.entries.push(Entry {
            key,
            number,
            label,
            weight,
            phase: Arc::new(phase),
        });
        self
    }

    /// Only the phases of these keys, for a run that begins in the middle.
    #[must_use]
    pub fn only(mut self, keys: &[&str]) -> Self {
        self.entries.retain(|entry| keys.contains(&entry.key));
        self
    }

    /// The entries in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries as the store knows them.
    #[must_use]
    pub fn heads(&self) -> Vec<PhaseHead<'static>> {
        (1..)
            .zip(&self.entries)
            .map(|(position, entry)| entry.head(position))
            .collect()
    }

    /// Percent of the run when `done` of `total` units of the phase at `index` are done, `0..=99`.
    #[must_use]
    pub fn percent(&self, index: usize, done: i64, total: i64) -> i64 {
        let weight = |entry: &Entry| i64::from(entry.weight);
        let all: i64 = self.entries.iter().map(weight).sum::<i64>().max(1);
        let before: i64 = self.entries.iter().take(index).map(weight).sum();
        let own = self.entries.get(index).map_or(0, weight);
        let part = if total > 0 {
            own * done.clamp(0, total) * 100 / total
        } else {
            0
        };
        ((before * 100 + part) / all).clamp(0, 99)
    }
}

impl Entry {
    /// The entry as the store knows it.
    #[must_use]
    pub const fn head(&self, position: i64) -> PhaseHead<'static> {
        PhaseHead {
            key: self.key,
            position,
            number: self.number,
            label: self.label,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::{PhaseContext, PhaseError, PhaseReport};

    struct Nothing;

    #[async_trait::async_trait]
    impl Phase for Nothing {
        async fn run(&self, _: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
            Ok(PhaseReport::default())
        }
    }

    #[test]
    fn percent_follows_the_weights_and_stays_below_a_hundred() {
        let registry = Registry::default()
            .with("a", 1, "A", 10, Nothing)
            .with("b", 2, "B", 30, Nothing);
        assert_eq!(registry.percent(0, 0, 0), 0);
        assert_eq!(registry.percent(0, 1, 2), 12);
        assert_eq!(registry.percent(1, 0, 5), 25);
        assert_eq!(registry.percent(1, 5, 5), 99);
        assert_eq!(registry.percent(1, 9, 5), 99);
    }
}
