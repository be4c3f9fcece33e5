//! A part of a transaction that can be taken back by itself, so that one leg of a unit does not spoil the other.
//!
//! Begun once, then ended by exactly one of [`Tx::keep_part`] and [`Tx::undo_part`]; parts do not nest. What is kept
//! still becomes true only with the transaction's commit.

use super::{StoreError, session::Tx};

impl Tx {
    /// Begins a part.
    pub async fn begin_part(&mut self) -> Result<(), StoreError> {
        execute!(self, "savepoint part")?;
        Ok(())
    }

    /// Keeps what was done in the part.
    pub async fn keep_part(&mut self) -> Result<(), StoreError> {
        execute!(self, "release savepoint part")?;
        Ok(())
    }

    /// Takes back what was done in the part, and nothing else.
    pub async fn undo_part(&mut self) -> Result<(), StoreError> {
        execute!(self, "rollback to savepoint part")?;
        self.keep_part().await
    }
}
