//! Options as people write them: `800c`, `300p`, `302puts`, `SPY360P`.
//!
//! The ticker finder takes them as proof that the word before is a symbol; the cues take them as a position.

/// The right an option gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// To buy.
    Call,
    /// To sell.
    Put,
}

/// The right of a strike in lower case, `None` for anything else.
pub(super) fn right_of_strike(low: &str) -> Option<Right> {
    let letters = low
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .filter(|&at| at > 0)?;
    match &low[letters..] {
        "c" | "call" | "calls" => Some(Right::Call),
        "p" | "put" | "puts" => Some(Right::Put),
        _ => None,
    }
}

/// Symbol and right of a contract in one word, in any case.
pub(super) fn split_contract(word: &str) -> Option<(&str, Right)> {
    let digits = word.find(|c: char| c.is_ascii_digit()).filter(|&at| at > 0)?;
    let (symbol, strike) = word.split_at(digits);
    Some((symbol, right_of_strike(&strike.to_ascii_lowercase())?))
}

#[cfg(test)]
mod tests {
    use super::{Right, right_of_strike, split_contract};

    #[test]
    fn strikes_are_read_by_their_letter_or_word() {
        assert_eq!(
            ["800c", "12.5call", "1calls"].map(right_of_strike),
            [Some(Right::Call); 3]
        );
        assert_eq!(["300p", "302puts", ".5put"].map(right_of_strike), [Some(Right::Put); 3]);
        assert_eq!(["c", "800", "10k", "5pm", ""].map(right_of_strike), [None; 5]);
    }

    #[test]
    fn a_contract_in_one_word_is_split() {
        assert_eq!(split_contract("SPY360P"), Some(("SPY", Right::Put)));
        assert_eq!(split_contract("gme40c"), Some(("gme", Right::Call)));
        assert_eq!(["360P", "Q3", "SPY"].map(split_contract), [None; 3]);
    }
}
