//! Symbols behind a dollar sign, those of other exchanges, and walls of them.
//!
//! A cashtag is taken at its word unless it is a word of everyday in lower case. Called by the ticker finder only.

use std::collections::HashSet;

use super::context::{has_strike, is_capitals, is_held};
use super::symbols::{Reading, Symbols};
use super::ticker::{Mention, singular};
use super::token::{Kind, Tokens};

/// Endings of symbols listed abroad: Canada, London, Frankfurt, Sydney, Hong Kong, Paris and the like.
const FOREIGN_ENDINGS: [&str; 14] = [
    "V", "TO", "CN", "NE", "L", "DE", "F", "AX", "HK", "PA", "SW", "ST", "OL", "MI",
];

/// A comment with more distinct unlisted cashtags than this is spam.
const MOST_UNLISTED: usize = 20;

/// `$TSLA`, `$tsla` if listed, nothing for `$ROPE`; `$fun` only as in "$fun calls".
pub(super) fn symbol(symbols: &Symbols, tokens: &Tokens, index: usize) -> Option<String> {
    let raw = singular(tokens.raw(index));
    let symbol = raw.to_ascii_uppercase();
    if symbols.reading(&symbol) == Reading::Never {
        return None;
    }
    let capitals = is_capitals(raw) && (2..=6).contains(&raw.len());
    let word = || symbols.is_word(&symbol) && !has_strike(tokens, index) && !is_held(tokens, index);
    (capitals || symbols.is_listed(&symbol) && !word()).then_some(symbol)
}

/// `GRN.V`: another exchange, and often another company, than the symbol alone.
pub(super) fn is_listed_abroad(tokens: &Tokens, index: usize) -> bool {
    let joined = |at: usize| {
        tokens
            .list
            .get(at + 1)
            .is_some_and(|next| next.start == tokens.list[at].end)
    };
    tokens.low(index + 1) == "."
        && joined(index)
        && joined(index + 1)
        && is_capitals(tokens.raw(index))
        && FOREIGN_ENDINGS.contains(&tokens.raw(index + 2))
        && tokens.low(index + 3) != "the"
}

/// Of a wall of cashtags only the listed ones stay.
pub(super) fn drop_spam(symbols: &Symbols, tokens: &Tokens, mentions: &mut Vec<Mention>) {
    let unlisted =
        |mention: &&Mention| tokens.kind(mention.index) == Kind::Cashtag && !symbols.is_listed(&mention.symbol);
    let distinct: HashSet<_> = mentions
        .iter()
        .filter(unlisted)
        .map(|mention| &mention.symbol)
        .collect();
    if distinct.len() > MOST_UNLISTED {
        mentions.retain(|mention| symbols.is_listed(&mention.symbol));
    }
}

#[cfg(test)]
mod tests {
    use super::super::ticker::find_mentions;
    use super::{Symbols, Tokens};

    fn tickers(body: &str) -> Vec<String> {
        find_mentions(&Symbols::new(), &Tokens::new(body))
            .into_iter()
            .map(|mention| mention.symbol)
            .collect()
    }

    #[test]
    fn a_word_of_everyday_behind_a_dollar_sign_is_no_ticker() {
        assert!(tickers("lots of $fun for some $cash, $love it").is_empty());
        assert_eq!(tickers("$CASH, $wish, $f and $fun calls"), ["CASH", "WISH", "F", "FUN"]);
    }

    #[test]
    fn an_index_of_currencies_and_listings_abroad_are_no_tickers() {
        assert!(tickers("the DXY and $DXY, GRN.V with $MTRX.V, QZXJ.TO").is_empty());
        assert_eq!(tickers("buy AMD.TO THE MOON. GME. V shaped"), ["AMD", "GME"]);
    }

    #[test]
    fn of_a_wall_of_cashtags_the_listed_ones_stay() {
        let wall: Vec<_> = ('A'..='U').map(|letter| format!("$QZX{letter}")).collect();
        assert_eq!(tickers(&format!("{} $TSLA", wall.join(" "))), ["TSLA"]);
        assert_eq!(tickers("$QZXA $QZXB $TSLA").len(), 3);
    }
}
