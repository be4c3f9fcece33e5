//! The rules of the market: plain data and pure functions, no I/O.

#[cfg(test)]
mod books;

pub mod accounting;
pub mod annotation;
pub mod black_scholes;
pub mod bracket;
pub mod calendar;
pub mod candle;
pub mod coin;
pub mod emergence;
pub mod evaluation;
pub mod exit;
pub mod instrument;
pub mod money;
pub mod occ;
pub mod option;
pub mod option_exits;
pub mod option_holding;
pub mod priority;
pub mod signal;
pub mod sizing;
pub mod slots;
pub mod stock_exits;
pub mod stock_holding;
pub mod strike;
pub mod timeline;
pub mod tracking;
pub mod trust;
