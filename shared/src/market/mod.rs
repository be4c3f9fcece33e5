//! The rules of the market: plain data and pure functions, no I/O.

pub mod annotation;
pub mod black_scholes;
pub mod calendar;
pub mod candle;
pub mod emergence;
pub mod exit;
pub mod money;
pub mod occ;
pub mod option;
pub mod priority;
pub mod signal;
