//! What the model weighs: counts of cues, the shape of the text, its words, how they start and end, pairs of words.
//!
//! One function hands every feature with its value to a visitor, so that reading, scoring and the offline fit share one
//! definition. Names starting with `#` are hand-made; the rest are words and `left right` pairs in lower case. Starts
//! and ends stand for words that the fit has not seen: "crashy" starts as "crash" does.

use std::fmt;

use super::cue::{Cue, Group};
use super::token::{Kind, Tokens};

/// Names of the cue counts, by [`Group::ALL`]: plain and negated.
const COUNTS: [(&str, &str); Group::ALL.len()] = [
    ("#bull", "#not_bull"),
    ("#bear", "#not_bear"),
    ("#long", "#not_long"),
    ("#short", "#not_short"),
    ("#joy", "#not_joy"),
    ("#gloom", "#not_gloom"),
    ("#asking", "#not_asking"),
    ("#chat", "#not_chat"),
];

/// Characters of a longer word that make its start.
const START: usize = 4;

/// Characters of a longer word that make its end.
const END: usize = 3;

/// One feature; written as it stands in `weights.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feature<'a> {
    /// A hand-made one, a word, a pair.
    Named(&'a str),
    /// How a word of more than four characters starts: `~cras`.
    Start(&'a str),
    /// How a word of more than three characters ends: `@ing`.
    End(&'a str),
}

impl fmt::Display for Feature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Start(letters) => write!(f, "~{letters}"),
            Self::End(letters) => write!(f, "@{letters}"),
        }
    }
}

impl<'a> Feature<'a> {
    /// Reads what [`Display`](fmt::Display) writes. No token that is weighed begins with either sign.
    pub fn parse(text: &'a str) -> Self {
        match (text.strip_prefix('~'), text.strip_prefix('@')) {
            (Some(letters), _) => Self::Start(letters),
            (_, Some(letters)) => Self::End(letters),
            _ => Self::Named(text),
        }
    }
}

/// Takes a feature and its value.
pub(super) type Visit<'v> = &'v mut dyn FnMut(Feature, f32);

/// Hands each feature and its value to `visit`.
pub(super) fn visit_features(tokens: &Tokens, cues: &[Cue], tickers: usize, visit: Visit) {
    visit_cues(cues, visit);
    visit_shape(tokens, tickers, visit);
    visit_words(tokens, visit);
}

fn visit_cues(cues: &[Cue], visit: Visit) {
    for (group, (plain, negated)) in Group::ALL.into_iter().zip(COUNTS) {
        let count = |turned: bool| {
            cues.iter()
                .filter(|cue| cue.group == group && cue.negated == turned)
                .count()
        };
        visit_count(plain, count(false), visit);
        visit_count(negated, count(true), visit);
    }
    let leaning: i32 = cues.iter().map(|cue| cue.leaning()).sum();
    let verdict = match leaning {
        4.. => "#leans_up_much",
        1..=3 => "#leans_up",
        -3..=-1 => "#leans_down",
        ..=-4 => "#leans_down_much",
        0 if cues.iter().any(|cue| cue.leaning() != 0) => "#leans_both_ways",
        0 => "#leans_nowhere",
    };
    visit(Feature::Named(verdict), 1.0);
}

fn visit_shape(tokens: &Tokens, tickers: usize, visit: Visit) {
    let marks = |mark: char| {
        (0..tokens.list.len())
            .filter(|&at| tokens.low(at).starts_with(mark))
            .count()
    };
    let kinds = |kind: Kind| tokens.list.iter().filter(|token| token.kind == kind).count();
    visit_count("#questions", marks('?'), visit);
    visit_count("#shouts", marks('!'), visit);
    visit_count("#emoji", kinds(Kind::Emoji), visit);
    visit_count("#numbers", kinds(Kind::Number), visit);
    visit_count("#amounts", kinds(Kind::Amount), visit);
    visit_count("#tickers", tickers, visit);
    if tokens
        .list
        .last()
        .is_some_and(|last| tokens.text[last.start..].starts_with('?'))
    {
        visit(Feature::Named("#ends_asking"), 1.0);
    }
    let length = match tokens.words() {
        0..=4 => "#words_0",
        5..=12 => "#words_5",
        13..=30 => "#words_13",
        31..=80 => "#words_31",
        _ => "#words_81",
    };
    visit(Feature::Named(length), 1.0);
}

/// Words, their parts and pairs; their values fall with the length of the text, so that long ones do not drown the cues.
fn visit_words(tokens: &Tokens, visit: Visit) {
    let value = 1.0 / to_float(tokens.words().max(4)).sqrt();
    for index in 0..tokens.list.len() {
        if tokens.kind(index) == Kind::Mark {
            continue;
        }
        let word = tokens.low(index);
        visit(Feature::Named(word), value);
        if let Some(start) = start_of(word) {
            visit(Feature::Start(start), value);
        }
        if let Some(end) = end_of(word) {
            visit(Feature::End(end), value);
        }
        if let Some(pair) = tokens.phrase(index, index + 1) {
            visit(Feature::Named(pair), value);
        }
    }
}

/// The first characters of a word that has more.
fn start_of(word: &str) -> Option<&str> {
    let (cut, _) = word.char_indices().nth(START)?;
    Some(&word[..cut])
}

/// The last characters of a word that has more.
fn end_of(word: &str) -> Option<&str> {
    let (cut, _) = word.char_indices().nth_back(END - 1)?;
    (cut > 0).then(|| &word[cut..])
}

fn visit_count(name: &str, count: usize, visit: Visit) {
    if count > 0 {
        visit(Feature::Named(name), to_float(count).ln_1p());
    }
}

/// Counts beyond 65,535 say nothing more.
fn to_float(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::cue::Cues;
    use super::{Feature, Tokens, visit_features};

    fn features(text: &str, tickers: usize) -> Vec<(String, f32)> {
        let tokens = Tokens::new(text);
        let cues = Cues::new().find(&tokens);
        let mut list = Vec::new();
        visit_features(&tokens, &cues, tickers, &mut |feature, value| {
            list.push((feature.to_string(), value));
        });
        list
    }

    fn names(text: &str) -> Vec<String> {
        features(text, 1).into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn cues_shape_and_words_are_all_seen() {
        let names = names("not bullish, $20 calls?");
        for name in [
            "#not_bull",
            "#long",
            "#leans_up",
            "#questions",
            "#ends_asking",
            "#amounts",
            "#tickers",
            "#words_0",
        ] {
            assert!(names.iter().any(|seen| seen == name), "{name} in {names:?}");
        }
        assert!(names.iter().any(|seen| seen == "not bullish"));
        assert!(!names.iter().any(|seen| seen == "bullish ,"));
    }

    #[test]
    fn a_word_weighs_less_in_a_longer_text() {
        let weight = |text: &str| {
            features(text, 0)
                .iter()
                .find(|(name, _)| name == "moon")
                .map(|(_, value)| *value)
        };
        assert!(weight("moon") > weight("a b c d e f g h i moon"));
    }

    #[test]
    fn words_are_known_by_their_parts_too() {
        let names = names("crashy caf\u{e9}s moon");
        let parts: Vec<_> = names.iter().filter(|name| name.starts_with(['~', '@'])).collect();
        assert_eq!(parts, ["~cras", "@shy", "~caf\u{e9}", "@f\u{e9}s", "@oon"]);
        for name in &names {
            assert_eq!(Feature::parse(name).to_string(), *name);
        }
        assert_eq!(Feature::parse("@shy"), Feature::End("shy"));
    }

    #[test]
    fn nothing_said_leans_nowhere() {
        assert_eq!(names("")[..], ["#leans_nowhere", "#tickers", "#words_0"]);
    }
}
