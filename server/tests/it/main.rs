//! The server over HTTP, against a database file of its own, in this process, without a worker.

mod analyze;
mod app;
mod closing;
mod failing;
mod limits;
mod login;
mod market;
mod metrics;
mod origins;
mod portfolios;
mod positions;
mod predictions;
mod prices;
mod reads;
mod refusals;
mod rights;
mod start;
mod streaming;
mod trading;
mod waiting;
