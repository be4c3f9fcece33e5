//! Where data comes from: one trait per kind, with offline implementations that need no key and no network.

pub mod bind;
pub mod comments;
pub mod dump;
pub mod language;
pub mod lexicon;
pub mod market;
pub mod ndjson;
#[cfg(test)]
mod properties;
pub mod recorded;
pub mod sample;
pub mod thread;
mod visible;
pub mod vision;
pub mod wire;
