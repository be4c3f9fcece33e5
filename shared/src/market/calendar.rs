//! When the New York Stock Exchange trades: days, sessions, and the Eastern time they are kept in.
//!
//! The days follow from rules ([`holidays`]) and not from a table, so the calendar does not run out. What no rule
//! can know, a day of mourning that is announced a week ahead, comes from [`Overrides`], which win over the rules.
//!
//! The market gate asks [`Calendar::is_open`]; signal replay and the sample world walk trading days; everything that
//! counts days asks [`eastern_day`] first. All intervals are half-open: at 16:00:00 the exchange is closed.
//! The rules are those in force since 2015. Everything here is pure: no clock, no file, no network.

mod eastern;
mod holidays;
mod overrides;

use std::iter::successors;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

pub use self::eastern::{eastern_day, eastern_instant};
use self::holidays::Hours;
use self::overrides::Override;
pub use self::overrides::{OverrideError, Overrides};

/// When the opening bell rings, Eastern time.
const OPEN: NaiveTime = time(9, 30);
/// When a regular session ends, Eastern time.
const CLOSE: NaiveTime = time(16, 0);
/// When a shortened session ends, Eastern time.
const EARLY_CLOSE: NaiveTime = time(13, 0);

/// The trading hours of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The first instant of trading.
    pub open: DateTime<Utc>,
    /// The first instant after trading.
    pub close: DateTime<Utc>,
    /// It ends before 16:00 Eastern.
    pub early_close: bool,
}

/// The exchange's calendar: the rules, corrected by overrides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    overrides: Overrides,
}

impl Calendar {
    /// The rules, with `overrides` taking precedence on the days they name.
    #[must_use]
    pub const fn with_overrides(overrides: Overrides) -> Self {
        Self { overrides }
    }

    /// Whether the exchange trades at all on `date`.
    #[must_use]
    pub fn is_trading_day(&self, date: NaiveDate) -> bool {
        self.closing_time(date).is_some()
    }

    /// The trading hours of `date`; `None` when the exchange stays closed.
    #[must_use]
    pub fn session(&self, date: NaiveDate) -> Option<Session> {
        self.closing_time(date).map(|close| Session {
            open: eastern_instant(date, OPEN),
            close: eastern_instant(date, close),
            early_close: close < CLOSE,
        })
    }

    /// The first trading day after `date`; the end of chrono's calendar when there is none.
    #[must_use]
    pub fn next_trading_day(&self, date: NaiveDate) -> NaiveDate {
        successors(date.succ_opt(), NaiveDate::succ_opt)
            .find(|day| self.is_trading_day(*day))
            .unwrap_or(NaiveDate::MAX)
    }

    /// The last trading day before `date`; the start of chrono's calendar when there is none.
    #[must_use]
    pub fn previous_trading_day(&self, date: NaiveDate) -> NaiveDate {
        successors(date.pred_opt(), NaiveDate::pred_opt)
            .find(|day| self.is_trading_day(*day))
            .unwrap_or(NaiveDate::MIN)
    }

    /// Whether the exchange trades at `instant`: `open <= instant < close`.
    #[must_use]
    pub fn is_open(&self, instant: DateTime<Utc>) -> bool {
        self.session(eastern_day(instant))
            .is_some_and(|session| (session.open..session.close).contains(&instant))
    }

    fn closing_time(&self, date: NaiveDate) -> Option<NaiveTime> {
        match self.overrides.on(date) {
            Some(Override::Closed) => None,
            Some(Override::ClosesAt(close)) => Some(close),
            None => match holidays::hours(date) {
                Hours::Closed => None,
                Hours::EarlyClose => Some(EARLY_CLOSE),
                Hours::Regular => Some(CLOSE),
            },
        }
    }
}

/// A time of day known when the program is written.
const fn time(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => panic!("a constant of this module is no time of day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_session_is_given_in_utc_and_follows_daylight_saving() {
        let calendar = Calendar::default();
        let winter = calendar.session(date("2026-01-05")).unwrap();
        assert_eq!(winter.open, instant("2026-01-05T14:30:00Z"));
        assert_eq!(winter.close, instant("2026-01-05T21:00:00Z"));
        let summer = calendar.session(date("2026-07-06")).unwrap();
        assert_eq!(summer.open, instant("2026-07-06T13:30:00Z"));
        assert!(!summer.early_close);
    }

    #[test]
    fn the_day_after_thanksgiving_ends_at_one() {
        let session = Calendar::default().session(date("2026-11-27")).unwrap();
        assert!(session.early_close);
        assert_eq!(session.close, instant("2026-11-27T18:00:00Z"));
    }

    #[test]
    fn trading_is_half_open() {
        let calendar = Calendar::default();
        assert!(!calendar.is_open(instant("2026-03-09T13:29:59Z")));
        assert!(calendar.is_open(instant("2026-03-09T13:30:00Z")));
        assert!(calendar.is_open(instant("2026-03-09T19:59:59Z")));
        assert!(!calendar.is_open(instant("2026-03-09T20:00:00Z")));
    }

    #[test]
    fn walking_skips_weekends_and_holidays() {
        let calendar = Calendar::default();
        assert_eq!(calendar.next_trading_day(date("2026-04-02")), date("2026-04-06"));
        assert_eq!(calendar.previous_trading_day(date("2026-01-05")), date("2026-01-02"));
        assert_eq!(calendar.next_trading_day(date("2025-12-31")), date("2026-01-02"));
    }

    #[test]
    fn overrides_win_over_the_rules() {
        let text = "# announced late\n2027-03-01 closed\n2027-03-02 13:00\n2027-12-24 16:00\n";
        let calendar = Calendar::with_overrides(text.parse().unwrap());
        assert!(!calendar.is_trading_day(date("2027-03-01")));
        assert!(calendar.session(date("2027-03-02")).unwrap().early_close);
        assert!(!calendar.session(date("2027-12-24")).unwrap().early_close);
        assert_eq!(calendar.next_trading_day(date("2027-02-26")), date("2027-03-02"));
    }

    #[test]
    fn a_year_has_the_published_number_of_trading_days() {
        let calendar = Calendar::default();
        let days = |year: i32| {
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            let in_year = |day: &NaiveDate| day.format("%Y").to_string() == year.to_string();
            first
                .iter_days()
                .take_while(in_year)
                .filter(|day| calendar.is_trading_day(*day))
                .count()
        };
        assert_eq!(
            [days(2018), days(2021), days(2024), days(2025), days(2026)],
            [251, 252, 252, 250, 251]
        );
    }
}
