//! A post before it has an id: title, text, picture, score, and its conversation.

use chrono::{DateTime, Duration, NaiveTime, Utc};

use super::agenda::{Kind, Plan};
use super::conversation::{Draft, conversation};
use super::facts::Facts;
use super::grammar;
use super::random::Stream;
use super::speech::Speakers;
use crate::market::calendar::eastern_instant;

/// Hours that a day's talk covers.
pub(super) const WINDOW_HOURS: i64 = 24;

/// A post and its comments.
#[derive(Debug, Clone)]
pub(super) struct PostDraft {
    /// The author's name.
    pub(super) author: String,
    /// The author's number.
    pub(super) number: u64,
    /// The title, not yet encoded.
    pub(super) title: String,
    /// The text, which says that all of this is synthetic; not yet encoded.
    pub(super) selftext: String,
    /// The flair.
    pub(super) flair: &'static str,
    /// Whether it links to a picture.
    pub(super) has_image: bool,
    /// Seconds since 1970.
    pub(super) created: i64,
    /// The score.
    pub(super) score: i64,
    /// The comments, oldest first.
    pub(super) comments: Vec<Draft>,
}

/// When a day's talk ends and its run begins, Eastern time.
pub(super) const CUTOFF: NaiveTime = match NaiveTime::from_hms_opt(11, 0, 0) {
    Some(time) => time,
    None => panic!("11:00 is a time of day"),
};

/// The instant at which a day's talk ends: 11:00 Eastern.
pub(super) fn cutoff(day: chrono::NaiveDate) -> DateTime<Utc> {
    eastern_instant(day, CUTOFF)
}

/// All posts of a day, oldest first.
pub(super) fn drafts(speakers: &Speakers<'_>, root: &Stream) -> Vec<PostDraft> {
    let plans = (0..).zip(&speakers.agenda.posts);
    let mut drafts: Vec<_> = plans
        .map(|(place, plan)| PostDraft::new(plan, speakers, root.named("post").numbered(place)))
        .collect();
    drafts.sort_by_key(|draft| draft.created);
    drafts
}

impl PostDraft {
    fn new(plan: &Plan, speakers: &Speakers<'_>, mut random: Stream) -> Self {
        let cutoff = cutoff(speakers.day);
        let created = created(plan.kind, cutoff, &mut random).timestamp();
        let author = speakers.authors.pick(&mut random);
        let topic = plan.topic.map(|index| speakers.agenda.topics[index]);
        let facts: Facts<'_> = topic.map_or(speakers.no_facts(), |topic| speakers.facts(&topic));
        let bullish = topic.is_none_or(|topic| topic.bullish);
        let comments = conversation(plan, (created, cutoff.timestamp()), speakers, &mut random);
        Self {
            author: author.name.clone(),
            number: author.number,
            title: grammar::write(title_rule(plan.kind, bullish), &facts, &mut random),
            selftext: grammar::write(text_rule(plan.kind), &facts, &mut random),
            flair: flair(plan.kind),
            has_image: matches!(plan.kind, Kind::Gain | Kind::Meme) || plan.kind == Kind::Small && random.chance(15),
            created,
            score: 1 + random.between(1, 12) * i64::try_from(comments.len()).unwrap_or(0),
            comments,
        }
    }
}

/// The daily thread and the themes come in the first hours, so that they have time to grow.
fn created(kind: Kind, cutoff: DateTime<Utc>, random: &mut Stream) -> DateTime<Utc> {
    let minutes = match kind {
        Kind::Daily => random.between(5, 20),
        Kind::Stance | Kind::Contested | Kind::Wake => random.between(60, 14 * 60),
        _ => random.between(30, 22 * 60),
    };
    cutoff - Duration::hours(WINDOW_HOURS) + Duration::minutes(minutes) + Duration::seconds(random.between(0, 59))
}

const fn title_rule(kind: Kind, bullish: bool) -> &'static str {
    match kind {
        Kind::Daily => "title.daily",
        Kind::Stance if bullish => "title.bull",
        Kind::Stance => "title.bear",
        Kind::Contested => "title.contested",
        Kind::Wake => "title.wake",
        Kind::Gain => "title.gain",
        Kind::Meme => "title.meme",
        Kind::Question => "title.question",
        Kind::Rant => "title.rant",
        Kind::Small => "title.small",
    }
}

const fn text_rule(kind: Kind) -> &'static str {
    match kind {
        Kind::Daily => "text.daily",
        Kind::Stance | Kind::Contested | Kind::Wake => "text.stance",
        _ => "text.talk",
    }
}

const fn flair(kind: Kind) -> &'static str {
    match kind {
        Kind::Daily => "Daily Discussion (synthetic)",
        Kind::Stance => "DD (synthetic)",
        Kind::Gain => "Gain (synthetic)",
        Kind::Meme => "Meme (synthetic)",
        _ => "Discussion (synthetic)",
    }
}
