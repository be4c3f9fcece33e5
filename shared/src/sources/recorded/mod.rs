//! Market data from a folder of recorded answers: `recorded:DIR`.
//!
//! The folder holds the documents of [`super::wire`] under names that say whose and from when they are ([`layout`]):
//!
//! | file | holds | seen at `now` |
//! |---|---|---|
//! | `quotes/YYYY-MM-DD.json` | `[{at, quotes: {SYM: entry}}]` of an Eastern day | for a symbol the newest set at or before `now` that names it |
//! | `pricehistory/SYM/YYYY-MM-DD.json` | five-minute candles of a day | a candle that has ended |
//! | `chains/SYM/YYYY-MM-DD[THHMM].json` | a chain, Eastern time; without a time from midnight on | the newest at or before `now` |
//! | `daily/SYM.json` | all daily bars | a bar whose day has closed |
//!
//! A missing file and `{"error": 503}` are an outage, `{"error": 404}` an unknown symbol; a file that cannot be read
//! is an outage that names it. Asking again would not help, so the attempts are claimed but not made. Quotes and
//! chains are good for a week: what is older is not seen. Files are read when they are asked for, so that a folder
//! may grow while it is used.

mod chains;
mod files;
pub(super) mod layout;
mod quotes;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Duration, NaiveDate, Utc};

use self::files::Folder;
use super::comments::SourceError;
use super::market::{DailySource, MarketError, MarketSource, OFFLINE_ATTEMPTS};
use super::{visible, wire};
use crate::market::{
    calendar::{Calendar, eastern_day},
    candle::{CANDLE_MINUTES, Candle, DailyBar, Quote},
    option::Chain,
};

/// Days after which a recorded quote or chain is no longer good for anything.
const GOOD_FOR_DAYS: u64 = 7;

/// Quotes, candles and chains of a folder.
#[derive(Debug, Clone)]
pub struct RecordedMarket {
    folder: Arc<Folder>,
}

/// Daily bars of a folder.
#[derive(Debug, Clone)]
pub struct RecordedDaily {
    folder: Arc<Folder>,
}

impl RecordedMarket {
    /// The recording in `dir`, which `setting` names, of days that are traded as `calendar` says.
    ///
    /// # Errors
    /// [`SourceError::Config`] when there is no such folder, or nothing recorded in it.
    pub fn open(setting: &str, dir: impl Into<PathBuf>, calendar: Calendar) -> Result<Self, SourceError> {
        let parts = [layout::QUOTES, layout::HISTORY, layout::CHAINS];
        let folder = Folder::open(setting, dir.into(), &parts, calendar)?;
        Ok(Self {
            folder: Arc::new(folder),
        })
    }
}

impl RecordedDaily {
    /// The recording in `dir`, which `setting` names, of days that are traded as `calendar` says.
    ///
    /// # Errors
    /// [`SourceError::Config`] when there is no such folder, or nothing recorded in it.
    pub fn open(setting: &str, dir: impl Into<PathBuf>, calendar: Calendar) -> Result<Self, SourceError> {
        let folder = Folder::open(setting, dir.into(), &[layout::DAILY], calendar)?;
        Ok(Self {
            folder: Arc::new(folder),
        })
    }
}

#[async_trait]
impl MarketSource for RecordedMarket {
    async fn quotes(&self, symbols: &[String], now: DateTime<Utc>) -> Result<HashMap<String, Quote>, MarketError> {
        let symbols = symbols.to_vec();
        apart(&self.folder, move |folder| quotes::newest(folder, &symbols, now)).await
    }

    async fn candles(&self, symbol: &str, day: NaiveDate, now: DateTime<Utc>) -> Result<Vec<Candle>, MarketError> {
        if !has_candles(&self.folder.calendar, day, now) {
            return Ok(Vec::new());
        }
        let symbol = symbol.to_owned();
        let read = move |folder: &Folder| folder.read(&symbol, layout::history(&symbol, day), wire::candles);
        Ok(visible::candles(apart(&self.folder, read).await?, day, now))
    }

    async fn chain(
        &self,
        symbol: &str,
        from: NaiveDate,
        to: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Chain, MarketError> {
        let symbol = symbol.to_owned();
        let chain = apart(&self.folder, move |folder| chains::newest(folder, &symbol, now)).await?;
        Ok(visible::expirations(chain, from, to))
    }
}

#[async_trait]
impl DailySource for RecordedDaily {
    async fn bars(
        &self,
        symbol: &str,
        from: NaiveDate,
        to: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Vec<DailyBar>, MarketError> {
        let symbol = symbol.to_owned();
        let read = move |folder: &Folder| folder.read(&symbol, layout::daily(&symbol), wire::daily_bars);
        let bars = apart(&self.folder, read).await?;
        Ok(visible::bars(&self.folder.calendar, bars, from, to, now))
    }
}

/// Whether a candle of `day` has ended by `now`, so that there can be a file.
fn has_candles(calendar: &Calendar, day: NaiveDate, now: DateTime<Utc>) -> bool {
    let session = calendar.session(day);
    session.is_some_and(|session| session.open + Duration::minutes(CANDLE_MINUTES) <= now)
}

/// The Eastern days on which a quote or chain that is still good may have been recorded, the newest first.
fn good_days(now: DateTime<Utc>) -> impl Iterator<Item = NaiveDate> {
    let today = eastern_day(now);
    (0..=GOOD_FOR_DAYS).filter_map(move |back| today.checked_sub_days(chrono::Days::new(back)))
}

/// Reads files on a thread of its own.
async fn apart<T: Send + 'static>(
    folder: &Arc<Folder>,
    read: impl FnOnce(&Folder) -> Result<T, MarketError> + Send + 'static,
) -> Result<T, MarketError> {
    let folder = Arc::clone(folder);
    let result = tokio::task::spawn_blocking(move || read(&folder)).await;
    result.unwrap_or_else(|error| match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(_) => Err(outage("the process is ending")),
    })
}

fn outage(reason: impl Into<String>) -> MarketError {
    MarketError::Outage {
        reason: reason.into(),
        attempts: OFFLINE_ATTEMPTS,
    }
}

#[cfg(test)]
mod tests;
