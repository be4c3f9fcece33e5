//! The HTTP server: accepts analyses, shows how they go, and never executes one.
//!
//! [`app`] puts everything together, [`serve`] listens and stops in order, [`http`] is HTTP itself, [`security`]
//! decides who may ask, [`document`] is the contract. Every resource has a file with its wire types beside it. What is
//! true stands in the database (`shared::store`); nothing is kept in memory between two requests.

pub mod analyze;
pub mod app;
pub mod args;
pub mod arrival;
pub mod auth;
pub mod cors;
pub mod descriptors;
pub mod document;
pub mod evaluation;
pub mod events;
pub mod http;
pub mod jobs;
pub mod listen;
pub mod metrics;
pub mod names;
pub mod orphans;
pub mod patience;
pub mod percent;
pub mod portfolios;
pub mod positions;
pub mod predictions;
pub mod prices;
#[cfg(test)]
mod properties;
pub mod rate;
pub mod results;
pub mod runs;
pub mod security;
pub mod serve;
pub mod signals;
pub mod stream;
pub mod swagger;
pub mod system;
pub mod tags;
pub mod views;
pub mod wait;
pub mod words;
