//! The names of the files in a recorded folder.
//!
//! Symbols come from comments and may be anything. In a name they stand as they are, except that separators, percent
//! signs, control characters and a leading dot are written as `%XX`, so that no symbol leads out of the folder.

use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::market::calendar::eastern_instant;

/// Folder of the quotes.
pub(in crate::sources) const QUOTES: &str = "quotes";
/// Folder of the candles.
pub(in crate::sources) const HISTORY: &str = "pricehistory";
/// Folder of the chains.
pub(in crate::sources) const CHAINS: &str = "chains";
/// Folder of the daily bars.
pub(in crate::sources) const DAILY: &str = "daily";
/// The longest symbol that a file is looked for, in bytes; names of files end at 255.
const LONGEST: usize = 64;

/// The quotes of an Eastern day.
pub(in crate::sources) fn quotes(day: NaiveDate) -> PathBuf {
    [QUOTES, &format!("{day}.json")].iter().collect()
}

/// The candles of an Eastern day; `None` for a symbol that no file can have.
pub(in crate::sources) fn history(symbol: &str, day: NaiveDate) -> Option<PathBuf> {
    Some([HISTORY, &name(symbol)?, &format!("{day}.json")].iter().collect())
}

/// The chains of a symbol; `None` for a symbol that no file can have.
pub(in crate::sources) fn chains(symbol: &str) -> Option<PathBuf> {
    Some([CHAINS, &name(symbol)?].iter().collect())
}

/// The name of a chain from a minute of an Eastern day.
pub(in crate::sources) fn chain(day: NaiveDate, time: NaiveTime) -> String {
    format!("{day}T{}.json", time.format("%H%M"))
}

/// The instant that the name of a chain stands for; `None` when it is no such name.
pub(in crate::sources) fn chain_instant(name: &str) -> Option<DateTime<Utc>> {
    let stem = name.strip_suffix(".json")?;
    let (day, time) = match stem.split_once('T') {
        Some((day, time)) => (day, NaiveTime::parse_from_str(time, "%H%M").ok()?),
        None => (stem, NaiveTime::MIN),
    };
    Some(eastern_instant(day.parse().ok()?, time))
}

/// All daily bars; `None` for a symbol that no file can have.
pub(in crate::sources) fn daily(symbol: &str) -> Option<PathBuf> {
    Some([DAILY, &format!("{}.json", name(symbol)?)].iter().collect())
}

fn name(symbol: &str) -> Option<String> {
    if symbol.is_empty() || symbol.len() > LONGEST {
        return None;
    }
    let mut name = String::with_capacity(symbol.len());
    for (place, sign) in symbol.char_indices() {
        let leading_dot = place == 0 && sign == '.';
        if leading_dot || matches!(sign, '/' | '\\' | ':' | '%') || sign.is_control() {
            // Infallible on a string.
            let _ = write!(name, "%{:02X}", u32::from(sign));
        } else {
            name.push(sign);
        }
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::Component;

    #[test]
    fn symbols_stand_in_names_as_they_are() {
        assert_eq!(daily("^GSPC").unwrap(), PathBuf::from("daily/^GSPC.json"));
        assert_eq!(daily("BRK.B").unwrap(), PathBuf::from("daily/BRK.B.json"));
        let day = "2026-01-05".parse().unwrap();
        assert_eq!(
            history("TSLA", day).unwrap(),
            PathBuf::from("pricehistory/TSLA/2026-01-05.json")
        );
    }

    #[test]
    fn no_symbol_leads_out_of_the_folder() {
        for (symbol, name) in [
            ("..", "%2E."),
            ("../x", "%2E.%2Fx"),
            (".", "%2E"),
            ("/etc", "%2Fetc"),
            ("%2E", "%252E"),
        ] {
            assert_eq!(chains(symbol).unwrap(), PathBuf::from("chains").join(name));
        }
        assert_eq!(chains(""), None);
        assert_eq!(chains(&"A".repeat(65)), None);
    }

    #[test]
    fn the_name_of_a_chain_is_an_eastern_time() {
        let instant = |name| chain_instant(name).map(|instant| instant.to_rfc3339());
        assert_eq!(instant("2026-01-05T1100.json").unwrap(), "2026-01-05T16:00:00+00:00");
        assert_eq!(instant("2026-07-06T1100.json").unwrap(), "2026-07-06T15:00:00+00:00");
        assert_eq!(instant("2026-01-05.json").unwrap(), "2026-01-05T05:00:00+00:00");
        for other in [
            "2026-01-05.json.tmp",
            "2026-01-05T2500.json",
            "README.json",
            "2026-01-05",
        ] {
            assert_eq!(instant(other), None, "{other}");
        }
        let day = "2026-01-05".parse().unwrap();
        assert_eq!(
            chain(day, NaiveTime::from_hms_opt(16, 0, 0).unwrap()),
            "2026-01-05T1600.json"
        );
    }

    proptest! {
        #[test]
        fn every_symbol_is_one_plain_component(symbol in ".{1,12}") {
            let path = chains(&symbol).unwrap();
            let components: Vec<_> = path.components().collect();
            prop_assert_eq!(components.len(), 2);
            prop_assert!(components.iter().all(|component| matches!(component, Component::Normal(_))));
        }
    }
}
