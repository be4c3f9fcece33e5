//! Words and phrases that carry a stance, a mood or a question, and the positions people say they hold.
//!
//! `cues.txt` lists the phrases by group; calls, puts, strikes, long, short and emoji are read here by rule. The
//! features count cues; the stance towards one ticker is the sum of the leanings in its clause. Invariant: cues ascend
//! by token and do not overlap.

use super::phrase::{Phrases, sections};
use super::position::position;
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

    /// The position that gains where this one loses.
    pub const fn opposite(self) -> Self {
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

/// Verbs whose negation denies all that they introduce: "never said it would crash".
const OPINIONS: [&str; 10] = [
    "say", "said", "saying", "think", "thought", "thinking", "believe", "believed", "claim", "claimed",
];

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
                    negated: is_negated(tokens, index) || group == Group::Bull && is_feared(tokens, index),
                });
            }
            index += length;
        }
        cues
    }
}

/// "scared of green".
fn is_feared(tokens: &Tokens, index: usize) -> bool {
    index >= 2 && tokens.low(index - 1) == "of" && matches!(tokens.low(index - 2), "scared" | "afraid" | "terrified")
}

/// Whether a negation stands shortly before the token, or denies the speech or thought that it is part of.
pub(super) fn is_negated(tokens: &Tokens, index: usize) -> bool {
    (1..=7)
        .map_while(|back| Some((back, index.checked_sub(back)?)))
        .take_while(|&(_, at)| matches!(tokens.kind(at), Kind::Word | Kind::Cashtag) && tokens.low(at) != "but")
        .any(|(back, at)| NEGATIONS.contains(&tokens.low(at)) && (back <= 3 || OPINIONS.contains(&tokens.low(at + 1))))
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
    fn a_negation_turns_a_cue_unless_it_belongs_to_it() {
        assert!(leaning("this is not bullish") < 0);
        assert!(leaning("dont sell") > 0);
        assert!(leaning("no, bullish") > 0);
        assert!(leaning("not sure but bullish") > 0);
        assert!(leaning("never said that the stock would crash") > 0);
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
