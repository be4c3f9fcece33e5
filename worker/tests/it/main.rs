//! The worker against real database files: whole runs through the real phases, and runs through phases of the test.

mod fixture;
mod pipeline;
mod runtime;
