//! Draws that are the same ones every time, so that a failure can be repeated.

use std::time::Duration;

/// A linear congruential generator.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The draws that follow from `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub const fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    /// A span below `longest`, to the microsecond.
    pub fn span(&mut self, longest: Duration) -> Duration {
        let micros = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.roll(micros.max(1)))
    }
}
