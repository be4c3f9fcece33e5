//! The stance towards each ticker of a comment.
//!
//! Where a comment speaks differently of two tickers ("long AMD, puts on INTC"), each takes the side of the clauses it
//! stands in; otherwise all take the stance of the comment. Invariant: one entry per ticker, in order of first mention.

use std::collections::HashMap;

use crate::market::annotation::{Sentiment, TickerSentiment};

use super::cue::{Cue, Group};
use super::ticker::Mention;
use super::token::{Kind, Tokens};

/// Words that open a clause.
const JOINTS: [&str; 9] = [
    "but", "while", "whereas", "although", "though", "and", "vs", "versus", "then",
];

/// One entry per ticker.
pub(super) fn ticker_sentiments(
    tokens: &Tokens,
    cues: &[Cue],
    mentions: &[Mention],
    overall: Sentiment,
) -> Vec<TickerSentiment> {
    let mut stances: Vec<(&str, i64)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let leanings = if mentions.len() > 1 {
        clause_leanings(tokens, cues)
    } else {
        Vec::new()
    };
    for mention in mentions {
        let leaning = leanings.get(mention.index).copied().map_or(0, i64::from);
        let place = *places.entry(&mention.symbol).or_insert(stances.len());
        match stances.get_mut(place) {
            Some((_, sum)) => *sum += leaning,
            None => stances.push((&mention.symbol, leaning)),
        }
    }
    let differ = stances.iter().any(|(_, sum)| *sum > 0) && stances.iter().any(|(_, sum)| *sum < 0);
    let entry = |(symbol, sum): (&str, i64)| TickerSentiment {
        ticker: symbol.to_owned(),
        sentiment: match sum {
            1.. if differ => Sentiment::Bullish,
            ..=-1 if differ => Sentiment::Bearish,
            _ => overall,
        },
    };
    stances.into_iter().map(entry).collect()
}

/// For each token the leaning of its clause. A clause without cues shares the one before it in its part of a sentence,
/// or else the one after it ("AMC and NOK are crashing").
fn clause_leanings(tokens: &Tokens, cues: &[Cue]) -> Vec<i32> {
    let mut leanings = vec![0; tokens.list.len()];
    let (mut part, mut start, mut carried) = (0, 0, 0);
    let (all, mut cues) = (cues, cues.iter().peekable());
    for end in 1..=tokens.list.len() {
        if end < tokens.list.len() && !opens_clause(tokens, end) && !takes_a_side(tokens, all, end) {
            continue;
        }
        if turns(tokens, start) {
            (part, carried) = (start, 0);
        }
        let (mut leaning, mut mood) = (0, 0);
        while let Some(cue) = cues.next_if(|cue| cue.index < end) {
            leaning += cue.leaning();
            mood += i32::from(cue.group == Group::Joy && !cue.negated);
        }
        if leaning == 0 && carried == 0 {
            leaning = mood;
        }
        if leaning != 0 {
            if carried == 0 {
                leanings[part..start].fill(leaning);
            }
            carried = leaning;
        }
        leanings[start..end].fill(carried);
        start = end;
    }
    leanings
}

/// "short AMD long MU": a side that is taken opens a clause without a mark.
fn takes_a_side(tokens: &Tokens, cues: &[Cue], index: usize) -> bool {
    matches!(tokens.low(index), "long" | "short")
        && cues
            .binary_search_by_key(&index, |cue| cue.index)
            .is_ok_and(|at| matches!(cues[at].group, Group::Long | Group::Short))
}

/// Whether what was said before does not reach beyond this token.
fn turns(tokens: &Tokens, index: usize) -> bool {
    tokens.ends_sentence(index)
        || matches!(
            tokens.low(index),
            ";" | "but" | "while" | "whereas" | "although" | "though"
        )
}

fn opens_clause(tokens: &Tokens, index: usize) -> bool {
    match tokens.kind(index) {
        Kind::Mark => tokens
            .low(index)
            .starts_with(['.', ',', ';', '!', '?', '\n', ':', '(', ')', '-', '\u{2014}']),
        Kind::Word => JOINTS.contains(&tokens.low(index)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::cue::Cues;
    use super::super::symbols::Symbols;
    use super::super::ticker::find_mentions;
    use super::{Sentiment, Tokens, ticker_sentiments};

    fn stances(text: &str, overall: Sentiment) -> Vec<(String, Sentiment)> {
        let tokens = Tokens::new(text);
        let (cues, mentions) = (Cues::new().find(&tokens), find_mentions(&Symbols::new(), &tokens));
        let entries = ticker_sentiments(&tokens, &cues, &mentions, overall);
        entries
            .into_iter()
            .map(|entry| (entry.ticker, entry.sentiment))
            .collect()
    }

    fn pairs<const N: usize>(list: [(&str, Sentiment); N]) -> Vec<(String, Sentiment)> {
        list.into_iter()
            .map(|(symbol, sentiment)| (symbol.to_owned(), sentiment))
            .collect()
    }

    #[test]
    fn two_tickers_spoken_of_differently_take_the_side_of_their_clause() {
        use Sentiment::{Bearish, Bullish, Neutral};
        assert_eq!(
            stances("long AMD, puts on INTC", Neutral),
            pairs([("AMD", Bullish), ("INTC", Bearish)])
        );
        assert_eq!(
            stances("GME to the moon but AMC and NOK are crashing. PLTR too", Bullish),
            pairs([("GME", Bullish), ("AMC", Bearish), ("NOK", Bearish), ("PLTR", Bullish)])
        );
    }

    #[test]
    fn sides_without_a_mark_and_praise_in_another_sentence_are_told_apart() {
        use Sentiment::{Bearish, Bullish};
        assert_eq!(
            stances("short INTC long AMD", Bullish),
            pairs([("INTC", Bearish), ("AMD", Bullish)])
        );
        for glue in ["...", ";", ", but", "."] {
            assert_eq!(
                stances(&format!("not bullish on INTC{glue} AMD is the best"), Bearish),
                pairs([("INTC", Bearish), ("AMD", Bullish)])
            );
        }
    }

    #[test]
    fn tickers_of_one_mind_take_the_stance_of_the_comment() {
        use Sentiment::{Bearish, Neutral};
        assert_eq!(
            stances("long AMD and NVDA", Neutral),
            pairs([("AMD", Neutral), ("NVDA", Neutral)])
        );
        assert_eq!(stances("TSLA calls", Bearish), pairs([("TSLA", Bearish)]));
    }

    #[test]
    fn repeats_are_one_entry_in_order_of_first_mention() {
        use Sentiment::Bullish;
        assert_eq!(
            stances("SPY then GME then $SPY", Bullish),
            pairs([("SPY", Bullish), ("GME", Bullish)])
        );
    }
}
