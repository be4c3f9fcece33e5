//! US Eastern time by rule: UTC-5, and UTC-4 from the second Sunday of March to the first Sunday of November.
//!
//! Both changes happen at 2:00 local time. The rule has been in force since 2007; nothing here is asked about
//! earlier days. The exchange never trades at an hour that a change skips or repeats, so a local time is simply
//! read with the offset that holds from 2:00 of its day on.

use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveTime, Utc};

/// Hours by which Eastern standard time is behind UTC.
const STANDARD: i64 = 5;
/// Hours by which Eastern daylight time is behind UTC.
const DAYLIGHT: i64 = 4;

/// The Eastern calendar day of an instant.
#[must_use]
pub fn eastern_day(instant: DateTime<Utc>) -> NaiveDate {
    let standard = instant.naive_utc() - Duration::hours(STANDARD);
    let day = standard.date();
    // The changes, both read on the standard-time clock: spring at 2:00, autumn at 1:00.
    let clock = standard.time();
    let spring = NaiveTime::MIN + Duration::hours(2);
    let autumn = NaiveTime::MIN + Duration::hours(1);
    let (start, end) = daylight_saving(day.year());
    let daylight = (day, clock) >= (start, spring) && (day, clock) < (end, autumn);
    if daylight {
        (standard + Duration::hours(STANDARD - DAYLIGHT)).date()
    } else {
        day
    }
}

/// The instant at which Eastern clocks show `time` on `date`, for times from 2:00 on.
#[must_use]
pub fn eastern_instant(date: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    let (start, end) = daylight_saving(date.year());
    let behind = if (start..end).contains(&date) {
        DAYLIGHT
    } else {
        STANDARD
    };
    date.and_time(time).and_utc() + Duration::hours(behind)
}

/// The days on which daylight saving starts and ends.
fn daylight_saving(year: i32) -> (NaiveDate, NaiveDate) {
    (sunday_on_or_after(year, 3, 8), sunday_on_or_after(year, 11, 1))
}

fn sunday_on_or_after(year: i32, month: u32, day: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    first + Days::new(u64::from((7 - first.weekday().num_days_from_sunday()) % 7))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day_at(text: &str) -> String {
        eastern_day(text.parse().unwrap()).to_string()
    }

    #[test]
    fn the_changes_fall_on_the_known_sundays() {
        let days = |year| (daylight_saving(year).0.to_string(), daylight_saving(year).1.to_string());
        assert_eq!(days(2020), ("2020-03-08".into(), "2020-11-01".into()));
        assert_eq!(days(2026), ("2026-03-08".into(), "2026-11-01".into()));
        assert_eq!(days(2030), ("2030-03-10".into(), "2030-11-03".into()));
    }

    #[test]
    fn the_eastern_day_turns_at_five_in_winter_and_at_four_in_summer() {
        assert_eq!(day_at("2026-01-05T04:59:59Z"), "2026-01-04");
        assert_eq!(day_at("2026-01-05T05:00:00Z"), "2026-01-05");
        assert_eq!(day_at("2026-07-05T03:59:59Z"), "2026-07-04");
        assert_eq!(day_at("2026-07-05T04:00:00Z"), "2026-07-05");
    }

    #[test]
    fn the_eastern_day_is_right_around_the_changes() {
        assert_eq!(day_at("2026-03-08T04:30:00Z"), "2026-03-07");
        assert_eq!(day_at("2026-03-09T03:59:59Z"), "2026-03-08");
        assert_eq!(day_at("2026-03-09T04:00:00Z"), "2026-03-09");
        assert_eq!(day_at("2026-11-01T04:00:00Z"), "2026-11-01");
        assert_eq!(day_at("2026-11-02T04:59:59Z"), "2026-11-01");
        assert_eq!(day_at("2027-01-01T04:59:59Z"), "2026-12-31");
    }

    #[test]
    fn eleven_eastern_moves_by_an_hour_over_the_change() {
        let eleven = |day: &str| {
            let time = NaiveTime::from_hms_opt(11, 0, 0).unwrap();
            eastern_instant(day.parse().unwrap(), time).to_rfc3339()
        };
        assert_eq!(eleven("2026-03-06"), "2026-03-06T16:00:00+00:00");
        assert_eq!(eleven("2026-03-09"), "2026-03-09T15:00:00+00:00");
        assert_eq!(eleven("2026-11-02"), "2026-11-02T16:00:00+00:00");
    }
}
