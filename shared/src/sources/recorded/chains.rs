//! The newest recorded chain of a symbol.

use chrono::{DateTime, Utc};

use super::super::market::MarketError;
use super::files::{Folder, missing};
use super::{good_days, layout};
use crate::market::{calendar::eastern_day, option::Chain};
use crate::sources::wire;

/// The newest chain at or before `now`, at most a week old; none is an outage.
pub(super) fn newest(folder: &Folder, symbol: &str, now: DateTime<Utc>) -> Result<Chain, MarketError> {
    let chains = layout::chains(symbol).ok_or_else(|| MarketError::Unknown(symbol.to_owned()))?;
    let oldest = good_days(now).last().unwrap_or_default();
    let good = |at: DateTime<Utc>| at <= now && eastern_day(at) >= oldest;
    let names = folder.names(&chains)?.into_iter();
    let recorded = names.filter_map(|name| Some((layout::chain_instant(&name)?, name)));
    let newest = recorded.filter(|(at, _)| good(*at)).max();
    let (at, name) = newest.ok_or_else(|| missing(&chains))?;
    folder.read(symbol, Some(chains.join(name)), |document| wire::chain(document, at))
}
