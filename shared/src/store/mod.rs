//! The only SQL of the project: one file per table family.
//!
//! A statement is written once, in the subset that SQLite and Postgres share, and bound through the macros of
//! [`session`]. Reads take a [`Store`]; what an executor writes goes through a [`claim::RunningRun`], whose
//! transactions first prove that the claim still holds.

#[macro_use]
pub mod session;

pub mod annotations;
pub mod authors;
pub mod cancel;
pub mod checkpoints;
pub mod claim;
pub mod comments;
pub(crate) mod commit_signal;
mod crashes;
pub mod database;
pub mod ending;
pub mod enqueue;
pub mod error;
pub mod evaluations;
pub mod evaluations_read;
pub mod events;
pub mod exits;
pub mod fence;
pub mod idempotency;
mod inspection;
pub mod monitoring;
pub mod opening;
pub mod orphans;
pub mod overview;
mod part;
pub mod phases;
pub mod pipeline_config;
pub mod portfolios;
pub mod positions;
pub mod positions_read;
pub mod posts;
pub mod predictions;
pub mod predictions_read;
pub mod price_history;
pub mod prices_read;
pub mod processes;
mod queue_tables;
pub mod results;
pub mod retention;
pub mod runs;
pub mod signals;
pub mod signals_read;
pub mod summary;
pub mod tracking;
pub mod trades;
pub mod trust;
pub mod unit;
pub mod version;

pub use database::Store;
pub use error::StoreError;
