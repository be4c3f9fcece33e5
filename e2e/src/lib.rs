//! The real binaries over real files, for end-to-end tests and for the benchmarks.
//!
//! [`stack::Stack`] starts a server and workers in a temporary folder and ends them with itself; [`client::Api`]
//! speaks HTTP with the server; [`days`] lives through market days, [`ledger`] reads what they have left behind, [`load`] sends
//! many requests over few connections, [`disk`] has no more room when a test wants so.

pub mod client;
pub mod days;
pub mod disk;
pub mod ledger;
pub mod load;
pub mod process;
pub mod stack;
