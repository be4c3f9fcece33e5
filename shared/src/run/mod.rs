//! The run as plain data: identity, request, states, events, warnings, results. No I/O.

pub mod event;
pub mod failure;
pub mod ids;
pub mod request;
pub mod result;
pub mod state;
pub mod warning;
