//! A registry of one real phase, over rows that a test has planted.

use std::sync::Arc;

use async_trait::async_trait;
use worker::{
    phase::{Phase, PhaseContext, PhaseError, PhaseReport},
    phases,
    registry::Registry,
};

struct Borrowed(Arc<dyn Phase>);

#[async_trait]
impl Phase for Borrowed {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        self.0.run(context).await
    }
}

/// The registry with the phase of that key, and no other.
pub(crate) fn only(key: &str) -> Registry {
    let all = phases::registry();
    let entry = all.entries().iter().find(|entry| entry.key == key).unwrap();
    Registry::default().with(
        entry.key,
        entry.number,
        entry.label,
        entry.weight,
        Borrowed(Arc::clone(&entry.phase)),
    )
}
