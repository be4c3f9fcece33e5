//! Writes what the sample's market would answer into a recorded folder.
//!
//! So the folder is an example of the layout, and whoever reads it sees the sample: at 11:00 Eastern and at the close
//! of a day, the two instants of which quotes and chains are written, both answer alike, planted outages included. Of
//! contracts those are quoted that somebody who buys by delta at these instants could hold: two to three weeks from their
//! expiration on a day of the last three weeks, with a delta from 0.15 to 0.50.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde_json::{Map, Value, json};

use super::answers::Answers;
use super::instruments::INSTRUMENTS;
use super::market::MARKET_START;
use super::post::{CUTOFF, cutoff};
use crate::market::{calendar::eastern_day, occ::OccSymbol};
use crate::sources::{recorded::layout, wire};

/// Days from a contract's expiration on which it is bought.
const BOUGHT_AHEAD: std::ops::RangeInclusive<i64> = 14..=21;
/// Its delta then, in millionths and without its sign.
const BOUGHT_AT: std::ops::RangeInclusive<i64> = 150_000..=500_000;
/// Days after which what was bought has expired.
const HELD_DAYS: u64 = 21;

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Trading days.
    pub days: usize,
    /// Files.
    pub files: usize,
}

/// Nothing was written, or not everything.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The days make no sense.
    #[error("no trading day of the sample from {from} to {to}; its market starts on {MARKET_START}")]
    NoDays {
        /// The first day asked for.
        from: NaiveDate,
        /// The last day asked for.
        to: NaiveDate,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// A recording under way.
struct Recorder<'a> {
    dir: &'a Path,
    answers: Answers,
    /// Symbols of contracts that somebody could hold.
    held: BTreeSet<String>,
    recorded: Recorded,
}

/// Records the trading days from `from` to `to`, both included, of the market of `seed` into `dir`; files that are
/// there already are replaced, others stay.
///
/// # Errors
/// [`RecordError`] when there is no such day, or a file cannot be written.
pub fn record(seed: u64, dir: &Path, from: NaiveDate, to: NaiveDate) -> Result<Recorded, RecordError> {
    let mut recorder = Recorder {
        dir,
        answers: Answers::new(seed),
        held: BTreeSet::new(),
        recorded: Recorded::default(),
    };
    let days = recorder.trading_days(from.max(MARKET_START), to.succ_opt().unwrap_or(to));
    let Some(first) = days.first().copied() else {
        return Err(RecordError::NoDays { from, to });
    };
    for day in recorder.trading_days(first - Days::new(HELD_DAYS), first) {
        for (instant, _) in recorder.instants(day) {
            recorder.buy(instant);
        }
    }
    for day in days {
        recorder.day(day)?;
    }
    for instrument in &INSTRUMENTS {
        // Days that an earlier recording has behind these ones keep their bars.
        let last = recorder.last_bar(instrument.symbol).map_or(to, |last| last.max(to));
        let bars = recorder.answers.daily(instrument.symbol, MARKET_START, last);
        recorder.write(layout::daily(instrument.symbol), &bars)?;
    }
    Ok(recorder.recorded)
}

impl Recorder<'_> {
    /// The trading days from `from` on and before `end`.
    fn trading_days(&self, from: NaiveDate, end: NaiveDate) -> Vec<NaiveDate> {
        let days = from.iter_days().take_while(|day| *day < end);
        let calendar = self.answers.market().calendar();
        days.filter(|day| calendar.is_trading_day(*day)).collect()
    }

    /// The newest daily bar that the folder has of a symbol.
    fn last_bar(&self, symbol: &str) -> Option<NaiveDate> {
        let text = fs::read_to_string(self.dir.join(layout::daily(symbol)?)).ok()?;
        let bars = wire::daily_bars(&wire::document(&text).ok()?).ok()?;
        bars.last().map(|bar| bar.date)
    }

    /// The instants of a trading day that are recorded, with the Eastern time of each.
    fn instants(&self, day: NaiveDate) -> Vec<(DateTime<Utc>, NaiveTime)> {
        let run = cutoff(day);
        let session = self.answers.market().calendar().session(day);
        let ends = session.map(|session| (session.close, CUTOFF + (session.close - run)));
        [(run, CUTOFF)].into_iter().chain(ends).collect()
    }

    fn day(&mut self, day: NaiveDate) -> Result<(), RecordError> {
        self.held
            .retain(|symbol| expires(symbol).is_some_and(|last| last >= day));
        let mut sets = Vec::new();
        for (instant, time) in self.instants(day) {
            self.buy(instant);
            sets.push(json!({ "at": instant, "quotes": self.quotes(instant) }));
            for instrument in &INSTRUMENTS {
                let chain = self.answers.chain(instrument.symbol, instant);
                let folder = layout::chains(instrument.symbol);
                self.write(folder.map(|folder| folder.join(layout::chain(day, time))), &chain)?;
            }
        }
        self.write(Some(layout::quotes(day)), &json!(sets))?;
        for instrument in &INSTRUMENTS {
            let history = self.answers.history(instrument.symbol, day);
            self.write(layout::history(instrument.symbol, day), &history)?;
        }
        self.recorded.days += 1;
        Ok(())
    }

    /// The entries of everything with a price, and of the contracts somebody could hold.
    fn quotes(&self, now: DateTime<Utc>) -> Map<String, Value> {
        let stocks = INSTRUMENTS.iter().map(|instrument| instrument.symbol);
        let entries = self
            .answers
            .quotes(stocks.chain(self.held.iter().map(String::as_str)), now);
        entries
            .into_iter()
            .map(|(symbol, entry)| (symbol.to_owned(), entry))
            .collect()
    }

    /// From now on somebody could hold the contracts that are worth buying at `now`.
    fn buy(&mut self, now: DateTime<Utc>) {
        let today = eastern_day(now);
        for instrument in &INSTRUMENTS {
            // An outage, or nothing listed: nobody buys.
            let Ok(chain) = wire::chain(&self.answers.chain(instrument.symbol, now), now) else {
                continue;
            };
            let bought = chain.contracts.into_iter().filter(|contract| {
                BOUGHT_AHEAD.contains(&(contract.expiration - today).num_days())
                    && contract.delta.is_some_and(|delta| BOUGHT_AT.contains(&delta.0.abs()))
            });
            self.held.extend(bought.map(|contract| contract.symbol));
        }
    }

    fn write(&mut self, path: Option<PathBuf>, document: &Value) -> Result<(), RecordError> {
        let Some(path) = path.map(|path| self.dir.join(path)) else {
            return Ok(());
        };
        let folder = path.parent().unwrap_or(self.dir);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, format!("{document}\n")))
            .map_err(|source| RecordError::Write { path, source })?;
        self.recorded.files += 1;
        Ok(())
    }
}

fn expires(symbol: &str) -> Option<NaiveDate> {
    Some(symbol.parse::<OccSymbol>().ok()?.expiration)
}

#[cfg(test)]
mod tests;
