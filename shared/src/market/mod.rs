//! The rules of the market: plain data and pure functions, no I/O.

pub mod annotation;
pub mod calendar;
pub mod emergence;
pub mod priority;
pub mod signal;
