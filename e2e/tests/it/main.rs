//! The promises of the checklist, through HTTP, the real binaries and a real database file.

mod days;
#[cfg(feature = "faults")]
mod disturbed;
mod executing;
mod exits;
mod history;
mod killed;
mod recorded;
mod refusing;
mod submitting;
mod surviving;
mod trading;
mod upkeep;
mod warnings;
mod watching;
