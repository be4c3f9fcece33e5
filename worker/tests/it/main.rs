//! The worker against real database files: whole runs through the real phases, and runs through phases of the test.

mod domain;
mod dump;
mod fixture;
mod lines;
mod monitoring;
mod only;
mod pipeline;
mod positions;
mod predictions;
mod predictions_tracking;
mod repeats;
mod runtime;
mod sample;
mod script;
mod scripted;
mod signals;
mod trust;
mod world;
