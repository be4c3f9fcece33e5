//! The prices that a position is tested against, oldest first: five-minute candles and the daily bars between them.
//!
//! A check looks at what has become known since the last one. Of the day of that one and of today these are
//! candles, of the trading days strictly between them daily bars. Today's bar stands in when today has no candle to
//! test, but never on the day of the last check or of the opening: part of its prices would be older than that.
//!
//! A [`Window`] admits no prices from before the opening: a candle counts only if it began at or after it. The candle
//! that was under way at the last check was not known then and is tested at the next. Days without a session are
//! ignored.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    calendar::{Calendar, Session, eastern_day},
    candle::{Candle, DailyBar},
    exit::Check,
    money::Micros,
};

/// Prices of a span of time, whatever its length; `low <= open, close <= high`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// What an exit in it is dated with: the start of a candle, the end of a day.
    pub time: DateTime<Utc>,
    /// The first instant it covers.
    pub from: DateTime<Utc>,
    /// The first instant after it.
    pub until: DateTime<Utc>,
    /// First trade.
    pub open: Micros,
    /// Highest trade.
    pub high: Micros,
    /// Lowest trade.
    pub low: Micros,
    /// Last trade.
    pub close: Micros,
}

impl Bar {
    /// A day's trading, as far as it is known at `now`.
    #[must_use]
    pub fn of_day(day: &DailyBar, session: &Session, now: DateTime<Utc>) -> Self {
        let until = session.close.min(now);
        Self {
            time: until,
            from: session.open,
            until,
            open: day.open,
            high: day.high,
            low: day.low,
            close: day.close,
        }
    }

    /// The Eastern day of an exit in it.
    #[must_use]
    pub fn day(&self) -> NaiveDate {
        eastern_day(self.time)
    }
}

impl From<&Candle> for Bar {
    fn from(candle: &Candle) -> Self {
        Self {
            time: candle.start,
            from: candle.start,
            until: candle.end(),
            open: candle.open,
            high: candle.high,
            low: candle.low,
            close: candle.close,
        }
    }
}

/// From when on the prices of a position are still to be tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// Up to when monitoring has looked; `None` before the first check.
    pub last_checked_at: Option<DateTime<Utc>>,
}

impl Window {
    /// The last check, else the opening.
    #[must_use]
    pub fn since(&self) -> DateTime<Utc> {
        self.last_checked_at.map_or(self.opened_at, |at| at.max(self.opened_at))
    }

    /// Whether no price of the bar is from before the opening, and the bar was not over at the last check.
    #[must_use]
    pub fn admits(&self, bar: &Bar) -> bool {
        bar.from >= self.opened_at && self.last_checked_at.is_none_or(|at| bar.until > at)
    }

    /// The window after a check at `now`.
    #[must_use]
    pub fn checked(self, now: DateTime<Utc>) -> Self {
        Self {
            last_checked_at: Some(self.since().max(now)),
            ..self
        }
    }
}

/// The bars to test at a check, oldest first, out of what the sources gave; see the module.
#[must_use]
pub fn timeline(window: &Window, check: Check, candles: &[Candle], days: &[DailyBar], calendar: &Calendar) -> Vec<Bar> {
    let since = eastern_day(window.since());
    let mut bars: Vec<_> = candles
        .iter()
        .map(Bar::from)
        .filter(|bar| [since, check.today].contains(&bar.day()))
        .filter(|bar| bar.until <= check.now && window.admits(bar))
        .collect();
    let tested_today = bars.iter().any(|bar| bar.day() == check.today);
    let stands = |day: NaiveDate| since < day && (day < check.today || (day == check.today && !tested_today));
    let days = days.iter().filter(|bar| stands(bar.date)).filter_map(|bar| {
        let session = calendar.session(bar.date)?;
        Some(Bar::of_day(bar, &session, check.now))
    });
    bars.extend(days);
    bars.sort_by_key(|bar| bar.from);
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-03-{text}:00Z").parse().unwrap()
    }

    fn check(now: &str) -> Check {
        Check {
            today: eastern_day(at(now)),
            now: at(now),
        }
    }

    fn candle(start: &str) -> Candle {
        let price = Micros::from_dollars(100);
        Candle {
            start: at(start),
            open: price,
            high: price,
            low: price,
            close: price,
        }
    }

    fn day(text: &str) -> DailyBar {
        let price = Micros::from_dollars(100);
        DailyBar {
            date: format!("2026-03-{text}").parse().unwrap(),
            open: price,
            high: price,
            low: price,
            close: price,
        }
    }

    fn window(opened: &str, checked: Option<&str>) -> Window {
        Window {
            opened_at: at(opened),
            last_checked_at: checked.map(at),
        }
    }

    fn starts(window: &Window, now: &str, candles: &[Candle], days: &[DailyBar]) -> Vec<DateTime<Utc>> {
        timeline(window, check(now), candles, days, &Calendar::default())
            .iter()
            .map(|bar| bar.from)
            .collect()
    }

    #[test]
    fn a_candle_that_began_before_the_opening_is_not_tested() {
        let candles = ["02T15:55", "02T16:00", "02T16:05"].map(candle);
        let opened = window("02T16:01", None);
        assert_eq!(starts(&opened, "02T17:00", &candles, &[]), [at("02T16:05")]);
        assert_eq!(starts(&window("02T16:00", None), "02T17:00", &candles, &[]).len(), 2);
    }

    #[test]
    fn the_candle_under_way_at_the_last_check_is_tested_at_the_next() {
        let candles = ["02T16:00", "02T16:05", "02T16:10"].map(candle);
        let checked = window("02T15:00", Some("02T16:07"));
        assert_eq!(starts(&checked, "02T16:12", &candles, &[]), [at("02T16:05")]);
        let aligned = window("02T15:00", Some("02T16:10"));
        assert_eq!(starts(&aligned, "02T16:15", &candles, &[]), [at("02T16:10")]);
    }

    #[test]
    fn whole_days_between_are_daily_bars_and_a_weekend_is_nothing() {
        let candles = ["05T20:00", "06T16:00", "09T14:00"].map(candle);
        let days = ["05", "06", "07", "09"].map(day);
        let found = starts(&window("05T19:00", None), "09T15:00", &candles, &days);
        assert_eq!(found, [at("05T20:00"), at("06T14:30"), at("09T14:00")]);
    }

    #[test]
    fn todays_bar_stands_in_only_without_candles_and_on_a_later_day_than_the_last_look() {
        let days = [day("03")];
        let earlier = window("02T19:00", None);
        assert_eq!(starts(&earlier, "03T21:30", &[], &days), [at("03T14:30")]);
        assert_eq!(
            starts(&earlier, "03T21:30", &[candle("03T15:00")], &days),
            [at("03T15:00")]
        );
        assert!(starts(&window("03T15:00", None), "03T21:30", &[], &days).is_empty());
        assert!(starts(&window("02T19:00", Some("03T15:00")), "03T21:30", &[], &days).is_empty());
    }

    #[test]
    fn a_day_is_dated_with_its_close_or_with_now_while_it_lasts() {
        let bars = timeline(
            &window("02T19:00", None),
            check("03T16:00"),
            &[],
            &[day("03")],
            &Calendar::default(),
        );
        assert_eq!((bars[0].time, bars[0].until), (at("03T16:00"), at("03T16:00")));
        let bars = timeline(
            &window("02T19:00", None),
            check("04T16:00"),
            &[],
            &[day("03")],
            &Calendar::default(),
        );
        assert_eq!(bars[0].time, at("03T21:00"));
        assert_eq!(bars[0].day(), day("03").date);
    }

    #[test]
    fn a_window_only_moves_forward() {
        let moved = window("02T16:00", Some("02T17:00")).checked(at("02T16:30"));
        assert_eq!(moved.since(), at("02T17:00"));
        assert_eq!(window("02T16:00", None).checked(at("02T18:00")).since(), at("02T18:00"));
    }
}
