//! The sample world: a market, the people who talk about it, and what they wrote on a day.
//!
//! A pure function of the seed, the subreddit's name and the day: no clock, no file, no state between days. All
//! subreddits share the market and the people, but every one has its own themes. The talk of a day lies in the 24 hours
//! before 11:00 Eastern of that day and knows the coming moves as well as its authors do. People talk on weekends and
//! holidays too.
//!
//! Called by the sample source, and by whoever needs lines in the format of a dump.

use chrono::NaiveDate;

use super::agenda::Agenda;
use super::authors::Authors;
use super::ids::Ids;
use super::instruments::Instrument;
use super::market::Market;
use super::path::Bar;
use super::post::{self, PostDraft};
use super::random::Stream;
use super::speech::Speakers;
use super::wire::{self, Batch};

/// The first day with posts, a trading day.
pub const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(2026, 1, 5) {
    Some(day) => day,
    None => panic!("2026-01-05 is a day"),
};
/// The subreddit when none is named.
pub const DEFAULT_SUBREDDIT: &str = "wallstreetbets";
/// Trading days after which an opinion is right or wrong.
const HORIZON: usize = 5;

/// A world of one seed and one subreddit.
#[derive(Debug, Clone)]
pub struct World {
    market: Market,
    authors: Authors,
    root: Stream,
    subreddit: String,
}

impl World {
    /// The world of `seed` as the default subreddit sees it.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::of_subreddit(seed, DEFAULT_SUBREDDIT)
    }

    /// The world of `seed` as any subreddit sees it; upper and lower case are the same name.
    #[must_use]
    pub fn of_subreddit(seed: u64, subreddit: &str) -> Self {
        let subreddit = subreddit.to_lowercase();
        Self {
            market: Market::new(seed),
            authors: Authors::new(seed),
            root: Stream::new(seed).named("talk").named(&subreddit),
            subreddit,
        }
    }

    /// The prices.
    #[must_use]
    pub const fn market(&self) -> &Market {
        &self.market
    }

    /// The lines of a day; none before [`FIRST_DAY`].
    #[must_use]
    pub fn batch(&self, day: NaiveDate) -> Batch {
        let number = day_number(day);
        wire::lines(
            &self.subreddit,
            &self.drafts(day),
            Ids::new(number, self.root.named("ids").clone().next()),
        )
    }

    fn drafts(&self, day: NaiveDate) -> Vec<PostDraft> {
        if day < FIRST_DAY {
            return Vec::new();
        }
        let number = day_number(day);
        let talk = self.root.named("day").numbered(number);
        let agenda = Agenda::new(self.trading_day_number(day), &mut talk.named("agenda"), |instrument| {
            self.outlook(instrument, day)
        });
        post::drafts(
            &Speakers {
                authors: &self.authors,
                agenda: &agenda,
                day,
                number,
            },
            &talk,
        )
    }

    /// Trading days before `day`; `None` when it is not one itself.
    fn trading_day_number(&self, day: NaiveDate) -> Option<u64> {
        let calendar = self.market.calendar();
        let earlier = FIRST_DAY.iter_days().take_while(|earlier| *earlier < day);
        calendar
            .is_trading_day(day)
            .then(|| earlier.filter(|earlier| calendar.is_trading_day(*earlier)).count() as u64)
    }

    /// The last close before `day`, and whether the price rises from 11:00 of `day` to the horizon.
    fn outlook(&self, instrument: &Instrument, day: NaiveDate) -> (i64, bool) {
        let calendar = self.market.calendar();
        let last = (0..HORIZON).fold(day, |day, _| calendar.next_trading_day(day));
        let bars = self.market.bars(instrument.symbol, last);
        let before = bars.iter().rev().find(|(traded, _)| *traded < day);
        let close = |bar: Option<&(NaiveDate, Bar)>| bar.map_or(0, |(_, bar)| bar.close);
        let now = self.market.price(instrument.symbol, post::cutoff(day)).unwrap_or(0);
        (close(before), close(bars.last()) > now)
    }
}

/// Days since [`FIRST_DAY`]; 0 before it.
fn day_number(day: NaiveDate) -> u64 {
    u64::try_from((day - FIRST_DAY).num_days()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
