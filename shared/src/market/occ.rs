//! The symbols of option contracts as the Options Clearing Corporation writes them.
//!
//! Twenty-one characters: the root padded with spaces to six, the expiration as `YYMMDD`, `C` or `P`, and the strike
//! in thousandths of a dollar with eight digits. `TSLA  260116C00310000` is the call on TSLA at $310 that expires on
//! 16 January 2026.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use super::{money::Micros, option::OptionType};

/// Characters of the root, spaces included.
const ROOT: usize = 6;
/// Characters of a whole symbol.
const LENGTH: usize = 21;
/// Micro-dollars in the unit that a strike is counted in.
const STRIKE_UNIT: i64 = 1_000;

/// What the symbol of a contract says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OccSymbol {
    /// Symbol of the underlying.
    pub root: String,
    /// Last day.
    pub expiration: NaiveDate,
    /// Call or put.
    pub option_type: OptionType,
    /// Strike price; written in thousandths of a dollar.
    pub strike: Micros,
}

/// A text that is no contract's symbol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the symbol of an option contract")]
pub struct BadOccSymbol(String);

impl FromStr for OccSymbol {
    type Err = BadOccSymbol;

    fn from_str(text: &str) -> Result<Self, BadOccSymbol> {
        parse(text).ok_or_else(|| BadOccSymbol(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<OccSymbol> {
    if text.len() != LENGTH || !text.is_ascii() {
        return None;
    }
    let (root, rest) = text.split_at(ROOT);
    let (date, rest) = rest.split_at(6);
    let (side, strike) = rest.split_at(1);
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let root = root.trim_end_matches(' ');
    if root.is_empty() || root.contains(' ') || !digits(date) || !digits(strike) {
        return None;
    }
    Some(OccSymbol {
        root: root.to_owned(),
        expiration: NaiveDate::from_ymd_opt(
            2000 + date[..2].parse::<i32>().ok()?,
            date[2..4].parse().ok()?,
            date[4..].parse().ok()?,
        )?,
        option_type: match side {
            "C" => OptionType::Call,
            "P" => OptionType::Put,
            _ => return None,
        },
        strike: Micros(strike.parse::<i64>().ok()? * STRIKE_UNIT),
    })
}

impl fmt::Display for OccSymbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = match self.option_type {
            OptionType::Call => 'C',
            OptionType::Put => 'P',
        };
        let strike = self.strike.0 / STRIKE_UNIT;
        write!(
            f,
            "{:<ROOT$}{}{side}{strike:08}",
            self.root,
            self.expiration.format("%y%m%d")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_symbol_is_read_and_written() {
        let symbol: OccSymbol = "TSLA  260116C00310000".parse().unwrap();
        assert_eq!((symbol.root.as_str(), symbol.option_type), ("TSLA", OptionType::Call));
        assert_eq!(symbol.expiration.to_string(), "2026-01-16");
        assert_eq!(symbol.strike, Micros::from_dollars(310));
        assert_eq!(symbol.to_string(), "TSLA  260116C00310000");
        let half: OccSymbol = "F     260116P00011500".parse().unwrap();
        assert_eq!(half.strike, Micros(11_500_000));
    }

    #[test]
    fn what_is_no_contract_is_refused() {
        for text in [
            "",
            "TSLA",
            "TSLA260116C00310000",
            "TSLA  260230C00310000",
            "TSLA  260116X00310000",
            "TSLA  260116C0031000a",
            "      260116C00310000",
            "T SLA 260116C00310000",
            "TSLA  +60116C00310000",
            "TSLÄ 260116C00310000",
        ] {
            assert!(text.parse::<OccSymbol>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_on_the_way_through_the_symbol(root in "[A-Z]{1,6}", days in 0_u64..20_000, put: bool, mills in 1_i64..100_000_000) {
            let symbol = OccSymbol {
                root,
                expiration: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Days::new(days),
                option_type: if put { OptionType::Put } else { OptionType::Call },
                strike: Micros(mills * STRIKE_UNIT),
            };
            prop_assert_eq!(symbol.to_string().parse::<OccSymbol>(), Ok(symbol));
        }
    }
}
