//! The contract under attack: the server lives, its memory is bounded, others are served, and every answer is a
//! promised one.

mod crowds;
mod framing;
mod large;
mod paths;
mod slow;
mod texts;
mod wire;
