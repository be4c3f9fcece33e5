//! Whether a ticker is new in the talk.

use chrono::{Days, NaiveDate};

/// Days the system watches before it judges.
pub const WARM_UP_DAYS: i64 = 7;
/// Fewer mentions than this in the seven days before.
pub const MAX_PRIOR_MENTIONS: i64 = 3;
/// At least this many mentions now.
pub const MIN_MENTIONS: i64 = 13;
/// By at least this many authors.
pub const MIN_AUTHORS: i64 = 8;

/// How much a ticker is talked about. Neutral mentions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Talk {
    /// Mentions on the seven days before.
    pub prior_7d_mentions: i64,
    /// Mentions in this run.
    pub mentions: i64,
    /// Their distinct, known authors.
    pub authors: i64,
}

/// `None` while the system is younger than a week, else whether the ticker emerges.
#[must_use]
pub fn is_emergence(start: NaiveDate, today: NaiveDate, talk: Talk) -> Option<bool> {
    if (today - start).num_days() < WARM_UP_DAYS {
        return None;
    }
    Some(talk.prior_7d_mentions < MAX_PRIOR_MENTIONS && talk.mentions >= MIN_MENTIONS && talk.authors >= MIN_AUTHORS)
}

/// First day of the seven before `today`.
#[must_use]
pub fn prior_window_start(today: NaiveDate) -> NaiveDate {
    today.checked_sub_days(Days::new(7)).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW: Talk = Talk {
        prior_7d_mentions: 2,
        mentions: 13,
        authors: 8,
    };

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, d).unwrap()
    }

    #[test]
    fn nothing_is_judged_in_the_first_week() {
        assert_eq!(is_emergence(day(5), day(11), NEW), None);
        assert_eq!(is_emergence(day(5), day(12), NEW), Some(true));
    }

    #[test]
    fn each_threshold_counts() {
        for talk in [
            Talk {
                prior_7d_mentions: 3,
                ..NEW
            },
            Talk { mentions: 12, ..NEW },
            Talk { authors: 7, ..NEW },
        ] {
            assert_eq!(is_emergence(day(5), day(20), talk), Some(false), "{talk:?}");
        }
    }

    #[test]
    fn the_window_is_the_seven_days_before_today() {
        assert_eq!(prior_window_start(day(12)), day(5));
    }
}
