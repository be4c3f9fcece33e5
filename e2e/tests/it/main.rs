//! The promises of the checklist, through HTTP, the real binaries and a real database file.

mod executing;
mod refusing;
mod submitting;
mod surviving;
mod trading;
mod upkeep;
mod watching;
