//! The one transition function of a run.
//!
//! [`transition`] is the rule; the guards of the SQL statements and two triggers repeat it, and tests hold all
//! three against each other. Terminal states have no way out.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "lowercase")]
#[sqlx(type_name = "text", rename_all = "lowercase")]
pub enum RunStatus {
    /// Accepted; no worker has it yet.
    Queued,
    /// A worker holds, or held, it; nothing is published yet.
    Running,
    /// At least one partial result is readable, work goes on.
    Partial,
    /// Exactly one final result is stored.
    Completed,
    /// Ended by an error, a timeout or repeated crashes.
    Failed,
    /// Ended on request.
    Canceled,
}

/// What may happen to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RunEvent {
    /// A worker takes it, for the first time or after a lost lease.
    Claim,
    /// A partial result becomes readable.
    Publish,
    /// The final result is stored.
    Complete,
    /// It cannot go on.
    Fail,
    /// Somebody asked for its end.
    Cancel,
}

impl RunStatus {
    /// Every state, in the order of a run's life.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Partial,
        Self::Completed,
        Self::Failed,
        Self::Canceled,
    ];

    /// The stored and served word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Partial => "partial",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Completed, failed or canceled.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }

    /// Queued, running or partial: holds the single flight of its scope.
    #[must_use]
    pub const fn is_active(self) -> bool {
        !self.is_terminal()
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl RunEvent {
    /// Every event.
    pub const ALL: [Self; 5] = [Self::Claim, Self::Publish, Self::Complete, Self::Fail, Self::Cancel];
}

/// An event that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {from} run cannot take the event {event:?}")]
pub struct IllegalTransition {
    /// The state the run is in.
    pub from: RunStatus,
    /// What was tried.
    pub event: RunEvent,
}

/// The state after `event`, or the refusal that leaves the run as it is.
pub const fn transition(from: RunStatus, event: RunEvent) -> Result<RunStatus, IllegalTransition> {
    use RunEvent as E;
    use RunStatus as S;
    match (from, event) {
        (S::Queued, E::Claim) => Ok(S::Running),
        (S::Running | S::Partial, E::Claim) => Ok(from),
        (S::Running | S::Partial, E::Publish) => Ok(S::Partial),
        (S::Running | S::Partial, E::Complete) => Ok(S::Completed),
        (S::Running | S::Partial, E::Fail) => Ok(S::Failed),
        (S::Queued | S::Running | S::Partial, E::Cancel) => Ok(S::Canceled),
        _ => Err(IllegalTransition { from, event }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ten_legal_edges_are_the_only_ones() {
        use RunStatus as S;
        let mut edges = Vec::new();
        for from in S::ALL {
            for event in RunEvent::ALL {
                if let Ok(to) = transition(from, event)
                    && (from != to || event == RunEvent::Publish)
                    && !edges.contains(&(from, to))
                {
                    edges.push((from, to));
                }
            }
        }
        let expected = [
            (S::Queued, S::Running),
            (S::Queued, S::Canceled),
            (S::Running, S::Partial),
            (S::Running, S::Completed),
            (S::Running, S::Failed),
            (S::Running, S::Canceled),
            (S::Partial, S::Partial),
            (S::Partial, S::Completed),
            (S::Partial, S::Failed),
            (S::Partial, S::Canceled),
        ];
        assert_eq!(edges.len(), 10);
        assert!(expected.iter().all(|edge| edges.contains(edge)), "{edges:?}");
    }

    #[test]
    fn nothing_leaves_a_terminal_state() {
        for from in RunStatus::ALL.into_iter().filter(|status| status.is_terminal()) {
            for event in RunEvent::ALL {
                assert_eq!(transition(from, event), Err(IllegalTransition { from, event }));
            }
        }
    }

    #[test]
    fn a_claim_of_a_run_that_was_left_behind_keeps_its_status() {
        assert_eq!(transition(RunStatus::Partial, RunEvent::Claim), Ok(RunStatus::Partial));
        assert_eq!(transition(RunStatus::Running, RunEvent::Claim), Ok(RunStatus::Running));
    }
}
