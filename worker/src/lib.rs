//! The worker: claims runs from the database and walks each through the registry of phases.
//!
//! [`consumer`] (the queue's delivery) and the doorbell both end in the [`dispatcher`], which claims a run ([`opening`]
//! is the short way) and hands it to the [`executor`], the heart; [`ending`] stores how it went. [`lease`] keeps the
//! claim alive from a thread of its own, [`rescuer`] takes over what dead workers left behind, [`logkeeper`] and
//! [`sweeper`] keep the database small. [`phase`] says what a phase is, [`phases`] are ours, [`registry`] orders them.

pub mod annotate;
pub mod consumer;
pub mod control;
pub mod dispatcher;
mod ending;
pub mod executor;
pub mod identity;
pub mod lease;
pub mod logkeeper;
pub mod opening;
pub mod panic;
pub mod phase;
pub mod phases;
pub mod record;
pub mod registry;
pub mod rescuer;
pub mod service;
pub mod sources;
pub mod stopwatch;
mod suspicion;
pub mod sweeper;
pub mod watchers;
