//! HTTP itself, knowing nothing of runs but the one a 409 names.
//!
//! Envelope, errors, extractors, scalars, and what stands around all routes.

pub mod body;
pub mod code;
pub mod constraint;
pub mod envelope;
pub mod error;
pub mod nullable;
pub mod outer;
pub mod params;
pub mod prefer;
pub mod repeats;
pub mod reply;
pub mod request_id;
pub mod scalar;
pub mod values;
