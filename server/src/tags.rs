//! Groups of operations in the document.

use poem_openapi::Tags;

/// The groups.
#[derive(Tags)]
pub enum Tags {
    /// Starting an analysis, and what became of it.
    Analysis,
    /// Runs while they go on and afterwards.
    Runs,
    /// What runs have concluded.
    Signals,
    /// The service itself.
    System,
}
