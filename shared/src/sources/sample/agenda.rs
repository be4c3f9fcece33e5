//! What a day is about: the mood towards every ticker, and the posts with their size and subject.
//!
//! The pipeline's signals are designed here. A *crowd* agrees (consensus) and nobody argues against it (quality); a
//! *split* crowd agrees but has arguments on both sides (consensus without quality); a *contested* ticker fires
//! nothing. The side of a crowd is right a little more often than not. A dormant ticker wakes on every third trading day,
//! after weeks in which nobody named it (emergence).

use super::instruments::{Instrument, Role};
use super::random::Stream;

/// Trading days from one awakening to the next.
const WAKE_EVERY: u64 = 3;
/// How often, in percent, a crowd is on the side of the next move.
const CROWD_RIGHT: u64 = 57;

/// How people stand to a ticker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    /// Nearly all on one side; the few others do not argue.
    Crowd,
    /// Most on one side, arguments on both.
    Split,
    /// Anybody says anything.
    Contested,
}

impl Mood {
    /// How often, in percent, somebody of the other opinion speaks up.
    pub(super) const fn dissent(self) -> u64 {
        match self {
            Self::Crowd => 9,
            Self::Split => 16,
            Self::Contested => 100,
        }
    }
}

/// A ticker as the market and the mood stand today.
#[derive(Debug, Clone, Copy)]
pub(super) struct Topic {
    /// The ticker.
    pub(super) instrument: &'static Instrument,
    /// Its last price, in micro-dollars.
    pub(super) price: i64,
    /// Whether it will be higher in some days; known to the market only.
    pub(super) rises: bool,
    /// The side of the crowd.
    pub(super) bullish: bool,
    /// The mood.
    pub(super) mood: Mood,
}

/// What a post is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The thread in which everything is said.
    Daily,
    /// One ticker, one side.
    Stance,
    /// One ticker, both sides.
    Contested,
    /// A dormant ticker.
    Wake,
    /// A screenshot of somebody's account.
    Gain,
    /// A picture.
    Meme,
    /// A question to all.
    Question,
    /// A complaint.
    Rant,
    /// A post that hardly anybody sees.
    Small,
}

/// A post that will be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    /// What it is.
    pub(super) kind: Kind,
    /// Index of its ticker in [`Agenda::topics`].
    pub(super) topic: Option<usize>,
    /// How many comments it gets.
    pub(super) comments: usize,
}

/// The plan of a day.
#[derive(Debug, Clone)]
pub(super) struct Agenda {
    /// The tickers that are named today.
    pub(super) topics: Vec<Topic>,
    /// The posts.
    pub(super) posts: Vec<Plan>,
}

impl Agenda {
    /// The agenda of the trading day with this number, or of a day without trading; `price_and_rise` asks the market.
    pub(super) fn new(
        trading_day: Option<u64>,
        random: &mut Stream,
        price_and_rise: impl Fn(&'static Instrument) -> (i64, bool),
    ) -> Self {
        let topic = |instrument, mood, random: &mut Stream| {
            let (price, rises) = price_and_rise(instrument);
            Topic {
                instrument,
                price,
                rises,
                bullish: random.chance(CROWD_RIGHT) == rises,
                mood,
            }
        };
        let moods = moods_of_the_day(random);
        let themes = shuffled(
            [Role::Popular, Role::Unlisted, Role::Crypto]
                .into_iter()
                .flat_map(Instrument::of)
                .collect(),
            random,
        );
        let mut topics = Vec::new();
        for (place, instrument) in themes.into_iter().chain(Instrument::of(Role::Fund)).enumerate() {
            let mood = moods.get(place).copied().unwrap_or(Mood::Contested);
            topics.push(topic(instrument, mood, random));
        }
        let woken = trading_day
            .and_then(woken)
            .map(|instrument| topic(instrument, Mood::Crowd, random));
        let posts = posts(topics.len(), woken.is_some(), random);
        topics.extend(woken);
        Self { topics, posts }
    }
}

/// The moods towards the first topics: headline, second theme, quiet analysis, contested, and the background.
fn moods_of_the_day(random: &mut Stream) -> Vec<Mood> {
    let headline = *random.pick(&[Mood::Crowd, Mood::Crowd, Mood::Crowd, Mood::Split, Mood::Contested]);
    let second = *random.pick(&[Mood::Crowd, Mood::Split, Mood::Contested]);
    let background = (0..12).map(|_| {
        if random.chance(20) {
            Mood::Crowd
        } else {
            Mood::Contested
        }
    });
    [headline, second, Mood::Crowd, Mood::Contested]
        .into_iter()
        .chain(background)
        .collect()
}

fn woken(number: u64) -> Option<&'static Instrument> {
    let dormant: Vec<_> = Instrument::of(Role::Dormant).collect();
    let turn = usize::try_from(number / WAKE_EVERY).unwrap_or(0) % dormant.len();
    (number % WAKE_EVERY == 1).then(|| dormant[turn])
}

/// The posts of a day; the topic after the last one is the woken ticker.
fn posts(topics: usize, wakes: bool, random: &mut Stream) -> Vec<Plan> {
    let mut posts = Vec::new();
    let mut plan = |kind, topic, low, high| {
        let comments = usize::try_from(random.between(low, high)).unwrap_or(0);
        posts.push(Plan { kind, topic, comments });
    };
    plan(Kind::Daily, None, 520, 640);
    plan(Kind::Stance, Some(0), 320, 400);
    plan(Kind::Stance, Some(0), 260, 320);
    plan(Kind::Stance, Some(1), 210, 270);
    plan(Kind::Stance, Some(2), 160, 200);
    plan(Kind::Contested, Some(3), 170, 210);
    plan(Kind::Gain, None, 130, 170);
    plan(Kind::Meme, None, 120, 160);
    plan(Kind::Question, None, 95, 125);
    if wakes {
        plan(Kind::Wake, Some(topics), 160, 200);
    } else {
        plan(Kind::Stance, Some(4), 90, 120);
    }
    plan(Kind::Rant, None, 60, 90);
    for _ in 0..3 {
        plan(Kind::Small, None, 5, 40);
    }
    posts
}

fn shuffled<T>(mut things: Vec<T>, random: &mut Stream) -> Vec<T> {
    for last in (1..things.len()).rev() {
        things.swap(last, random.index(last + 1));
    }
    things
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agenda(number: u64) -> Agenda {
        Agenda::new(Some(number), &mut Stream::new(number), |instrument| {
            (instrument.base_dollars * 1_000_000, true)
        })
    }

    #[test]
    fn a_day_has_more_posts_than_are_hot_and_more_tickers_than_themes() {
        for number in 0..50 {
            let agenda = agenda(number);
            assert!(agenda.posts.len() >= 14 && agenda.topics.len() >= 16);
            assert!(agenda.posts.iter().map(|post| post.comments).sum::<usize>() >= 2_000);
            assert!(
                agenda
                    .posts
                    .iter()
                    .filter_map(|post| post.topic)
                    .all(|topic| topic < agenda.topics.len())
            );
        }
    }

    #[test]
    fn nobody_wakes_without_trading() {
        let agenda = Agenda::new(None, &mut Stream::new(1), |_| (1_000_000, true));
        assert!(agenda.posts.iter().all(|post| post.kind != Kind::Wake));
        assert!(agenda.topics.iter().all(|topic| topic.instrument.role != Role::Dormant));
    }

    #[test]
    fn a_dormant_ticker_sleeps_for_weeks_between_its_days() {
        let woken: Vec<_> = (0..60)
            .filter_map(|number| woken(number).map(|one| (number, one.symbol)))
            .collect();
        assert_eq!(woken.len(), 20);
        for (number, symbol) in &woken {
            let again = woken.iter().find(|(later, other)| later > number && other == symbol);
            assert!(again.is_none_or(|(later, _)| later - number >= 15));
        }
    }

    #[test]
    fn a_crowd_is_right_a_little_more_often_than_not() {
        let right: usize = (0..300)
            .flat_map(|number| agenda(number).topics)
            .filter(|topic| topic.bullish)
            .count();
        let all: usize = (0..300).map(|number| agenda(number).topics.len()).sum();
        assert!((55..60).contains(&(right * 100 / all)));
    }
}
