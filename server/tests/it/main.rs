//! The server over HTTP, against a database file of its own, in this process, without a worker.

mod analyze;
mod app;
mod reads;
mod refusals;
mod start;
mod waiting;
