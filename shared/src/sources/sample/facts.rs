//! The facts that a text may mention: the ticker, prices and strikes around today's, dates, and plausible numbers.
//!
//! What depends on the market (price, strikes, targets) follows from it; the rest (percentages, counts) is invented
//! on the spot. All money is in whole micro-dollars until it is written.

use chrono::{Datelike, Days, NaiveDate};

use super::instruments::Instrument;
use super::listing;
use super::path::DOLLAR;
use super::random::Stream;

/// Weekdays on which something may happen.
const WEEKDAYS: [&str; 5] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];

/// What a text is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    /// The ticker, if the text has one.
    pub(super) instrument: Option<&'a Instrument>,
    /// Its last price, in micro-dollars.
    pub(super) price: i64,
    /// The trading day that the text leads up to.
    pub(super) day: NaiveDate,
}

impl Facts<'_> {
    /// The text of a slot; `None` when no fact has this name.
    pub(super) fn value(&self, slot: &str, random: &mut Stream) -> Option<String> {
        self.about_the_ticker(slot, random)
            .or_else(|| self.about_time(slot, random))
            .or_else(|| invented(slot, random))
    }

    fn about_the_ticker(&self, slot: &str, random: &mut Stream) -> Option<String> {
        let symbol = self.instrument.map_or("", |instrument| instrument.symbol);
        Some(match slot {
            "ticker" if random.chance(45) => format!("${symbol}"),
            "ticker" => symbol.to_owned(),
            "company" => self.instrument.map_or("", |instrument| instrument.name).to_owned(),
            "price" => dollars(self.price),
            "strike_up" => self.strike(random.between(102, 110)),
            "strike_down" => self.strike(random.between(90, 98)),
            "target_up" => dollars(self.price / 100 * random.between(112, 135)),
            "target_down" => dollars(self.price / 100 * random.between(70, 88)),
            "support" => dollars(self.price / 100 * random.between(93, 98)),
            "resistance" => dollars(self.price / 100 * random.between(102, 107)),
            _ => return None,
        })
    }

    fn about_time(&self, slot: &str, random: &mut Stream) -> Option<String> {
        Some(match slot {
            "date" => self.day.format("%B %d, %Y").to_string(),
            "expiry" => friday_after(self.day, 7 * random.below(4) + 7)
                .format("%-m/%-d")
                .to_string(),
            "weekday" => (*random.pick(&WEEKDAYS)).to_owned(),
            "hour" => format!(
                "{}:{}{}",
                random.between(1, 11),
                random.below(6),
                random.pick(&["0 am", "5 am", "0 pm"])
            ),
            _ => return None,
        })
    }

    /// The listed strike nearest to `percent` of the price.
    fn strike(&self, percent: i64) -> String {
        let grid = listing::grid(self.price);
        let strike = (self.price / 100 * percent + grid / 2) / grid * grid;
        if strike % DOLLAR == 0 {
            (strike / DOLLAR).to_string()
        } else {
            format!("{}.5", strike / DOLLAR)
        }
    }
}

fn invented(slot: &str, random: &mut Stream) -> Option<String> {
    let mut number = |low, high| random.between(low, high).to_string();
    Some(match slot {
        "pct" => number(8, 48),
        "pe" => number(9, 24),
        "pe_high" => number(70, 240),
        "iv_low" => number(28, 58),
        "count" => number(2, 40),
        "count_big" => number(40, 400),
        "small" => number(2, 9),
        "days" => number(3, 19),
        "minutes" => number(3, 55),
        "delta" => format!("0.{}", number(25, 45)),
        "theta" => format!("0.{}", number(11, 39)),
        "money" => format!("${},{}00", number(1, 9), number(1, 9)),
        "money_more" => format!("${},{}00", number(11, 98), number(1, 9)),
        "money_big" => format!("${} million", number(12, 900)),
        _ => return None,
    })
}

/// The first Friday on or after the day that is `days` ahead.
fn friday_after(day: NaiveDate, days: u64) -> NaiveDate {
    let ahead = day + Days::new(days);
    ahead + Days::new(u64::from((11 - ahead.weekday().num_days_from_monday()) % 7))
}

/// Whole dollars from a hundred on, cents below.
fn dollars(price: i64) -> String {
    if price >= 100 * DOLLAR {
        format!("${}", (price + DOLLAR / 2) / DOLLAR)
    } else {
        format!("${}.{:02}", price / DOLLAR, price % DOLLAR / 10_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(price: i64) -> Facts<'static> {
        Facts {
            instrument: Instrument::find("GME"),
            price,
            day: "2026-01-05".parse().unwrap(),
        }
    }

    #[test]
    fn strikes_lie_on_the_grid_of_their_price() {
        assert_eq!(at(11_370_000).strike(100), "11.5");
        assert_eq!(at(27_300_000).strike(100), "27");
        assert_eq!(at(142_600_000).strike(100), "145");
        assert_eq!(at(94_400_000_000).strike(100), "94000");
    }

    #[test]
    fn expiries_are_fridays() {
        assert_eq!(friday_after("2026-01-05".parse().unwrap(), 7).to_string(), "2026-01-16");
        assert_eq!(friday_after("2026-01-09".parse().unwrap(), 7).to_string(), "2026-01-16");
        assert_eq!(friday_after("2026-01-10".parse().unwrap(), 7).to_string(), "2026-01-23");
    }

    #[test]
    fn prices_are_written_as_people_write_them() {
        assert_eq!([dollars(310_490_000), dollars(9_070_000)], ["$310", "$9.07"]);
    }
}
