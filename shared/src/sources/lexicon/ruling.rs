//! Where plain statements overrule the model.
//!
//! The model weighs words, so that a swear word can outweigh "bought calls". Somebody who says which position was
//! opened has said the stance; who closes one no longer holds it; who denies a crash does not foretell it; and where
//! every cue takes one side, the other words do not make it the opposite.

use crate::market::annotation::Sentiment;

use super::cue::{Cue, Group};
use super::model::Verdict;
use super::position::is_ruined;
use super::token::{Kind, Tokens};

/// Words that open the position after them.
const OPENERS: [&str; 14] = [
    "bought", "buying", "grabbed", "grabbing", "loaded", "loading", "opened", "opening", "hold", "holding", "own",
    "added", "adding", "yoloed",
];

/// Words that end or write the position after them.
const CLOSERS: [&str; 6] = ["sold", "selling", "closed", "closing", "dumped", "exited"];

/// How far before a position its verb may stand.
const REACH: usize = 5;

/// The verdict after what is said outright.
pub(super) fn overrule(tokens: &Tokens, cues: &[Cue], verdict: Verdict) -> Verdict {
    let (mut opened, mut closed) = (0, 0);
    for cue in cues {
        if cue.negated || !matches!(cue.group, Group::Long | Group::Short) {
            continue;
        }
        match verb_before(tokens, cue.index) {
            Some(Verb::Opens) => opened += cue.leaning(),
            Some(Verb::Closes) => closed += cue.leaning(),
            None if is_ruined(tokens, cue.index) => closed += cue.leaning(),
            None => {}
        }
    }
    let side = sentiment(opened);
    if side != Sentiment::Neutral && closed == 0 {
        return if verdict.sentiment == side {
            verdict
        } else {
            Verdict {
                sentiment: side,
                ..verdict
            }
        };
    }
    let denied = |group: Group| cues.iter().any(|cue| cue.negated && cue.group == group);
    let leaning: i32 = cues.iter().map(|cue| cue.leaning()).sum();
    let baseless = match verdict.sentiment {
        Sentiment::Bearish => closed > 0 && opened == 0 || denied(Group::Bear) && leaning > 0,
        Sentiment::Bullish => closed < 0 && opened == 0 || denied(Group::Bull) && leaning < 0,
        Sentiment::Neutral => false,
    };
    if baseless {
        return Verdict {
            sentiment: Sentiment::Neutral,
            ..verdict
        };
    }
    match chorus(cues) {
        Some(side) if side.sign() * verdict.sentiment.sign() < 0.0 => Verdict {
            sentiment: side,
            ..verdict
        },
        _ => verdict,
    }
}

/// The side that every cue takes, of which there are two at least.
fn chorus(cues: &[Cue]) -> Option<Sentiment> {
    let mut sides = cues.iter().map(|cue| cue.leaning().signum()).filter(|side| *side != 0);
    let first = sides.next()?;
    let mut others = 0;
    for side in sides {
        if side != first {
            return None;
        }
        others += 1;
    }
    (others > 0).then(|| sentiment(first))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Opens,
    Closes,
}

/// The nearest verb before a position, in its clause.
fn verb_before(tokens: &Tokens, index: usize) -> Option<Verb> {
    (index.saturating_sub(REACH)..index)
        .rev()
        .take_while(|&at| !matches!(tokens.kind(at), Kind::Mark | Kind::Emoji))
        .find_map(|at| match tokens.low(at) {
            verb if OPENERS.contains(&verb) => Some(Verb::Opens),
            verb if CLOSERS.contains(&verb) => Some(Verb::Closes),
            _ => None,
        })
}

const fn sentiment(leaning: i32) -> Sentiment {
    match leaning {
        1.. => Sentiment::Bullish,
        0 => Sentiment::Neutral,
        ..=-1 => Sentiment::Bearish,
    }
}

#[cfg(test)]
mod tests {
    use super::super::cue::Cues;
    use super::{Sentiment, Tokens, Verdict, overrule};

    fn ruled(text: &str, model: Sentiment) -> Sentiment {
        let tokens = Tokens::new(text);
        let verdict = Verdict {
            sentiment: model,
            probability: 0.5,
        };
        overrule(&tokens, &Cues::new().find(&tokens), verdict).sentiment
    }

    #[test]
    fn an_opened_position_is_the_stance() {
        use Sentiment::{Bearish, Bullish, Neutral};
        assert_eq!(ruled("damn, bought AMD 90 calls", Bearish), Bullish);
        assert_eq!(ruled("great, loaded some SPY puts", Bullish), Bearish);
        assert_eq!(ruled("because of its margins I hold 27 puts for it", Bullish), Bearish);
        assert_eq!(ruled("somebody else has AMD calls", Neutral), Neutral);
        assert_eq!(ruled("bought AMD calls and bought SPY puts", Neutral), Neutral);
    }

    #[test]
    fn a_closed_position_is_no_stance_any_more() {
        use Sentiment::{Bearish, Bullish, Neutral};
        assert_eq!(ruled("closed the last puts", Bullish), Bullish);
        assert_eq!(ruled("finally sold all INTC puts", Bearish), Neutral);
        assert_eq!(ruled("INTC puts are worthless", Bearish), Neutral);
        assert_eq!(ruled("finally sold all INTC calls", Bullish), Neutral);
    }

    #[test]
    fn what_every_cue_says_is_not_turned_round() {
        use Sentiment::{Bearish, Bullish, Neutral};
        assert_eq!(ruled("dumping hard, it will keep dropping", Bullish), Bearish);
        assert_eq!(ruled("climbing, a breakout", Bearish), Bullish);
        assert_eq!(ruled("dumping hard, it will keep dropping", Neutral), Neutral);
        assert_eq!(ruled("dumping hard", Bullish), Bullish, "one cue may mislead");
        assert_eq!(
            ruled("dumping hard, it will keep dropping, then a breakout", Bullish),
            Bullish
        );
    }

    #[test]
    fn what_is_denied_is_not_foretold() {
        use Sentiment::{Bearish, Bullish, Neutral};
        assert_eq!(ruled("nobody said that AMD would crash", Bearish), Neutral);
        assert_eq!(ruled("this will crash", Bearish), Bearish);
        assert_eq!(ruled("so scared of green", Bullish), Neutral);
    }
}
