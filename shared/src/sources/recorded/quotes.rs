//! The newest recorded quotes: a file a day, with the sets that were asked for on it.
//!
//! The day looked at is the newest, at most a week back, that has a set at or before `now`: before the first set of a
//! morning that is the trading day before. Once the session of a day has opened its file must be there; that a day
//! was not recorded at all is an outage and not a reason to trade on older prices.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::super::market::MarketError;
use super::files::{Folder, Stamp, missing, unreadable};
use super::{good_days, layout, outage};
use crate::market::candle::Quote;
use crate::sources::wire::{self, WireError};

/// What was answered at an instant.
#[derive(Debug, Deserialize)]
struct Set {
    at: DateTime<Utc>,
    quotes: Map<String, Value>,
}

/// The file read last, since a run asks for one ticker after another.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    stamp: Stamp,
    sets: Arc<Vec<Set>>,
}

/// The newest quotes of `symbols` at or before `now`.
pub(super) fn newest(
    folder: &Folder,
    symbols: &[String],
    now: DateTime<Utc>,
) -> Result<HashMap<String, Quote>, MarketError> {
    let sets = newest_sets(folder, now)?;
    let named = symbols.iter().filter_map(|symbol| {
        let mut seen = sets.iter().filter(|set| set.at <= now);
        let (at, entry) = seen.find_map(|set| Some((set.at, set.quotes.get(symbol)?)))?;
        Some((symbol.as_str(), wire::quote(entry, symbol, at)))
    });
    super::visible::quotes(named)
}

/// The sets of the day looked at, the newest first.
fn newest_sets(folder: &Folder, now: DateTime<Utc>) -> Result<Arc<Vec<Set>>, MarketError> {
    for day in good_days(now) {
        let path = layout::quotes(day);
        let opened = folder.calendar.session(day).is_some_and(|session| session.open <= now);
        match sets(folder, &path)? {
            Some(sets) if sets.iter().any(|set| set.at <= now) => return Ok(sets),
            None if opened => return Err(missing(&path)),
            _ => {}
        }
    }
    Err(outage("no quotes are recorded in the week before"))
}

/// All sets of a file, the newest first; `None` when there is no such file.
fn sets(folder: &Folder, path: &Path) -> Result<Option<Arc<Vec<Set>>>, MarketError> {
    let Some(stamp) = folder.stamp(path) else {
        return Ok(None);
    };
    // A panic cannot leave half a value behind, so a poisoned lock is as good as any.
    let mut kept = folder.kept.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = kept.as_ref().filter(|kept| kept.path == path && kept.stamp == stamp) {
        return Ok(Some(Arc::clone(&kept.sets)));
    }
    let Some(document) = folder.document(path)? else {
        return Ok(None);
    };
    let sets = Arc::new(parse(&document).map_err(|error| unreadable(path, &error))?);
    *kept = Some(Kept {
        path: path.to_owned(),
        stamp,
        sets: Arc::clone(&sets),
    });
    Ok(Some(sets))
}

fn parse(document: &Value) -> Result<Vec<Set>, WireError> {
    if let Some(status) = document.get("error").and_then(Value::as_u64) {
        return Err(WireError::Refused(status));
    }
    let mut sets = Vec::<Set>::deserialize(document).map_err(|error| WireError::Malformed {
        what: "sets of quotes",
        why: error.to_string(),
    })?;
    sets.sort_by_key(|set| std::cmp::Reverse(set.at));
    Ok(sets)
}
