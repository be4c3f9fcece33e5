//! The promises of the checklist, through HTTP, the real binaries and a real database file.

mod clients;
mod days;
mod executing;
mod exits;
mod history;
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
