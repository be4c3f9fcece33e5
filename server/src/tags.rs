//! Groups of operations in the document.

/// The groups.
#[derive(poem_openapi::Tags)]
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
