//! What the words around a token say about it: a strike, a buyer, an enumeration, a shout.
//!
//! The ticker finder asks these questions about words that may or may not be symbols. Each looks at a few neighbours
//! only and answers for any index inside the text.

use super::contract::right_of_strike;
use super::symbols::{Reading, Symbols};
use super::token::{Kind, Tokens};

/// Nouns that follow a symbol: "X calls", "X shares".
const HELD: [&str; 22] = [
    "call",
    "calls",
    "put",
    "puts",
    "share",
    "shares",
    "stock",
    "leaps",
    "leap",
    "options",
    "earnings",
    "gang",
    "fds",
    "warrants",
    "weeklies",
    "squeeze",
    "holders",
    "bagholders",
    "bulls",
    "bears",
    "float",
    "ticker",
];

/// Verbs and the like that ask for a symbol: "buy X", "long X".
const WANTING: [&str; 15] = [
    "buy", "bought", "buying", "sell", "sold", "selling", "long", "short", "shorting", "holding", "ticker", "into",
    "yolo", "yoloed", "symbol",
];

/// Whether a word is written as a symbol is: capitals, perhaps with the dot of a share class.
pub(super) fn is_capitals(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'.')
}

/// Whether the nearest word on either side is an everyday word in capitals.
pub(super) fn is_shouted(symbols: &Symbols, tokens: &Tokens, index: usize) -> bool {
    let word = |at: &usize| tokens.kind(*at) == Kind::Word && tokens.raw(*at).len() > 1;
    let shouted = |at: usize| is_capitals(tokens.raw(at)) && symbols.is_shouted_word(tokens.raw(at));
    let before = (index.saturating_sub(2)..index).rev().find(word);
    let after = (index + 1..index + 3).find(word);
    before.is_some_and(shouted) || after.is_some_and(shouted) || shouts(symbols, tokens)
}

/// Whether every other word, judged by the first few, is an everyday word in capitals.
fn shouts(symbols: &Symbols, tokens: &Tokens) -> bool {
    let word = |at: &usize| tokens.kind(*at) == Kind::Word && tokens.raw(*at).len() > 1;
    let words = || (0..tokens.list.len()).filter(word).take(40);
    let shouted = words().filter(|&at| {
        let raw = tokens.raw(at);
        is_capitals(raw) && symbols.is_shouted_word(raw)
    });
    let shouted = shouted.count();
    shouted >= 4 && 2 * shouted >= words().count()
}

/// "800c", "$300p", "12/18 800c" or "800 calls" right after the token.
pub(super) fn has_strike(tokens: &Tokens, index: usize) -> bool {
    (index + 1..index + 3)
        .take_while(|&at| matches!(tokens.kind(at), Kind::Number | Kind::Amount))
        .any(|at| {
            right_of_strike(tokens.low(at)).is_some()
                || matches!(tokens.low(at + 1), "c" | "p" | "call" | "calls" | "put" | "puts")
        })
}

/// "shares of X", "calls on X".
pub(super) fn is_counted(tokens: &Tokens, index: usize) -> bool {
    index >= 2
        && matches!(tokens.low(index - 1), "of" | "on")
        && matches!(
            tokens.low(index - 2),
            "shares" | "share" | "calls" | "puts" | "call" | "put" | "leaps"
        )
}

/// "buy X", "shares of X".
pub(super) fn is_wanted(tokens: &Tokens, index: usize) -> bool {
    index >= 1 && WANTING.contains(&tokens.low(index - 1)) || is_counted(tokens, index)
}

/// "X calls".
pub(super) fn is_held(tokens: &Tokens, index: usize) -> bool {
    HELD.contains(&tokens.low(index + 1))
}

/// "NYSE: X", "ticker: X", "#X".
pub(super) fn is_named(tokens: &Tokens, index: usize) -> bool {
    let (before, mark) = (index.wrapping_sub(2), index.wrapping_sub(1));
    match tokens.low(mark) {
        ":" => matches!(
            tokens.low(before),
            "nyse" | "nasdaq" | "amex" | "otc" | "ticker" | "symbol"
        ),
        "#" => true,
        _ => false,
    }
}

/// "AMD, X, MU": at least two listed symbols around it in one enumeration.
pub(super) fn is_enumerated(symbols: &Symbols, tokens: &Tokens, index: usize) -> bool {
    let separates = |at: usize| matches!(tokens.low(at), "," | "/" | "and" | "or" | "&");
    let listed = |at: usize| tokens.kind(at) == Kind::Word && symbols.reading(tokens.raw(at)) == Reading::Symbol;
    let before = (0..2).take_while(|step| {
        let reach = 2 * step + 2;
        index >= reach && separates(index + 1 - reach) && listed(index - reach)
    });
    let after = (0..2).take_while(|step| separates(index + 2 * step + 1) && listed(index + 2 * step + 2));
    before.count() + after.count() >= 2
}

#[cfg(test)]
mod tests {
    use super::{Symbols, Tokens, has_strike, is_counted, is_enumerated, is_held, is_named, is_shouted, is_wanted};

    #[test]
    fn strikes_are_seen_behind_a_date_and_before_their_noun() {
        for text in ["X 800c", "X $300p", "X 12/18 800c", "X 40 calls", "X 12/18 $40 put"] {
            assert!(has_strike(&Tokens::new(text), 0), "{text}");
        }
        for text in ["X 800", "X", "X and 800c", "X 2021"] {
            assert!(!has_strike(&Tokens::new(text), 0), "{text}");
        }
    }

    #[test]
    fn buyers_and_nouns_are_seen() {
        assert!(is_wanted(&Tokens::new("buy X"), 1));
        assert!(is_counted(&Tokens::new("shares of X"), 2));
        assert!(!is_counted(&Tokens::new("king of X"), 2));
        assert!(is_held(&Tokens::new("X calls"), 0));
        assert!(is_named(&Tokens::new("NYSE: X"), 2));
        assert!(!is_named(&Tokens::new("so: X"), 2));
    }

    #[test]
    fn a_shout_is_heard_next_door_and_all_around() {
        let symbols = Symbols::new();
        assert!(is_shouted(&symbols, &Tokens::new("we ARE, X ok"), 3));
        assert!(is_shouted(
            &symbols,
            &Tokens::new("WHAT SHOULD WE EVEN DO HERE gme X gme"),
            7
        ));
        assert!(!is_shouted(&symbols, &Tokens::new("the CEO of X said so"), 3));
    }

    #[test]
    fn an_enumeration_needs_two_symbols_beside_the_word() {
        let symbols = Symbols::new();
        assert!(is_enumerated(&symbols, &Tokens::new("AMD, X, GME"), 2));
        assert!(is_enumerated(&symbols, &Tokens::new("AMD/GME/X"), 4));
        assert!(!is_enumerated(&symbols, &Tokens::new("AMD, X"), 2));
        assert!(!is_enumerated(&symbols, &Tokens::new("AMD GME X"), 2));
    }
}
