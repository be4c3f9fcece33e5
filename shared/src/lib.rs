//! What server and worker share, floor by floor; arrows only go down.
//!
//! 1. [`run`], [`market`], [`clock`], [`config`]: plain data and pure rules, no I/O.
//! 2. [`store`], [`sources`]: the only SQL, and where comments and annotations come from.
//! 3. [`queue`], [`doorbell`]: enqueueing, and the wake-up of other processes.
//! 4. [`stop`]: what asks a process to end.
//!
//! The server knows nothing of phases and the worker nothing of HTTP; they meet here and in the database only.

pub mod clock;
pub mod config;
pub mod doorbell;
pub mod faults;
pub mod market;
pub mod queue;
pub mod run;
pub mod sources;
pub mod stop;
pub mod store;
pub mod telemetry;
