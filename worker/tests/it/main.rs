//! The worker against real database files: whole runs through the real phases, and runs through phases of the test.

mod domain;
mod dump;
mod failures;
mod fixture;
mod limits;
mod lines;
mod pipeline;
mod progress;
mod recovery;
mod repeats;
mod sample;
mod signals;
mod stage;
mod stops;
