//! Words and phrases that carry a stance, a mood or a question, and the positions people say they hold.
//!
//! `cues.txt` lists the phrases by group; calls, puts, strikes, long, short and emoji are read here by rule. The
//! features count cues; the stance towards one ticker is the sum of the leanings in its clause. Invariant: cues ascend
//! by token and do not overlap.

use super::contract::{Right, right_of_strike, split_contract};
use super::phrase::{Phrases, sections};
use super::token::{Kind, Tokens};

/// What a cue says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Group {
    /// Prices rise.
    Bull,
    /// Prices fall.
    Bear,
    /// A position that gains when prices rise.
    Long,
    /// A position that gains when prices fall.
    Short,
    /// Good mood.
    Joy,
    /// Bad mood.
    Gloom,
    /// A question or a request.
    Asking,
    /// Talk beside the market.
    Chat,
}

impl Group {
    /// All groups, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Bull,
        Self::Bear,
        Self::Long,
        Self::Short,
        Self::Joy,
        Self::Gloom,
        Self::Asking,
        Self::Chat,
    ];

    const fn opposite(self) -> Self {
        match self {
            Self::Long => Self::Short,
            Self::Short => Self::Long,
            other => other,
        }
    }
}

/// One cue in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cue {
    /// What it says.
    pub group: Group,
    /// Its first token.
    pub index: usize,
    /// A negation stands before it.
    pub negated: bool,
}

impl Cue {
    /// `+1` towards rising prices, `-1` towards falling ones, `0` neither; positions weigh three times.
    pub fn leaning(self) -> i32 {
        let leaning = match self.group {
            Group::Bull => 1,
            Group::Bear => -1,
            Group::Long => 3,
            Group::Short => -3,
            _ => 0,
        };
        if self.negated { -leaning } else { leaning }
    }
}

/// The table of cues.
#[derive(Debug)]
pub(super) struct Cues(Phrases<Group>);

const NEGATIONS: [&str; 24] = [
    "not", "no", "never", "dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent", "wont", "cant", "cannot",
    "couldnt", "wouldnt", "shouldnt", "aint", "without", "neither", "nor", "nobody", "hardly", "havent", "hasnt",
];

const SELLERS: [&str; 9] = [
    "sell", "sold", "selling", "short", "shorting", "shorted", "write", "writing", "wrote",
];

/// After these "call" and "put" are no options.
const NO_OPTION: [&str; 10] = [
    "he",
    "she",
    "who",
    "it",
    "to",
    "ill",
    "margin",
    "phone",
    "conference",
    "earnings",
];

/// Before these "call" and "put" are verbs.
const VERB_OBJECTS: [&str; 13] = [
    "me", "him", "her", "it", "them", "us", "you", "out", "my", "the", "up", "this", "that",
];

/// Rocket, moons, diamond, raised hands, rising chart, ox, gorilla, money face, fire, muscle, green circle, tendies.
const RISING: &str = "\u{1F680}\u{1F315}\u{1F311}\u{1F31D}\u{1F319}\u{1F31A}\u{1F48E}\u{1F64C}\u{1F4C8}\u{1F402}\
    \u{1F98D}\u{1F911}\u{1F525}\u{1F4AA}\u{1F7E2}\u{1F357}";

/// Falling chart, bear, rainbow, blood, red circle, skull, coffin, dung, tears, money with wings, headstone, clown, paper.
const FALLING: &str = "\u{1F4C9}\u{1F43B}\u{1F308}\u{1FA78}\u{1F534}\u{1F480}\u{26B0}\u{1F4A9}\u{1F62D}\u{1F4B8}\
    \u{1FAA6}\u{1F921}\u{1F9FB}";

impl Cues {
    /// Reads the data file.
    pub fn new() -> Self {
        let group = |section| match section {
            "[bull]" => Group::Bull,
            "[bear]" => Group::Bear,
            "[joy]" => Group::Joy,
            "[gloom]" => Group::Gloom,
            "[asking]" => Group::Asking,
            _ => Group::Chat,
        };
        Self(Phrases::new(
            sections(include_str!("cues.txt")).map(|(section, phrase)| (phrase, group(section))),
        ))
    }

    /// All cues of a text.
    pub fn find(&self, tokens: &Tokens) -> Vec<Cue> {
        let mut cues = Vec::new();
        let mut index = 0;
        while index < tokens.list.len() {
            let (found, length) = match self.0.find(tokens, index) {
                Some((group, words)) if words > 1 => (Some(group), words),
                single => (position(tokens, index).or(single.map(|(group, _)| group)), 1),
            };
            if let Some(group) = found {
                cues.push(Cue {
                    group,
                    index,
                    negated: is_negated(tokens, index),
                });
            }
            index += length;
        }
        cues
    }
}

/// The group of a token that is, by rule, a position or an emoji.
fn position(tokens: &Tokens, index: usize) -> Option<Group> {
    let low = tokens.low(index);
    let group = match tokens.kind(index) {
        Kind::Emoji if RISING.contains(low) => return Some(Group::Bull),
        Kind::Emoji if FALLING.contains(low) => return Some(Group::Bear),
        Kind::Number | Kind::Amount => held(right_of_strike(low)?),
        Kind::Word => match low {
            "calls" | "call" if is_option(tokens, index) => Group::Long,
            "puts" | "put" if is_option(tokens, index) => Group::Short,
            "long" if takes_a_side(tokens, index) => return Some(Group::Long),
            "short" if takes_a_side(tokens, index) => return Some(Group::Short),
            _ => held(split_contract(low)?.1),
        },
        _ => return None,
    };
    let sold = (1..=3)
        .filter_map(|back| index.checked_sub(back))
        .any(|at| SELLERS.contains(&tokens.low(at)));
    Some(if sold { group.opposite() } else { group })
}

const fn held(right: Right) -> Group {
    match right {
        Right::Call => Group::Long,
        Right::Put => Group::Short,
    }
}

/// Whether "calls" is the noun: not "he calls it", "margin call", "put it there".
fn is_option(tokens: &Tokens, index: usize) -> bool {
    let (before, after) = (tokens.low(index.wrapping_sub(1)), tokens.low(index + 1));
    let plural = tokens.low(index).ends_with('s');
    let verb = VERB_OBJECTS.contains(&after);
    let other = NO_OPTION.contains(&before);
    let priced = matches!(tokens.kind(index.wrapping_sub(1)), Kind::Number | Kind::Amount);
    !verb && !other && (plural || priced || matches!(after, "option" | "options") || matches!(before, "a" | "one"))
}

/// Whether "long" or "short" names a side: "long AMD", "going short", "im long".
fn takes_a_side(tokens: &Tokens, index: usize) -> bool {
    let (before, after) = (tokens.low(index.wrapping_sub(1)), index + 1);
    let symbol = matches!(tokens.kind(after), Kind::Word | Kind::Cashtag)
        && (tokens.kind(after) == Kind::Cashtag || tokens.raw(after).len() <= 5 && is_upper(tokens.raw(after)));
    symbol
        || matches!(before, "going" | "go" | "went" | "im" | "net" | "stay" | "staying") && tokens.low(after) != "term"
}

fn is_upper(word: &str) -> bool {
    word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_negated(tokens: &Tokens, index: usize) -> bool {
    (1..=3)
        .map_while(|back| index.checked_sub(back))
        .take_while(|&at| tokens.kind(at) == Kind::Word)
        .any(|at| NEGATIONS.contains(&tokens.low(at)))
}

#[cfg(test)]
mod tests {
    use super::{Cues, Group, Tokens};

    fn leaning(text: &str) -> i32 {
        Cues::new()
            .find(&Tokens::new(text))
            .iter()
            .map(|cue| cue.leaning())
            .sum()
    }

    #[test]
    fn options_carry_a_stance_and_selling_turns_it() {
        assert_eq!(leaning("loaded on AMD calls").signum(), 1);
        assert_eq!(leaning("SPY puts for friday"), -3);
        assert_eq!(leaning("TSLA 800c"), 3);
        assert_eq!(leaning("SPY 300p"), -3);
        assert_eq!(leaning("SPY300p and 302puts"), -6);
        assert!(leaning("wrote puts on F") > 0);
        assert!(leaning("sold calls yesterday").signum() < 0);
    }

    #[test]
    fn calls_and_puts_as_verbs_carry_none() {
        assert_eq!(leaning("he calls me and puts it there, I will call you"), 0);
    }

    #[test]
    fn sides_are_told_from_lengths_of_time() {
        assert_eq!(leaning("long AMD"), 3);
        assert_eq!(leaning("going short $INTC"), -1);
        assert_eq!(leaning("a long week"), 0);
    }

    #[test]
    fn a_negation_turns_a_cue_unless_it_belongs_to_it() {
        assert!(leaning("this is not bullish") < 0);
        assert!(leaning("dont sell") > 0);
        assert!(leaning("no, bullish") > 0);
    }

    #[test]
    fn emoji_carry_a_stance() {
        assert_eq!(leaning("\u{1F680}\u{1F680}"), 2);
        assert_eq!(leaning("\u{1F4C9}"), -1);
    }

    #[test]
    fn every_group_of_the_file_is_read() {
        let cues = Cues::new().find(&Tokens::new("bullish bearish good bad anyone dude"));
        let groups: Vec<_> = cues.iter().map(|cue| cue.group).collect();
        assert_eq!(
            groups,
            [
                Group::Bull,
                Group::Bear,
                Group::Joy,
                Group::Gloom,
                Group::Asking,
                Group::Chat
            ]
        );
    }
}
