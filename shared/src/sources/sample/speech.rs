//! Who says what: picks an author for a comment and lets their character choose the words.
//!
//! On a ticker, people speak where they agree: whoever is picked and holds the crowd's opinion does, whoever holds the
//! other one mostly leaves it to somebody else. That gives a thread its alignment and leaves every author as right
//! or wrong as the character is, because nobody ever says what they do not believe.

use chrono::NaiveDate;

use super::agenda::{Agenda, Kind, Mood, Topic};
use super::authors::{Author, Authors, Character};
use super::facts::Facts;
use super::grammar;
use super::instruments::Role;
use super::random::Stream;

/// How many people may decline before somebody chats instead.
const PATIENCE: usize = 12;
/// Texts that spammers have.
const SPAM: u64 = 4;

/// Everything that what is said depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speakers<'a> {
    /// The people.
    pub(super) authors: &'a Authors,
    /// The agenda of the day.
    pub(super) agenda: &'a Agenda,
    /// The trading day.
    pub(super) day: NaiveDate,
    /// Its number.
    pub(super) number: u64,
}

/// A stance on a ticker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Claim {
    /// The ticker.
    pub(super) symbol: &'static str,
    /// Up or down.
    pub(super) bullish: bool,
    /// Whether the market will agree.
    pub(super) right: bool,
}

/// Something said.
#[derive(Debug, Clone)]
pub(super) struct Remark<'a> {
    /// By whom.
    pub(super) author: &'a Author,
    /// The words.
    pub(super) text: String,
    /// The stance, if there is one.
    pub(super) claim: Option<Claim>,
}

impl<'a> Speakers<'a> {
    /// A comment in a post of this kind, about `topic` if the post has one.
    pub(super) fn comment(&self, kind: Kind, topic: Option<usize>, reply: bool, random: &mut Stream) -> Remark<'a> {
        let (on_topic, elsewhere, general) = match kind {
            Kind::Stance | Kind::Contested | Kind::Wake => (79, 83, 86),
            Kind::Daily => (0, 58, 64),
            _ => (0, 12, 30),
        };
        let roll = random.below(100);
        match topic.map(|index| &self.agenda.topics[index]) {
            Some(topic) if roll < on_topic => self.on(topic, reply, random),
            _ if roll < elsewhere => self.on(self.usual_topic(random), reply, random),
            _ if roll < general => self.plain("general", random),
            _ if reply && random.chance(60) => self.plain("reply", random),
            _ => self.plain("chatter", random),
        }
    }

    /// Any ticker but a woken one, which is discussed in its own thread only.
    fn usual_topic(&self, random: &mut Stream) -> &'a Topic {
        let woken = self.agenda.posts.iter().any(|post| post.kind == Kind::Wake);
        &self.agenda.topics[random.index(self.agenda.topics.len() - usize::from(woken))]
    }

    fn on(&self, topic: &Topic, reply: bool, random: &mut Stream) -> Remark<'a> {
        for _ in 0..PATIENCE {
            let author = self.authors.pick(random);
            match author.character {
                Character::Spammer => return self.spam(author, random),
                Character::Asker if random.chance(85) => {
                    return Remark {
                        author,
                        text: grammar::write("question", &self.facts(topic), random),
                        claim: None,
                    };
                }
                _ => {}
            }
            let bullish = self
                .authors
                .opinion(author, topic.instrument.symbol, self.number, topic.rises);
            if bullish == topic.bullish || random.chance(topic.mood.dissent()) {
                return self.stance(author, topic, bullish, reply, random);
            }
        }
        self.plain("chatter", random)
    }

    fn stance(&self, author: &'a Author, topic: &Topic, bullish: bool, reply: bool, random: &mut Stream) -> Remark<'a> {
        let agrees = bullish == topic.bullish;
        let voice = voice(author.character, agrees || topic.mood != Mood::Crowd, random);
        let side = if bullish { "bull" } else { "bear" };
        let company = !matches!(topic.instrument.role, Role::Fund | Role::Crypto);
        let arguments = if company || voice != "reasoned" { "" } else { "market." };
        let facts = self.facts(topic);
        let mut text = grammar::write(&format!("{arguments}{side}.{voice}"), &facts, random);
        if reply && voice == "reasoned" {
            let opener = if agrees { "reply.opener" } else { "reply.counter" };
            let opening = grammar::write(opener, &facts, random);
            if !opening.is_empty() {
                text = [opening, text].join(" ");
            }
        }
        let claim = Claim {
            symbol: topic.instrument.symbol,
            bullish,
            right: bullish == topic.rises,
        };
        Remark {
            author,
            text,
            claim: Some(claim),
        }
    }

    /// Words without a ticker.
    fn plain(&self, rule: &str, random: &mut Stream) -> Remark<'a> {
        let author = self.authors.pick(random);
        if author.character == Character::Spammer {
            return self.spam(author, random);
        }
        Remark {
            author,
            text: grammar::write(rule, &self.no_facts(), random),
            claim: None,
        }
    }

    fn spam(&self, author: &'a Author, random: &mut Stream) -> Remark<'a> {
        let rule = format!("spam.{}", author.number / 67 % SPAM);
        Remark {
            author,
            text: grammar::write(&rule, &self.no_facts(), random),
            claim: None,
        }
    }

    /// The facts around a ticker.
    pub(super) const fn facts(&self, topic: &Topic) -> Facts<'static> {
        Facts {
            instrument: Some(topic.instrument),
            price: topic.price,
            day: self.day,
        }
    }

    /// The facts of a text without a ticker.
    pub(super) const fn no_facts(&self) -> Facts<'static> {
        Facts {
            instrument: None,
            price: 0,
            day: self.day,
        }
    }
}

/// How a character puts a stance, as the last part of a rule's name.
fn voice(character: Character, may_argue: bool, random: &mut Stream) -> &'static str {
    let (reasoned, shout, sarcasm) = match character {
        Character::Sharp => (85, 100, 100),
        Character::Wrong => (60, 85, 85),
        Character::Hyped => (0, 30, 30),
        Character::Sarcastic => (5, 30, 100),
        _ => (30, 88, 88),
    };
    match random.below(100) {
        roll if roll < reasoned && may_argue => "reasoned",
        roll if roll < shout => "shout",
        roll if roll < sarcasm => "sarcasm",
        _ => "hype",
    }
}
