//! The two clocks: the real one for lifecycle times, and the market's for everything the domain calls today.
//!
//! They are never compared with each other. This is the only file that asks the operating system for the time.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};

/// Now, cut to microseconds so that every engine stores the same value.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the real clock")]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now().trunc_subsecs(6);
    #[cfg(feature = "faults")]
    let now = now + crate::faults::clock_offset();
    now
}

/// The instant a run is frozen at: what its phases call now and today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketClock {
    now: DateTime<Utc>,
}

impl MarketClock {
    /// Frozen at `now`.
    #[must_use]
    pub const fn frozen(now: DateTime<Utc>) -> Self {
        Self { now }
    }

    /// The frozen instant.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Its UTC day: the date of signals.
    #[must_use]
    pub fn utc_day(&self) -> NaiveDate {
        self.now.date_naive()
    }
}
