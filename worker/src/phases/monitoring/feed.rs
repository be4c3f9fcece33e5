//! The market and daily sources as monitoring asks them: at one instant, and never again after a refused login.
//!
//! A source retries by its own rules; its failure is its last word here. What is unknown is as good as out: there is
//! no price of it.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::{DateTime, NaiveDate, Utc};
use shared::{
    market::{
        calendar::Calendar,
        candle::{Candle, DailyBar, Quote},
        exit::Check,
    },
    sources::market::{DailySource, MarketError, MarketSource},
};

use crate::sources::Sources;

/// There is no answer, after that many calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Out {
    /// Calls made; 0 when it was pointless to try.
    pub(super) attempts: u32,
    /// Nobody knows the symbol, which is no outage.
    pub(super) is_unknown: bool,
}

impl Out {
    const fn after(attempts: u32) -> Self {
        Self {
            attempts,
            is_unknown: false,
        }
    }

    const UNKNOWN: Self = Self {
        attempts: 1,
        is_unknown: true,
    };
}

/// Where prices come from, and when they are asked for.
pub(super) struct Feed {
    market: Arc<dyn MarketSource>,
    daily: Option<Arc<dyn DailySource>>,
    /// The run's day and instant.
    pub(super) check: Check,
    /// The exchange's days.
    pub(super) calendar: Calendar,
    refused: AtomicBool,
}

impl Feed {
    /// Prices at `check` from `market` and from the other sources of the worker.
    pub(super) fn new(market: Arc<dyn MarketSource>, sources: &Sources, check: Check) -> Self {
        Self {
            market,
            daily: sources.daily.clone(),
            check,
            calendar: sources.calendar.clone(),
            refused: AtomicBool::new(false),
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.check.now
    }

    /// The newest quote of a stock.
    pub(super) async fn quote(&self, symbol: &str) -> Result<Quote, Out> {
        let mut quotes = self.quotes(&[symbol.to_owned()]).await?;
        quotes.remove(symbol).ok_or(Out::UNKNOWN)
    }

    /// The newest quotes of symbols that share their trouble: of one stock, or the contracts of one underlying.
    pub(super) async fn quotes(&self, symbols: &[String]) -> Result<HashMap<String, Quote>, Out> {
        self.ready()?;
        self.judge(symbols, self.market.quotes(symbols, self.now()).await)
    }

    /// The five-minute candles of a day; an unknown symbol has none.
    pub(super) async fn candles(&self, symbol: &str, day: NaiveDate) -> Result<Vec<Candle>, Out> {
        self.ready()?;
        match self.market.candles(symbol, day, self.now()).await {
            Err(MarketError::Unknown(_)) => Ok(Vec::new()),
            answer => self.judge(&[symbol.to_owned()], answer),
        }
    }

    /// The daily bars of the days from `from` to today; gaps are not worth a warning.
    pub(super) async fn bars(&self, symbol: &str, from: NaiveDate) -> Vec<DailyBar> {
        let Some(daily) = &self.daily else { return Vec::new() };
        let answer = daily.bars(symbol, from, self.check.today, self.now()).await;
        answer.unwrap_or_else(|error| {
            tracing::info!(symbol, %error, "no daily bars");
            Vec::new()
        })
    }

    fn ready(&self) -> Result<(), Out> {
        if self.refused.load(Ordering::Relaxed) {
            return Err(Out::after(0));
        }
        Ok(())
    }

    fn judge<T>(&self, symbols: &[String], answer: Result<T, MarketError>) -> Result<T, Out> {
        answer.map_err(|error| {
            tracing::debug!(?symbols, %error, "no prices");
            match error {
                MarketError::Outage { attempts, .. } => Out::after(attempts),
                MarketError::Unknown(_) => Out::UNKNOWN,
                MarketError::Unauthorised(_) => {
                    if !self.refused.swap(true, Ordering::Relaxed) {
                        tracing::error!(%error, "the market source wants a new login; this run asks it no more");
                    }
                    Out::after(1)
                }
            }
        })
    }
}
