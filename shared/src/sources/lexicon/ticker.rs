//! Finds the tickers a comment mentions.
//!
//! A cashtag is taken at its word; capitals are taken when the tables and the words around them say so; a few symbols
//! and the names of companies are known in lower case too. Called with the tokens of the cleaned text, so links cannot
//! contribute. Invariants: every symbol matches `^[A-Z][A-Z0-9.]{0,9}$`; mentions ascend by token.

use super::cashtag;
use super::context::{has_strike, is_capitals, is_counted, is_enumerated, is_held, is_named, is_shouted, is_wanted};
use super::contract::split_contract;
use super::symbols::{NameForm, Reading, Symbols};
use super::token::{Kind, Tokens};

/// One mention of a ticker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    /// Upper-case symbol.
    pub symbol: String,
    /// Token where it stands (the first one of a name).
    pub index: usize,
}

/// Words that "X calls" does not turn into a symbol.
const FUNCTION_WORDS: [&str; 45] = [
    "AM", "AN", "AS", "AT", "BE", "BY", "DO", "GO", "HE", "IF", "IN", "IS", "IT", "ME", "MY", "NO", "OF", "ON", "OR",
    "SO", "TO", "UP", "US", "WE", "PM", "AH", "IV", "OK", "EV", "ITM", "OTM", "ALL", "ANY", "NOW", "ONE", "ARE", "FOR",
    "HIS", "HER", "NEW", "OUR", "OUT", "SOME", "THE", "TWO",
];

/// All mentions in reading order, repeats included.
pub(super) fn find_mentions(symbols: &Symbols, tokens: &Tokens) -> Vec<Mention> {
    let mut mentions = Vec::new();
    let mut index = 0;
    while index < tokens.list.len() {
        let mut length = 1;
        let found = match tokens.kind(index) {
            Kind::Cashtag | Kind::Word if cashtag::is_listed_abroad(tokens, index) => {
                length = 3;
                None
            }
            Kind::Cashtag => cashtag::symbol(symbols, tokens, index),
            Kind::Word => match name(symbols, tokens, index) {
                Some((symbol, words)) => {
                    length = words;
                    symbol
                }
                None => bare(symbols, tokens, index),
            },
            _ => None,
        };
        mentions.extend(found.map(|symbol| Mention { symbol, index }));
        index += length;
    }
    cashtag::drop_spam(symbols, tokens, &mut mentions);
    mentions
}

/// `SPYs` without its `s`.
pub(super) fn singular(raw: &str) -> &str {
    let stem = raw
        .strip_suffix('s')
        .filter(|stem| stem.len() >= 2 && is_capitals(stem));
    stem.unwrap_or(raw)
}

/// A company's name; `Some((None, n))` for words that only look like one.
fn name(symbols: &Symbols, tokens: &Tokens, index: usize) -> Option<(Option<String>, usize)> {
    let (target, words) = symbols.names.find(tokens, index)?;
    let Some((symbol, form)) = target else {
        return Some((None, words));
    };
    let capital = || tokens.raw(index).starts_with(|c: char| c.is_ascii_uppercase());
    let market = || is_wanted(tokens, index) || is_held(tokens, index + words - 1);
    let counts = match form {
        NameForm::Any => true,
        NameForm::Capital => capital(),
        NameForm::Market => market(),
        NameForm::CapitalOrMarket => capital() || market(),
    };
    counts.then(|| (Some(symbol.to_owned()), words))
}

/// A word without `$`.
fn bare(symbols: &Symbols, tokens: &Tokens, index: usize) -> Option<String> {
    let raw = tokens.raw(index);
    let stem = singular(raw);
    if let Some((symbol, _)) = split_contract(raw) {
        return symbols.is_listed(symbol).then(|| symbol.to_owned());
    }
    if !is_capitals(stem) {
        let low = tokens.low(index);
        return symbols.is_lower_symbol(low).then(|| low.to_ascii_uppercase());
    }
    let counts = match symbols.reading(stem) {
        Reading::Symbol => true,
        Reading::Soft => stem.len() == raw.len() && !is_shouted(symbols, tokens, index) || has_strike(tokens, index),
        Reading::Hard => is_asked_for(symbols, tokens, index, stem),
        Reading::Unknown => is_unlisted_symbol(symbols, tokens, index, stem),
        Reading::Word | Reading::Abbreviation | Reading::Never => false,
    };
    counts.then(|| stem.to_owned())
}

fn is_asked_for(symbols: &Symbols, tokens: &Tokens, index: usize, capitals: &str) -> bool {
    if has_strike(tokens, index) || is_enumerated(symbols, tokens, index) {
        return true;
    }
    let held = !FUNCTION_WORDS.contains(&capitals)
        && matches!(
            tokens.low(index + 1),
            "call" | "calls" | "put" | "puts" | "leaps" | "shares"
        );
    (held || is_counted(tokens, index)) && !is_shouted(symbols, tokens, index)
}

fn is_unlisted_symbol(symbols: &Symbols, tokens: &Tokens, index: usize, capitals: &str) -> bool {
    (3..=5).contains(&capitals.len())
        && !is_shouted(symbols, tokens, index)
        && (has_strike(tokens, index)
            || is_wanted(tokens, index)
            || is_held(tokens, index)
            || is_foreign(capitals)
            || is_named(tokens, index)
            || tokens.phrase(index + 1, index + 3) == Some("to the moon"))
}

/// Five letters that end in F, almost without vowels: a foreign share traded over the counter.
fn is_foreign(capitals: &str) -> bool {
    let vowels = capitals.bytes().filter(|byte| b"AEIOU".contains(byte)).count();
    capitals.len() == 5 && capitals.ends_with('F') && vowels <= 1
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::super::text::Text;
    use super::{Symbols, Tokens, find_mentions};

    static SYMBOLS: LazyLock<Symbols> = LazyLock::new(Symbols::new);

    fn tickers(body: &str) -> Vec<String> {
        let text = Text::new(body);
        find_mentions(&SYMBOLS, &Tokens::new(&text.said))
            .into_iter()
            .map(|mention| mention.symbol)
            .collect()
    }

    #[test]
    fn a_cashtag_is_a_ticker_and_an_amount_is_not() {
        assert_eq!(
            tickers("$TSLA or $tsla for $20, $5k and $QZXJ"),
            ["TSLA", "TSLA", "QZXJ"]
        );
        assert_eq!(tickers("$NOW and $F, $GME's day"), ["NOW", "F", "GME"]);
    }

    #[test]
    fn the_stop_list_holds_even_behind_a_dollar_sign() {
        assert!(tickers("$ROPE $YOLO $DD $CEO I A 20p").is_empty());
        assert!(tickers("YOLO 20c and DD calls").is_empty());
    }

    #[test]
    fn bare_capitals_of_the_table_are_tickers() {
        assert_eq!(
            tickers("GME and BRK.B beat TSLA, says SPY"),
            ["GME", "BRK.B", "TSLA", "SPY"]
        );
        assert_eq!(tickers("selling SPYs, AAPL's the one"), ["SPY", "AAPL"]);
    }

    #[test]
    fn ordinary_words_in_capitals_are_not() {
        for body in [
            "ARE YOU ALL IN ON IT NOW",
            "the CEO did a DD on EV and AI, ATH by EOD, OTM FD at IV 200",
            "GO FOR IT, HOLD ON, WE CAN DO THIS",
            "RH and the FED and the SEC say GDP of USA",
            "I WISH YOU WELL, PLAY THE GAME, BIG LOVE",
        ] {
            assert_eq!(tickers(body), [""; 0], "{body}");
        }
    }

    #[test]
    fn the_context_makes_a_ticker_of_a_word() {
        assert_eq!(
            tickers("NOW 700c and ALL $120p, bought shares of IT"),
            ["NOW", "ALL", "IT"]
        );
        assert_eq!(tickers("F calls and T 30c 1/21"), ["F", "T"]);
        assert_eq!(tickers("my WISH and RIDE bags"), ["WISH", "RIDE"]);
    }

    #[test]
    fn a_word_amid_symbols_is_one_of_them() {
        assert_eq!(tickers("my list: AMD, TEAM, GME and NOW"), ["AMD", "TEAM", "GME"]);
        assert_eq!(tickers("JEPI, JEPQ, VT"), ["JEPI", "JEPQ", "VT"]);
        assert_eq!(tickers("AMD and GME ARE good"), ["AMD", "GME"]);
    }

    #[test]
    fn shouted_words_are_not_soft_symbols() {
        assert!(tickers("THEY RENT A HOUSE, WE BARK AT THEM, A BIG BIRD").is_empty());
    }

    #[test]
    fn an_unknown_symbol_needs_a_buyer() {
        assert_eq!(tickers("long QZXJ, QZXK 20c, the QZXL thing"), ["QZXJ", "QZXK"]);
        assert_eq!(
            tickers("NYSE: QZXM or QZXN to the moon, QZXPF"),
            ["QZXM", "QZXN", "QZXPF"]
        );
    }

    #[test]
    fn options_are_read_with_their_date_first_too() {
        assert_eq!(
            tickers("TSLA 800c 12/18, SPY 300p, ON 12/18 90c"),
            ["TSLA", "SPY", "ON"]
        );
        assert_eq!(tickers("SPY360P and QQQ 302puts"), ["SPY", "QQQ"]);
    }

    #[test]
    fn names_lead_to_their_symbols() {
        assert_eq!(
            tickers("tesla, the mouse and Zuck own Apple stock"),
            ["TSLA", "DIS", "META", "AAPL"]
        );
        assert_eq!(tickers("bed bath and beyond over palantir"), ["BBBY", "PLTR"]);
        assert_eq!(tickers("apple puts, Target calls"), ["AAPL", "TGT"]);
    }

    #[test]
    fn words_that_are_names_elsewhere_stay_words() {
        assert!(tickers("an apple a day, my price target is met, visa for the gap year").is_empty());
        assert!(tickers("flew to disneyland").is_empty());
    }

    #[test]
    fn popular_symbols_are_known_in_lower_case() {
        assert_eq!(tickers("gme, Tsla and spy puts"), ["GME", "TSLA", "SPY"]);
        assert!(tickers("all in on it now, can you run").is_empty());
    }

    #[test]
    fn links_and_subreddits_hold_no_tickers() {
        assert!(tickers("https://x.com/GME r/AMC [here](http://y.io/TSLA)").is_empty());
    }
}
