//! One signal with the positions that were opened on it.

use poem_openapi::Object;
use shared::store::signals_read::{SignalPosition, SignalRow};

use super::summary::SignalSummary;
use crate::http::values::Timestamp;

/// A position that was opened on a signal.
#[derive(Debug, Clone, Object)]
pub struct PositionReference {
    /// Key.
    pub id: i64,
    /// Portfolio that holds it.
    pub portfolio_id: i64,
    /// `open` or `closed`.
    pub status: String,
}

/// A signal.
#[derive(Debug, Clone, Object)]
pub struct Signal {
    #[oai(flatten)]
    summary: SignalSummary,
    /// Whether any portfolio opened a position on it.
    pub position_opened: bool,
    /// When it first fired that day, on the market clock.
    pub created_at: Timestamp,
    /// When it last fired that day, on the market clock.
    pub updated_at: Timestamp,
    /// Positions that were opened on it.
    pub positions: Vec<PositionReference>,
}

impl Signal {
    /// What is shown of a signal.
    #[must_use]
    pub fn of(row: &SignalRow, positions: &[SignalPosition]) -> Self {
        let reference = |position: &SignalPosition| PositionReference {
            id: position.id,
            portfolio_id: position.portfolio_id,
            status: position.status.clone(),
        };
        Self {
            summary: (&row.summary).into(),
            position_opened: row.position_opened,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            positions: positions.iter().map(reference).collect(),
        }
    }
}
