//! The exchange's holidays and shortened days, as rules.
//!
//! A fixed holiday that falls on a Sunday is kept on Monday, one that falls on a Saturday on Friday; only a New Year's
//! Day on a Saturday is not kept at all, because the Friday belongs to the old year. Good Friday follows Easter, which
//! is computed. Juneteenth is kept since 2022.
//!
//! The two days of mourning since 2015 are facts and not rules; they are listed because recorded days before them
//! are replayed. Later ones belong into an override file.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// How long the exchange trades on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hours {
    /// Not at all.
    Closed,
    /// Until 13:00.
    EarlyClose,
    /// Until 16:00.
    Regular,
}

/// Days of national mourning: George H. W. Bush and Jimmy Carter.
const MOURNING: [(i32, u32, u32); 2] = [(2018, 12, 5), (2025, 1, 9)];

/// What the rules say about `date`.
pub(super) fn hours(date: NaiveDate) -> Hours {
    if is_weekend(date) || is_holiday(date) {
        Hours::Closed
    } else if is_shortened(date) {
        Hours::EarlyClose
    } else {
        Hours::Regular
    }
}

fn is_weekend(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

fn is_holiday(date: NaiveDate) -> bool {
    let weekday = date.weekday();
    let monday = weekday == Weekday::Mon;
    match (date.month(), date.day()) {
        // Martin Luther King's and the Presidents' day: the third Mondays.
        (1 | 2, 15..=21) if monday => true,
        (1, 1) => true,
        // New Year on the Monday after; Memorial Day, the last Monday; Labor Day, the first.
        (1, 2) | (5, 25..=31) | (9, 1..=7) => monday,
        (3 | 4, _) if weekday == Weekday::Fri => date + Days::new(2) == easter(date.year()),
        // Thanksgiving, the fourth Thursday.
        (11, 22..=28) => weekday == Weekday::Thu,
        (6, day) => date.year() >= 2022 && is_kept(day, 19, weekday),
        (7, day) => is_kept(day, 4, weekday),
        (12, day) if is_kept(day, 25, weekday) => true,
        _ => MOURNING.contains(&(date.year(), date.month(), date.day())),
    }
}

/// Whether the holiday of the month's day `holiday` is kept on this weekday `day`.
fn is_kept(day: u32, holiday: u32, weekday: Weekday) -> bool {
    match weekday {
        Weekday::Mon => day == holiday || day == holiday + 1,
        Weekday::Fri => day == holiday || day + 1 == holiday,
        _ => day == holiday,
    }
}

/// The day after Thanksgiving, and the eves of Independence Day and Christmas when the holiday is a weekday too.
fn is_shortened(date: NaiveDate) -> bool {
    let weekday = date.weekday();
    match (date.month(), date.day()) {
        (11, 23..=29) => weekday == Weekday::Fri,
        (7, 3) | (12, 24) => weekday != Weekday::Fri,
        _ => false,
    }
}

/// Easter Sunday in the Gregorian calendar, by the anonymous computus of 1876 (Meeus, Jones, Butcher).
fn easter(year: i32) -> NaiveDate {
    let golden = year % 19;
    let (century, of_century) = (year / 100, year % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * to_sunday) / 451;
    let after_march_22 = epact + to_sunday - 7 * late;
    let march_22 = NaiveDate::from_ymd_opt(year, 3, 22).unwrap_or_default();
    march_22 + Days::new(u64::from(after_march_22.unsigned_abs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours_on(text: &str) -> Hours {
        hours(text.parse().unwrap())
    }

    #[test]
    fn easter_is_where_the_church_puts_it() {
        let easters = [2018, 2024, 2025, 2026, 2027, 2030, 2038].map(|year| easter(year).to_string());
        let expected = [
            "2018-04-01",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2030-04-21",
            "2038-04-25",
        ];
        assert_eq!(easters, expected);
    }

    #[test]
    fn the_holidays_of_2026_are_closed() {
        let closed = [
            "01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25",
        ];
        for day in closed {
            assert_eq!(hours_on(&format!("2026-{day}")), Hours::Closed, "{day}");
        }
        assert_eq!(hours_on("2026-11-27"), Hours::EarlyClose);
        assert_eq!(hours_on("2026-12-24"), Hours::EarlyClose);
        assert_eq!(hours_on("2026-07-02"), Hours::Regular);
    }

    #[test]
    fn a_saturday_new_year_is_not_kept() {
        assert_eq!(hours_on("2021-12-31"), Hours::Regular);
        assert_eq!(hours_on("2022-01-03"), Hours::Regular);
    }

    #[test]
    fn sunday_holidays_move_to_monday() {
        assert_eq!(hours_on("2023-01-02"), Hours::Closed);
        assert_eq!(hours_on("2022-06-20"), Hours::Closed);
        assert_eq!(hours_on("2021-07-05"), Hours::Closed);
        assert_eq!(hours_on("2022-12-26"), Hours::Closed);
    }

    #[test]
    fn saturday_holidays_move_to_friday_and_leave_no_shortened_eve() {
        assert_eq!(hours_on("2021-12-24"), Hours::Closed);
        assert_eq!(hours_on("2021-12-23"), Hours::Regular);
        assert_eq!(hours_on("2020-07-03"), Hours::Closed);
    }

    #[test]
    fn juneteenth_starts_in_2022() {
        assert_eq!(hours_on("2020-06-19"), Hours::Regular);
        assert_eq!(hours_on("2023-06-19"), Hours::Closed);
    }

    #[test]
    fn days_of_mourning_are_closed() {
        assert_eq!(hours_on("2018-12-05"), Hours::Closed);
        assert_eq!(hours_on("2025-01-09"), Hours::Closed);
    }
}
