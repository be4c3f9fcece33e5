//! A unit of work: one fenced transaction of the executor.
//!
//! A phase writes its domain rows through [`Unit::tx`], adds its warnings, its cursor and its progress, and commits
//! all of it at once. Dropped without a commit, nothing of it happened.

use super::{StoreError, session::Tx};
use crate::{
    faults::{self, Moment},
    run::ids::RunId,
};

/// A fenced transaction; rolled back when dropped.
#[derive(Debug)]
pub struct Unit {
    tx: Tx,
    run: RunId,
}

impl Unit {
    pub(super) fn new(tx: Tx, run: RunId) -> Self {
        faults::pass("unit", Moment::Begun);
        Self { tx, run }
    }

    /// The transaction.
    pub const fn tx(&mut self) -> &mut Tx {
        &mut self.tx
    }

    /// The run it belongs to.
    #[must_use]
    pub const fn run(&self) -> RunId {
        self.run
    }

    /// Whether somebody has asked for the run's end.
    pub(super) async fn is_to_be_canceled(&mut self) -> Result<bool, StoreError> {
        let (asked,) = query!(
            &mut self.tx,
            fetch_one,
            (bool,),
            "select cancel_requested_at is not null from analysis_runs where id = $1",
            self.run
        )?;
        Ok(asked)
    }

    /// Makes it true.
    pub async fn commit(self) -> Result<(), StoreError> {
        faults::pass("unit", Moment::Ready);
        self.tx.commit().await?;
        faults::pass("unit", Moment::Committed);
        Ok(())
    }
}
