//! The promises of the checklist, through HTTP, the real binaries and a real database file.

mod clients;
mod days;
#[cfg(feature = "faults")]
mod disturbed;
mod executing;
mod exits;
mod full_disk;
mod history;
mod hostile;
mod killed;
mod page;
mod recorded;
mod refusing;
mod submitting;
mod surviving;
mod tour;
mod trading;
mod upkeep;
mod warnings;
mod watching;
