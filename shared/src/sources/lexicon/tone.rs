//! Whether a comment means what it says, whether it argues, and how sure the reader may be.
//!
//! Sarcasm is taken from its usual markers only. A comment argues when it gives grounds: words of valuation or the
//! chart, a catalyst, or "because" with something to stand on. Confidence follows the scale every annotator shares:
//! base 0.5, more for a clear statement, grounds and a trusted author, less for sarcasm, memes and contradiction.

use super::cue::{Cue, Group, is_negated};
use super::phrase::{Phrases, sections};
use super::token::{Kind, Tokens};

/// Longest summary, in characters.
const SUMMARY_LENGTH: usize = 160;

/// Most a sarcastic comment can be sure of.
const SARCASM_CAP: f64 = 0.4;

/// Fewer words beside the terms make a list, not an argument.
const LEAST_PLAIN: usize = 4;

/// The tables of markers.
#[derive(Debug)]
pub(super) struct Tones(Phrases<Marker>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Sarcasm,
    Term,
    Link,
    Hunch,
    Meme,
}

/// The tone of one comment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tone {
    /// A marker of sarcasm stands in it.
    pub sarcastic: bool,
    /// Memes and nothing to back them.
    pub meme_only: bool,
    /// The first sentence that argues, if the comment argues.
    pub argument: Option<String>,
}

impl Tones {
    /// Reads the data file.
    pub fn new() -> Self {
        let marker = |section| match section {
            "[sarcasm]" => Marker::Sarcasm,
            "[terms]" => Marker::Term,
            "[links]" => Marker::Link,
            "[hunches]" => Marker::Hunch,
            _ => Marker::Meme,
        };
        Self(Phrases::new(
            sections(include_str!("tones.txt")).map(|(section, phrase)| (phrase, marker(section))),
        ))
    }

    /// Reads the tone of a comment that mentions so many tickers.
    pub fn read(&self, tokens: &Tokens, cues: &[Cue], mentions: usize) -> Tone {
        let mut tone = Tone {
            sarcastic: ends_in_sarcasm(tokens),
            ..Tone::default()
        };
        let (mut terms, mut links, mut meme) = (Vec::new(), 0, false);
        let (mut plain, mut hunch) = (0, false);
        let (mut first_ground, mut asked_until) = (None, 0);
        let mut index = 0;
        while index < tokens.list.len() {
            let ratio = is_price_to_earnings(tokens, index).then_some((Marker::Term, 1));
            let found = ratio.or_else(|| self.0.find(tokens, index));
            let (marker, length) = match found {
                Some((Marker::Term, words)) if is_denied(tokens, index) => (None, words),
                Some((marker, words)) => (Some(marker), words),
                None => (None, 1),
            };
            plain += usize::from(marker.is_none() && is_plain_word(tokens, index));
            hunch |= marker == Some(Marker::Hunch);
            match marker {
                Some(Marker::Sarcasm) => tone.sarcastic = true,
                Some(Marker::Meme) => meme = true,
                Some(Marker::Term) if !terms.contains(&tokens.low(index)) => terms.push(tokens.low(index)),
                Some(Marker::Link) => links += 1,
                _ => meme |= tokens.raw(index).starts_with('\u{1F680}'),
            }
            if first_ground.is_none() && index >= asked_until && matches!(marker, Some(Marker::Term | Marker::Link)) {
                let (_, end) = bounds(tokens, index);
                if tokens.low(end).starts_with('?') {
                    asked_until = end;
                } else {
                    first_ground = Some(index);
                }
            }
            index += length;
        }
        let about_market = mentions > 0 || cues.iter().any(|cue| cue.leaning() != 0);
        let argues = plain >= LEAST_PLAIN && !(hunch && links == 0) && argues(tokens, terms.len(), links, about_market);
        tone.argument = first_ground
            .filter(|_| argues)
            .map(|index| summary(sentence(tokens, index)));
        let holds = cues.iter().any(|cue| matches!(cue.group, Group::Long | Group::Short));
        tone.meme_only = meme && !holds && tone.argument.is_none();
        tone
    }
}

impl Tone {
    /// Confidence before what only the context knows (trust, parent).
    pub fn confidence(&self, clear: bool) -> f64 {
        let mut confidence = 0.5;
        confidence += if clear { 0.2 } else { 0.0 };
        confidence += if self.argument.is_some() { 0.2 } else { 0.0 };
        confidence -= if self.sarcastic { 0.2 } else { 0.0 };
        confidence -= if self.meme_only { 0.2 } else { 0.0 };
        self.cap(confidence)
    }

    /// Bounds a confidence by what the tone allows; exact to two digits.
    pub fn cap(&self, confidence: f64) -> f64 {
        let most = if self.sarcastic { SARCASM_CAP } else { 1.0 };
        (confidence.clamp(0.0, most) * 100.0).round() / 100.0
    }
}

/// Enough grounds for the length of the text, and something of the market that they are about.
fn argues(tokens: &Tokens, terms: usize, links: usize, about_market: bool) -> bool {
    let figures = |kind: Kind| matches!(kind, Kind::Number | Kind::Amount);
    let numbers = tokens.list.iter().filter(|token| figures(token.kind)).count();
    let words = tokens.words();
    let tied = links >= 1 && terms + numbers >= 1;
    let measured = words >= 12 && terms >= 1 && terms + numbers >= 2;
    about_market && words >= 8 && (terms >= 3 || tied || measured)
}

/// "without DD", "dont need due diligence".
fn is_denied(tokens: &Tokens, index: usize) -> bool {
    matches!(tokens.low(index), "dd" | "due") && is_negated(tokens, index)
}

/// Words that are no symbol or abbreviation.
fn is_plain_word(tokens: &Tokens, index: usize) -> bool {
    let raw = tokens.raw(index);
    tokens.kind(index) == Kind::Word && (raw.len() > 4 || raw.bytes().any(|byte| byte.is_ascii_lowercase()))
}

/// "P/E", which is three tokens.
fn is_price_to_earnings(tokens: &Tokens, index: usize) -> bool {
    tokens.low(index) == "p" && tokens.low(index + 1) == "/" && tokens.low(index + 2) == "e"
}

/// A lone `/s` or `/sarcasm`.
fn ends_in_sarcasm(tokens: &Tokens) -> bool {
    (0..tokens.list.len()).any(|index| {
        tokens.low(index) == "/"
            && matches!(tokens.low(index + 1), "s" | "sarcasm")
            && tokens.list[index + 1].start == tokens.list[index].end
            && (index == 0 || tokens.list[index - 1].end < tokens.list[index].start || tokens.ends_sentence(index - 1))
    })
}

/// Byte range of the sentence around a token.
fn bounds(tokens: &Tokens, index: usize) -> (usize, usize) {
    let start = (0..index)
        .rev()
        .find(|&at| tokens.ends_sentence(at))
        .map_or(0, |at| at + 1);
    let end = (index..tokens.list.len())
        .find(|&at| tokens.ends_sentence(at))
        .unwrap_or(tokens.list.len() - 1);
    (start, end)
}

fn sentence<'a>(tokens: &Tokens<'a>, index: usize) -> &'a str {
    let (start, end) = bounds(tokens, index);
    tokens.text[tokens.list[start].start..tokens.list[end].end].trim()
}

/// One line of at most [`SUMMARY_LENGTH`] characters, cut between words where it can be.
fn summary(sentence: &str) -> String {
    let Some((cut, _)) = sentence.char_indices().nth(SUMMARY_LENGTH) else {
        return sentence.to_owned();
    };
    let room = sentence
        .char_indices()
        .nth(SUMMARY_LENGTH - 1)
        .map_or(cut, |(at, _)| at);
    let head = &sentence[..room];
    let head = head.rfind(' ').map_or(head, |space| &head[..space]);
    format!("{head}\u{2026}")
}

#[cfg(test)]
mod tests {
    use super::super::cue::Cues;
    use super::{Tokens, Tone, Tones, summary};

    fn tone(text: &str) -> Tone {
        let tokens = Tokens::new(text);
        Tones::new().read(&tokens, &Cues::new().find(&tokens), 0)
    }

    #[test]
    fn markers_of_sarcasm_are_seen() {
        for text in [
            "great plan /s",
            "all in. /s",
            "what could go wrong",
            "this cant go tits up",
            "Stonks only go up",
        ] {
            assert!(tone(text).sarcastic, "{text}");
        }
        for text in ["km/s is a speed", "s/he", "they may go tits up", ""] {
            assert!(!tone(text).sarcastic, "{text}");
        }
    }

    #[test]
    fn an_argument_is_told_from_cheering() {
        let argued = tone("I like it. Revenue grew 40% because deliveries beat the guidance of last year. Moon!");
        let ground = "Revenue grew 40% because deliveries beat the guidance of last year.";
        assert_eq!(argued.argument.as_deref(), Some(ground));
        assert_eq!(tone("to the moon because we like it").argument, None);
        assert!(
            tone("cheap with a P/E of 7, a strong quarter and good growth ahead")
                .argument
                .is_some()
        );
        assert_eq!(
            tone("I moved house because of 3 loud neighbours upstairs").argument,
            None
        );
        assert_eq!(
            tone("what is the revenue and the valuation of this company in Q3 2021 guys?").argument,
            None
        );
    }

    #[test]
    fn diligence_that_nobody_did_a_hunch_and_a_list_are_no_argument() {
        for text in [
            "went in without DD because everyone at work keeps telling me about it",
            "I dont need due diligence, 40 people at my office have told me about this already",
            "Just feel it, revenue will be 20% more than what they all say out there",
            "DD: EV PE EPS IV RSI MACD GME AMD CPI FOMC QE",
        ] {
            let tokens = Tokens::new(text);
            assert_eq!(
                Tones::new().read(&tokens, &Cues::new().find(&tokens), 1).argument,
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn memes_without_a_position_are_only_memes() {
        assert!(tone("to the moon apes \u{1F680}").meme_only);
        assert!(tone("\u{1F680}\u{1F680}").meme_only);
        assert!(!tone("calls, to the moon").meme_only);
        assert!(!tone("I bought some").meme_only);
    }

    #[test]
    fn confidence_follows_the_scale() {
        let plain = Tone::default();
        let argued = Tone {
            argument: Some(String::new()),
            ..Tone::default()
        };
        let sarcastic = Tone {
            sarcastic: true,
            ..argued.clone()
        };
        let meme = Tone {
            meme_only: true,
            ..Tone::default()
        };
        let near = |left: f64, right: f64| assert!((left - right).abs() < 1e-9, "{left} {right}");
        near(plain.confidence(false), 0.5);
        near(plain.confidence(true), 0.7);
        near(argued.confidence(true), 0.9);
        near(sarcastic.confidence(true), 0.4);
        near(meme.confidence(false), 0.3);
        near(argued.cap(1.1), 1.0);
    }

    #[test]
    fn a_summary_is_cut_between_words_and_characters() {
        let long = "\u{e9}arnings ".repeat(40);
        let cut = summary(&long);
        assert!(cut.chars().count() <= 160);
        assert!(cut.ends_with("\u{e9}arnings\u{2026}"));
        assert!(summary(&"\u{e9}".repeat(500)).chars().count() <= 160);
        assert_eq!(summary("short"), "short");
    }
}
