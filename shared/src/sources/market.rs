//! Where prices come from: quotes, five-minute candles and chains from a market source, daily bars from another.
//!
//! Every call names the instant `now` it is made at and is answered with what was visible then and nothing later. A
//! source retries by its own rules; what it returns is its last word, with the number of attempts it took. An unknown
//! symbol is not an outage.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use crate::market::{
    candle::{Candle, DailyBar, Quote},
    option::Chain,
};

/// Why there is no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarketError {
    /// Nobody knows the symbol.
    #[error("unknown symbol {0}")]
    Unknown(String),
    /// The service or the record failed, after the retries.
    #[error("{reason} ({attempts} attempts)")]
    Outage {
        /// What came back.
        reason: String,
        /// Calls made.
        attempts: u32,
    },
    /// Nobody is logged in any more; no call will succeed in this run.
    #[error("not authorised: {0}")]
    Unauthorised(String),
}

impl MarketError {
    /// Calls that were made for this answer.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        match self {
            Self::Outage { attempts, .. } => *attempts,
            Self::Unknown(_) | Self::Unauthorised(_) => 1,
        }
    }
}

/// Attempts that an offline source claims for an outage: those of the retry rule, which would all end the same and are
/// therefore not made.
pub const OFFLINE_ATTEMPTS: u32 = 3;

/// Quotes, candles and chains.
#[async_trait]
pub trait MarketSource: Send + Sync {
    /// The newest quotes of stocks or option contracts at `now`, by symbol; an unknown symbol is absent.
    ///
    /// A batch is answered or fails as a whole: who does not want the trouble of one symbol to be that of another
    /// asks for them apart.
    async fn quotes(&self, symbols: &[String], now: DateTime<Utc>) -> Result<HashMap<String, Quote>, MarketError>;

    /// The five-minute candles of one Eastern day that have ended by `now`, oldest first; empty when there are none.
    async fn candles(&self, symbol: &str, day: NaiveDate, now: DateTime<Utc>) -> Result<Vec<Candle>, MarketError>;

    /// The newest chain at `now`, of the expirations from `from` to `to`, both included.
    async fn chain(
        &self,
        symbol: &str,
        from: NaiveDate,
        to: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Chain, MarketError>;
}

/// Daily bars.
#[async_trait]
pub trait DailySource: Send + Sync {
    /// The bars of the trading days from `from` to `to`, both included, that are visible at `now`, oldest first.
    ///
    /// A day's bar is visible after that day's close.
    async fn bars(
        &self,
        symbol: &str,
        from: NaiveDate,
        to: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Vec<DailyBar>, MarketError>;
}
