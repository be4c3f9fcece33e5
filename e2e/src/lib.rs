//! The real binaries over real files, for end-to-end tests and for the benchmarks.
//!
//! [`stack::Stack`] starts a server and workers in a temporary folder and ends them with itself; [`client::Api`]
//! speaks HTTP with the server; [`days`] lives through market days, [`ledger`] reads what they have left behind,
//! [`oracle`] judges it, [`load`] sends many requests over few connections, [`disk`] has no more room when a test wants
//! so, [`dice`] draws the same things every time, [`figures`] is the table of what was measured.

pub mod client;
pub mod days;
pub mod dice;
pub mod disk;
pub mod figures;
pub mod ledger;
pub mod load;
pub mod oracle;
pub mod process;
pub mod stack;
