//! Text from templates: a small grammar whose slots are other rules or facts.
//!
//! The rules stand in the `text` folder: `[name]` opens a rule, each line below is one of its alternatives, `{slot}`
//! in a line is a fact ([`Facts`]) or else another rule, `-` alone is the empty alternative and `#` starts a comment
//! line. The files are part of the program, so that a slot nobody fills is a mistake of ours and found by a test.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::facts::Facts;
use super::random::Stream;

/// Everything the sample can say.
static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    Grammar::parse(&[
        include_str!("text/stances.txt"),
        include_str!("text/chatter.txt"),
        include_str!("text/posts.txt"),
    ])
});

struct Grammar {
    rules: HashMap<&'static str, Vec<&'static str>>,
}

/// A text of the rule `rule` with its slots filled; tidy, but not yet encoded as a dump encodes it.
pub(super) fn write(rule: &str, facts: &Facts<'_>, random: &mut Stream) -> String {
    let mut text = String::new();
    GRAMMAR.expand(rule, facts, random, &mut text);
    tidy(&text)
}

impl Grammar {
    fn parse(sources: &[&'static str]) -> Self {
        let mut rules: HashMap<&'static str, Vec<&'static str>> = HashMap::new();
        for source in sources {
            let mut rule = "";
            for line in source.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
                match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                    Some(name) => rule = name,
                    None => rules.entry(rule).or_default().push(if line == "-" { "" } else { line }),
                }
            }
        }
        Self { rules }
    }

    fn expand(&self, rule: &str, facts: &Facts<'_>, random: &mut Stream, text: &mut String) {
        let Some(alternatives) = self.rules.get(rule) else {
            return;
        };
        let mut rest = *random.pick(alternatives);
        while let Some((before, slot, after)) = next_slot(rest) {
            text.push_str(before);
            match facts.value(slot, random) {
                Some(value) => text.push_str(&value),
                None => self.expand(slot, facts, random, text),
            }
            rest = after;
        }
        text.push_str(rest);
    }
}

/// The text before the first slot, the slot's name, and what follows it.
fn next_slot(template: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let (before, rest) = template.split_once('{')?;
    let (slot, after) = rest.split_once('}')?;
    Some((before, slot, after))
}

/// Single spaces, and a capital at the start of every sentence.
fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut starts_sentence = true;
    for word in text.split_whitespace() {
        if !tidied.is_empty() {
            tidied.push(' ');
        }
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if starts_sentence => tidied.extend(first.to_uppercase().chain(letters)),
            _ => tidied.push_str(word),
        }
        starts_sentence = word.ends_with(['.', '!', '?']);
    }
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        market::annotation::Sentiment,
        sources::{lexicon::Lexicon, sample::instruments::Instrument},
    };

    fn facts() -> Facts<'static> {
        Facts {
            instrument: Instrument::find("TSLA"),
            price: 300_000_000,
            day: "2026-01-05".parse().unwrap(),
        }
    }

    #[test]
    fn every_slot_is_a_fact_or_a_rule() {
        for alternatives in GRAMMAR.rules.values() {
            for alternative in alternatives {
                let mut rest = *alternative;
                while let Some((_, slot, after)) = next_slot(rest) {
                    let known = facts().value(slot, &mut Stream::new(1)).is_some() || GRAMMAR.rules.contains_key(slot);
                    assert!(known, "{{{slot}}} in {alternative:?}");
                    rest = after;
                }
            }
        }
    }

    #[test]
    fn reasoned_texts_hardly_ever_repeat() {
        let mut random = Stream::new(1);
        let mut texts: Vec<_> = (0..2_000)
            .map(|_| write("bull.reasoned", &facts(), &mut random))
            .collect();
        texts.sort_unstable();
        texts.dedup();
        assert!(texts.len() > 1_990, "{}", texts.len());
    }

    #[test]
    fn the_annotator_reads_plain_stances_as_they_are_meant() {
        let (lexicon, mut random) = (Lexicon::new(), Stream::new(1));
        for (side, meant) in [("bull", Sentiment::Bullish), ("bear", Sentiment::Bearish)] {
            for rule in ["{}.reasoned", "market.{}.reasoned", "{}.shout", "{}.hype"] {
                for _ in 0..100 {
                    let text = write(&rule.replace("{}", side), &facts(), &mut random);
                    let read = lexicon.annotate_text(&text);
                    assert_eq!(read.ticker_sentiments[0].sentiment, meant, "{text}");
                }
            }
        }
    }

    #[test]
    fn sentences_start_with_a_capital_and_spaces_are_single() {
        assert_eq!(tidy(" so,  it rose.  good"), "So, it rose. Good");
        assert_eq!(tidy("🚀 $TSLA at 3.5 today"), "🚀 $TSLA at 3.5 today");
    }
}
