//! Whether a ticker is new in the talk.

use chrono::{Days, NaiveDate};

/// When a ticker emerges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmergenceRules {
    /// Days the system watches before it judges.
    pub warm_up_days: i64,
    /// Fewer mentions than this in the seven days before.
    pub max_prior_mentions: i64,
    /// At least this many mentions now.
    pub min_mentions: i64,
    /// By at least this many authors.
    pub min_authors: i64,
}

impl Default for EmergenceRules {
    fn default() -> Self {
        Self {
            warm_up_days: 7,
            max_prior_mentions: 3,
            min_mentions: 13,
            min_authors: 8,
        }
    }
}

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

/// `None` while the system is too young to judge, else whether the ticker emerges.
#[must_use]
pub fn is_emergence(start: NaiveDate, today: NaiveDate, talk: Talk, rules: &EmergenceRules) -> Option<bool> {
    if (today - start).num_days() < rules.warm_up_days {
        return None;
    }
    let quiet_before = talk.prior_7d_mentions < rules.max_prior_mentions;
    Some(quiet_before && talk.mentions >= rules.min_mentions && talk.authors >= rules.min_authors)
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

    fn judge(today: u32, talk: Talk) -> Option<bool> {
        is_emergence(day(5), day(today), talk, &EmergenceRules::default())
    }

    #[test]
    fn nothing_is_judged_in_the_first_week() {
        assert_eq!(judge(11, NEW), None);
        assert_eq!(judge(12, NEW), Some(true));
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
            assert_eq!(judge(20, talk), Some(false), "{talk:?}");
        }
    }

    #[test]
    fn the_window_is_the_seven_days_before_today() {
        assert_eq!(prior_window_start(day(12)), day(5));
    }
}
