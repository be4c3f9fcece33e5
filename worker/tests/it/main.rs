//! The worker against real database files: whole runs through the real phases, and runs through phases of the test.

mod domain;
mod dump;
mod failures;
mod fixture;
mod limits;
mod lines;
mod logkeeper;
mod monitoring;
mod opening;
mod pipeline;
mod positions;
mod predictions;
mod predictions_tracking;
mod progress;
mod recovery;
mod repeats;
mod sample;
mod script;
mod scripted;
mod signals;
mod stage;
mod stops;
mod trust;
mod world;
