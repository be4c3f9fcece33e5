//! The real binaries over real files, for end-to-end tests and for the benchmarks.
//!
//! [`stack::Stack`] starts a server and workers in a temporary folder and ends them with itself; [`client::Api`]
//! speaks HTTP with the server; [`load`] sends many requests over few connections.

pub mod client;
pub mod load;
pub mod process;
pub mod stack;
