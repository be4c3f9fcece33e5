//! Days and times of the market, as far as a client has to know them: weekdays, and US/Eastern time.
//!
//! Holidays are left to the service: a run on one meets a closed market and says so.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};

/// The days from Monday to Friday from `from` on.
pub fn weekdays(from: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let is_weekend = |day: &NaiveDate| matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    from.iter_days().filter(move |day| !is_weekend(day))
}

/// A time of a weekday in New York.
#[must_use]
pub fn eastern(day: NaiveDate, at: NaiveTime) -> DateTime<Utc> {
    (day.and_time(at) + behind(day)).and_utc()
}

/// The day it is in New York.
#[must_use]
pub fn eastern_day(at: DateTime<Utc>) -> NaiveDate {
    let day = (at - TimeDelta::hours(5)).date_naive();
    (at - behind(day)).date_naive()
}

/// How far New York is behind UTC: four hours from the second Sunday of March to the first of November, else five. The
/// clock is changed on Sundays, so this is exact on weekdays.
fn behind(day: NaiveDate) -> TimeDelta {
    let summer = sunday(day.year(), 3, 2).zip(sunday(day.year(), 11, 1));
    let is_summer = summer.is_some_and(|(first, last)| (first..last).contains(&day));
    TimeDelta::hours(if is_summer { 4 } else { 5 })
}

/// The first or second Sunday of a month.
fn sunday(year: i32, month: u32, number: u64) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    let to_sunday = (7 - first.weekday().num_days_from_sunday()) % 7;
    first.checked_add_days(Days::new(u64::from(to_sunday) + 7 * (number - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn weekends_are_left_out() {
        let days: Vec<_> = weekdays(day("2026-01-09")).take(3).collect();
        assert_eq!(days, [day("2026-01-09"), day("2026-01-12"), day("2026-01-13")]);
        assert_eq!(weekdays(day("2026-01-10")).next(), Some(day("2026-01-12")));
    }

    #[test]
    fn the_clock_of_new_york_is_changed_in_march_and_november() {
        let at = |text: &str| {
            let eleven = NaiveTime::from_hms_opt(11, 0, 0).expect("a time");
            eastern(day(text), eleven).format("%H:%MZ").to_string()
        };
        let changes = ["2026-01-05", "2026-03-06", "2026-03-09", "2026-10-30", "2026-11-02"].map(at);
        assert_eq!(changes, ["16:00Z", "16:00Z", "15:00Z", "15:00Z", "16:00Z"]);
    }

    #[test]
    fn a_late_evening_belongs_to_its_own_day() {
        let of = |text: &str| eastern_day(text.parse().expect("a time"));
        assert_eq!(of("2026-01-06T04:59:59Z"), day("2026-01-05"));
        assert_eq!(of("2026-01-06T05:00:00Z"), day("2026-01-06"));
        assert_eq!(of("2026-07-01T04:00:00Z"), day("2026-07-01"));
    }
}
