//! Fault points: commits at which a process can be told to die, and a clock that can be stepped. For tests only.
//!
//! They exist with the feature `faults`, which no release build can have. Without it [`pass`] is nothing and the two
//! settings are unknown names. The points are `unit` (every transaction of an executor: start and end of a phase, each
//! unit of its work, results, the run's end), `claim` and `post` (the transaction that accepts a run).

#[cfg(all(feature = "faults", not(debug_assertions)))]
compile_error!("the feature `faults` lets processes die on purpose: it is not for release builds");

#[cfg(feature = "faults")]
mod armed;

#[cfg(feature = "faults")]
pub use armed::{FaultPlan, arm, clock_offset, pass};

/// Where a transaction stands when a process passes a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has begun, nothing is written.
    Begun,
    /// All is written, nothing is true yet.
    Ready,
    /// It is true; nobody has been told.
    Committed,
}

/// Nothing: this program has no fault points.
#[cfg(not(feature = "faults"))]
pub const fn pass(_point: &str, _moment: Moment) {}
