//! The newest recorded quotes: a file a day, with the sets that were asked for on it.
//!
//! The day looked at is the newest, at most a week back, that has a set at or before `now`: before the first set of a
//! morning that is the trading day before. Once the session of a day has opened its file must be there; that a day
//! was not recorded at all is an outage and not a reason to trade on older prices.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::market::MarketError;
use super::files::{Folder, about, missing};
use super::{good_days, layout, outage};
use crate::market::{calendar::Calendar, candle::Quote};
use crate::sources::wire::{self, WireError};

/// What was answered at an instant.
#[derive(Deserialize)]
struct Set {
    at: DateTime<Utc>,
    quotes: Map<String, Value>,
}

/// The newest quotes of `symbols` at or before `now`.
pub(super) fn newest(
    folder: &Folder,
    symbols: &[String],
    now: DateTime<Utc>,
) -> Result<HashMap<String, Quote>, MarketError> {
    let sets = newest_sets(folder, now)?;
    let named = symbols.iter().filter_map(|symbol| {
        let (at, entry) = sets.iter().find_map(|set| Some((set.at, set.quotes.get(symbol)?)))?;
        Some((symbol.as_str(), wire::quote(entry, symbol, at)))
    });
    super::visible::quotes(named)
}

/// The sets of the day looked at that are not after `now`, the newest first.
fn newest_sets(folder: &Folder, now: DateTime<Utc>) -> Result<Vec<Set>, MarketError> {
    let calendar = Calendar::default();
    for day in good_days(now) {
        let path = layout::quotes(day);
        let opened = calendar.session(day).is_some_and(|session| session.open <= now);
        let Some(document) = folder.document(&path)? else {
            if opened {
                return Err(missing(&path));
            }
            continue;
        };
        let mut sets = sets(&document).map_err(|error| about(&path, error, ""))?;
        sets.retain(|set| set.at <= now);
        if !sets.is_empty() {
            sets.sort_by_key(|set| std::cmp::Reverse(set.at));
            return Ok(sets);
        }
    }
    Err(outage("no quotes are recorded in the week before"))
}

fn sets(document: &Value) -> Result<Vec<Set>, WireError> {
    if let Some(status) = document.get("error").and_then(Value::as_u64) {
        return Err(WireError::Refused(status));
    }
    Vec::deserialize(document).map_err(|error| WireError::Malformed {
        what: "sets of quotes",
        why: error.to_string(),
    })
}
