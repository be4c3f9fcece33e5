//! The store, the queue and the doorbell against real database files.

mod canceling;
mod claiming;
mod constraints;
mod crashes;
mod doorbell;
mod ending;
mod events;
mod exits;
mod fencing;
mod fixture;
mod idempotency;
mod keys;
mod locking;
mod machine;
mod opening;
mod orphans;
mod progress;
mod results;
mod retention;
mod starting;
mod submitting;
mod transitions;
