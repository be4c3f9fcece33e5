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
    /// What would have been earned: portfolios, positions, prices.
    Portfolios,
    /// What single comments predicted, and whether they were right.
    Predictions,
    /// The service itself.
    System,
}
