//! What can go wrong between us and the database.

use sqlx::Error;

use crate::market::money::Micros;

/// A store operation failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody held the write lock for longer than the busy timeout, or every connection was in use.
    #[error("the database is busy")]
    Busy(#[source] Error),
    /// The disk is full.
    #[error("the disk that holds the database is full")]
    Full(#[source] Error),
    /// The file cannot be read or written, or is damaged.
    #[error("the database file is damaged or cannot be read or written")]
    Broken(#[source] Error),
    /// The claim no longer holds: another worker has the run, or it has ended.
    #[error("the claim on the run is lost")]
    ClaimLost,
    /// Units were to be sold that the position does not hold: it is closed, unknown, or has fewer.
    #[error("position {position} does not hold {units} units")]
    NotHeld {
        /// The position.
        position: i64,
        /// Units to be sold.
        units: i64,
    },
    /// More was to be spent than there is.
    #[error("portfolio {portfolio} does not have {cost} in cash")]
    NoCash {
        /// The portfolio.
        portfolio: i64,
        /// What was to be paid.
        cost: Micros,
    },
    /// The database cannot be opened; the text names cause and remedy.
    #[error("{0}")]
    Open(String),
    /// A stored value does not have the form it was written in.
    #[error("stored value of {what} cannot be read: {reason}")]
    Unreadable {
        /// Which value.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// Anything else the database refused.
    #[error("the database refused a statement")]
    Database(#[source] Error),
}

/// SQLite's primary result codes, as text; extended codes are cut down to these.
fn primary_code(error: &dyn sqlx::error::DatabaseError) -> Option<i64> {
    error.code()?.parse::<i64>().ok().map(|code| code & 0xff)
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::PoolTimedOut => return Self::Busy(error),
            Error::Io(_) => return Self::Broken(error),
            Error::Database(inner) => primary_code(inner.as_ref()),
            _ => None,
        };
        match code {
            Some(5 | 6) => Self::Busy(error),
            Some(13) => Self::Full(error),
            Some(8 | 10 | 11 | 14 | 26) => Self::Broken(error),
            _ => Self::Database(error),
        }
    }
}

impl StoreError {
    /// Waiting a moment may help.
    #[must_use]
    pub const fn is_busy(&self) -> bool {
        matches!(self, Self::Busy(_))
    }

    /// The disk takes no write now: it is full, or fails. Writes go through again once it has room or is mended.
    #[must_use]
    pub fn is_of_disk(&self) -> bool {
        match self {
            Self::Full(_) | Self::Broken(Error::Io(_)) => true,
            Self::Broken(Error::Database(inner)) => primary_code(inner.as_ref()) == Some(10),
            _ => false,
        }
    }

    /// A rule of the books or a constraint of the database said no; what came before it in the transaction stands.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::NotHeld { .. } | Self::NoCash { .. } => true,
            Self::Database(Error::Database(inner)) => primary_code(inner.as_ref()) == Some(19),
            _ => false,
        }
    }

    /// The unique index of this name said no.
    #[must_use]
    pub fn is_of(&self, index: &str) -> bool {
        match self {
            Self::Database(Error::Database(inner)) => inner.is_unique_violation() && inner.message().contains(index),
            _ => false,
        }
    }

    /// No later unit can succeed either: the disk is full or the file is broken.
    #[must_use]
    pub const fn is_fatal(&self) -> bool {
        matches!(self, Self::Full(_) | Self::Broken(_) | Self::ClaimLost)
    }
}

pub(crate) fn unreadable(what: &'static str) -> impl FnOnce(serde_json::Error) -> StoreError {
    move |error| StoreError::Unreadable {
        what,
        reason: error.to_string(),
    }
}
