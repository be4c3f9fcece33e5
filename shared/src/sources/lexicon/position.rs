//! Positions people say they hold, and the emoji that go with them.
//!
//! Calls, strikes and "long AMD" gain when prices rise; puts and "going short" when they fall; what is sold counts the
//! other way round. The cues ask here about every token that no longer phrase covers.

use super::contract::{Right, right_of_strike, split_contract};
use super::cue::Group;
use super::token::{Kind, Tokens};

/// Words that turn the option after them.
const SELLERS: [&str; 12] = [
    "sell", "sold", "selling", "short", "shorting", "shorted", "write", "writing", "wrote", "closed", "closing",
    "exited",
];

/// What an option becomes when the market went the other way.
const RUINED: [&str; 7] = ["worthless", "dead", "toast", "fucked", "rekt", "screwed", "ruined"];

/// After these "call" and "put" are no options.
const NO_OPTION: [&str; 10] = [
    "he",
    "she",
    "who",
    "it",
    "to",
    "ill",
    "margin",
    "phone",
    "conference",
    "earnings",
];

/// Before these "call" and "put" are verbs.
const VERB_OBJECTS: [&str; 13] = [
    "me", "him", "her", "it", "them", "us", "you", "out", "my", "the", "up", "this", "that",
];

/// Rocket, moons, diamond, raised hands, rising chart, ox, gorilla, money face, fire, muscle, green circle, tendies.
const RISING: &str = "\u{1F680}\u{1F315}\u{1F311}\u{1F31D}\u{1F319}\u{1F31A}\u{1F48E}\u{1F64C}\u{1F4C8}\u{1F402}\
    \u{1F98D}\u{1F911}\u{1F525}\u{1F4AA}\u{1F7E2}\u{1F357}";

/// Falling chart, bear, rainbow, blood, red circle, skull, coffin, dung, tears, flying money, headstone, clown, paper.
const FALLING: &str = "\u{1F4C9}\u{1F43B}\u{1F308}\u{1FA78}\u{1F534}\u{1F480}\u{26B0}\u{1F4A9}\u{1F62D}\u{1F4B8}\
    \u{1FAA6}\u{1F921}\u{1F9FB}";

/// The group of a token that is, by rule, a position or an emoji.
pub(super) fn position(tokens: &Tokens, index: usize) -> Option<Group> {
    let low = tokens.low(index);
    let group = match tokens.kind(index) {
        Kind::Emoji if RISING.contains(low) => return Some(Group::Bull),
        Kind::Emoji if FALLING.contains(low) => return Some(Group::Bear),
        Kind::Number | Kind::Amount => held(right_of_strike(low)?),
        Kind::Word => match low {
            "calls" | "call" if is_option(tokens, index) => Group::Long,
            "puts" | "put" if is_option(tokens, index) => Group::Short,
            "up" if is_percentage(tokens, index + 1) => return Some(Group::Bull),
            "down" if is_percentage(tokens, index + 1) => return Some(Group::Bear),
            "long" if takes_a_side(tokens, index) => return Some(Group::Long),
            "short" if takes_a_side(tokens, index) => return Some(Group::Short),
            _ => held(split_contract(low)?.1),
        },
        _ => return None,
    };
    let sold = (1..=3)
        .filter_map(|back| index.checked_sub(back))
        .any(|at| SELLERS.contains(&tokens.low(at)));
    Some(if sold == is_ruined(tokens, index) {
        group
    } else {
        group.opposite()
    })
}

/// "calls are worthless": whether the option at `index` came to nothing.
pub(super) fn is_ruined(tokens: &Tokens, index: usize) -> bool {
    (1..=4)
        .map(|ahead| index + ahead)
        .take_while(|&at| tokens.kind(at) == Kind::Word && !matches!(tokens.low(at), "and" | "but" | "if" | "because"))
        .any(|at| RUINED.contains(&tokens.low(at)))
}

/// "55%", as in "up 55%".
fn is_percentage(tokens: &Tokens, index: usize) -> bool {
    tokens.kind(index) == Kind::Number && tokens.low(index).ends_with('%')
}

const fn held(right: Right) -> Group {
    match right {
        Right::Call => Group::Long,
        Right::Put => Group::Short,
    }
}

/// Whether "calls" is the noun: not "he calls it", "margin call", "put it there".
fn is_option(tokens: &Tokens, index: usize) -> bool {
    let (before, after) = (tokens.low(index.wrapping_sub(1)), tokens.low(index + 1));
    let plural = tokens.low(index).ends_with('s');
    let named = is_upper(before_raw(tokens, index)) || tokens.kind(index.wrapping_sub(1)) == Kind::Cashtag;
    let verb = !named && VERB_OBJECTS.contains(&after);
    let other = NO_OPTION.contains(&before);
    let priced = matches!(tokens.kind(index.wrapping_sub(1)), Kind::Number | Kind::Amount);
    !verb && !other && (plural || priced || matches!(after, "option" | "options") || matches!(before, "a" | "one"))
}

/// Whether "long" or "short" names a side: "long AMD", "going short", "im long".
fn takes_a_side(tokens: &Tokens, index: usize) -> bool {
    let (before, after) = (tokens.low(index.wrapping_sub(1)), index + 1);
    let symbol = matches!(tokens.kind(after), Kind::Word | Kind::Cashtag)
        && (tokens.kind(after) == Kind::Cashtag || tokens.raw(after).len() <= 5 && is_upper(tokens.raw(after)));
    symbol
        || matches!(before, "going" | "go" | "went" | "im" | "net" | "stay" | "staying") && tokens.low(after) != "term"
}

fn before_raw<'a>(tokens: &Tokens<'a>, index: usize) -> &'a str {
    index.checked_sub(1).map_or("", |before| tokens.raw(before))
}

fn is_upper(word: &str) -> bool {
    word.len() >= 2 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::super::cue::Cues;
    use super::Tokens;

    fn leaning(text: &str) -> i32 {
        Cues::new()
            .find(&Tokens::new(text))
            .iter()
            .map(|cue| cue.leaning())
            .sum()
    }

    #[test]
    fn options_carry_a_stance_and_selling_turns_it() {
        assert_eq!(leaning("loaded on AMD calls").signum(), 1);
        assert_eq!(leaning("SPY puts for friday"), -3);
        assert_eq!(leaning("TSLA 800c"), 3);
        assert_eq!(leaning("SPY 300p"), -3);
        assert_eq!(leaning("SPY300p and 302puts"), -6);
        assert!(leaning("wrote puts on F") > 0);
        assert!(leaning("sold calls yesterday").signum() < 0);
        assert!(leaning("my SPY puts this morning") < 0);
        assert!(leaning("NVDA calls are now worthless") < 0);
        assert!(leaning("these puts will be worthless") > 0);
    }

    #[test]
    fn calls_and_puts_as_verbs_carry_none() {
        assert_eq!(leaning("he calls me and puts it there, I will call you"), 0);
    }

    #[test]
    fn sides_are_told_from_lengths_of_time() {
        assert_eq!(leaning("long AMD"), 3);
        assert_eq!(leaning("going short $INTC"), -1);
        assert_eq!(leaning("a long week"), 0);
    }

    #[test]
    fn a_move_in_per_cent_carries_a_stance() {
        assert_eq!(leaning("up 5% since noon"), 1);
        assert_eq!(leaning("down 12.5% since noon"), -1);
        assert_eq!(leaning("up 3 floors"), 0);
    }

    #[test]
    fn emoji_carry_a_stance() {
        assert_eq!(leaning("\u{1F680}\u{1F680}"), 2);
        assert_eq!(leaning("\u{1F4C9}"), -1);
    }
}
