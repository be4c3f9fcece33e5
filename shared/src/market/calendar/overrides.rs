//! Days on which the exchange does not follow the rules, read from a small text.
//!
//! One day a line: `2027-03-01 closed`, or `2027-03-02 13:00` for the hour at which trading ends. A day with an hour
//! is a trading day even where the rules say holiday, so a wrong rule can be overruled until it is mended. Blank lines
//! and everything after `#` are skipped; a later line about the same day wins.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveTime};

use super::{CLOSE, OPEN};

/// What happens on an overridden day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Override {
    /// No trading.
    Closed,
    /// Trading from 9:30 until this hour, Eastern time.
    ClosesAt(NaiveTime),
}

/// The overridden days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    days: BTreeMap<NaiveDate, Override>,
}

/// A line that says nothing the calendar understands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "calendar override, line {line}: expected `YYYY-MM-DD closed` or `YYYY-MM-DD HH:MM` (after 9:30, at most 16:00), found `{text}`"
)]
pub struct OverrideError {
    /// Number of the line, from 1.
    pub line: usize,
    /// The line without its comment.
    pub text: String,
}

impl Overrides {
    pub(super) fn on(&self, date: NaiveDate) -> Option<Override> {
        self.days.get(&date).copied()
    }
}

impl FromStr for Overrides {
    type Err = OverrideError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut days = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let entry = line.split('#').next().unwrap_or_default().trim();
            if entry.is_empty() {
                continue;
            }
            let (date, hours) = parse_entry(entry).ok_or_else(|| OverrideError {
                line: index + 1,
                text: entry.to_owned(),
            })?;
            days.insert(date, hours);
        }
        Ok(Self { days })
    }
}

fn parse_entry(entry: &str) -> Option<(NaiveDate, Override)> {
    let (date, hours) = entry.split_once(char::is_whitespace)?;
    let date = date.parse().ok()?;
    let hours = match hours.trim() {
        "closed" => Override::Closed,
        clock => Override::ClosesAt(parse_close(clock)?),
    };
    Some((date, hours))
}

fn parse_close(clock: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(clock, "%H:%M")
        .ok()
        .filter(|close| *close > OPEN && *close <= CLOSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_skipped() {
        let overrides: Overrides = "\n# nothing\n2027-03-01  closed # mourning\n".parse().unwrap();
        assert_eq!(overrides.on("2027-03-01".parse().unwrap()), Some(Override::Closed));
        assert_eq!(overrides.on("2027-03-02".parse().unwrap()), None);
    }

    #[test]
    fn a_line_that_makes_no_sense_is_named() {
        for text in [
            "2027-03-01",
            "2027-03-01 shut",
            "2027-02-30 closed",
            "2027-03-01 09:30",
            "2027-03-01 17:00",
        ] {
            let error = format!("2027-01-04 closed\n{text}").parse::<Overrides>().unwrap_err();
            assert_eq!(
                error,
                OverrideError {
                    line: 2,
                    text: text.to_owned()
                }
            );
        }
    }
}
