//! The phases of the pipeline, one a file, and the order they run in.

mod acquisition;
mod analysis;
mod monitoring;
mod positions;
mod predictions;
mod prioritization;
mod signals;
mod trust;

use crate::registry::Registry;

/// The phases in order; keys are persisted and never reused.
#[must_use]
pub fn registry() -> Registry {
    Registry::default()
        .with("acquisition", 1, "Fetching Reddit", 10, acquisition::Acquisition)
        .with(
            "prioritization",
            2,
            "Prioritizing comments",
            5,
            prioritization::Prioritization,
        )
        .with("analysis", 3, "Analyzing comments", 50, analysis::Analysis)
        .with("predictions", 3, "Creating predictions", 10, predictions::Predictions)
        .with("signals", 4, "Detecting signals", 5, signals::Signals)
        .with("positions", 5, "Managing positions", 8, positions::Positions)
        .with("monitoring", 6, "Monitoring prices", 10, monitoring::Monitoring)
        .with("trust", 7, "Updating trust and evaluation", 2, trust::Trust)
}
