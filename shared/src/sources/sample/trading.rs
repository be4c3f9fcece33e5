//! The sample's market as sources of quotes, candles, chains and daily bars.
//!
//! Every answer is a pure function of the seed and the question. Stocks and contracts are quoted at any hour, while the
//! exchange is closed as they were at its last close. Coins and the index have no quote and the unlisted ticker has no
//! chain; the index and the stocks have daily bars. What is planted to go wrong is in `trouble`.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::answers::Answers;
use crate::market::{
    calendar::eastern_day,
    candle::{Candle, DailyBar, Quote},
    option::Chain,
};
use crate::sources::{
    market::{DailySource, MarketError, MarketSource, OFFLINE_ATTEMPTS},
    visible,
    wire::{self, WireError},
};

/// Quotes, candles and chains of the sample.
#[derive(Debug, Clone)]
pub struct SampleMarket {
    answers: Answers,
    latency: Duration,
}

/// Daily bars of the sample.
#[derive(Debug, Clone)]
pub struct SampleDaily {
    answers: Answers,
    latency: Duration,
}

impl SampleMarket {
    /// The market of `seed`, answering each call after `latency`.
    #[must_use]
    pub fn new(seed: u64, latency: Duration) -> Self {
        Self {
            answers: Answers::new(seed),
            latency,
        }
    }
}

impl SampleDaily {
    /// The market of `seed`, answering each call after `latency`.
    #[must_use]
    pub fn new(seed: u64, latency: Duration) -> Self {
        Self {
            answers: Answers::new(seed),
            latency,
        }
    }
}

#[async_trait]
impl MarketSource for SampleMarket {
    async fn quotes(&self, symbols: &[String], now: DateTime<Utc>) -> Result<HashMap<String, Quote>, MarketError> {
        pause(self.latency).await;
        let entries = self.answers.quotes(symbols.iter().map(String::as_str), now);
        let at = self.answers.priced_at(now);
        visible::quotes(
            entries
                .iter()
                .map(|(symbol, entry)| (*symbol, wire::quote(entry, symbol, at))),
        )
    }

    async fn candles(&self, symbol: &str, day: NaiveDate, now: DateTime<Utc>) -> Result<Vec<Candle>, MarketError> {
        pause(self.latency).await;
        if day > eastern_day(now) {
            return Ok(Vec::new());
        }
        let candles = wire::candles(&self.answers.history(symbol, day)).map_err(about(symbol))?;
        Ok(visible::candles(candles, day, now))
    }

    async fn chain(
        &self,
        symbol: &str,
        from: NaiveDate,
        to: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Chain, MarketError> {
        pause(self.latency).await;
        let chain =
            wire::chain(&self.answers.chain(symbol, now), self.answers.priced_at(now)).map_err(about(symbol))?;
        Ok(visible::expirations(chain, from, to))
    }
}

#[async_trait]
impl DailySource for SampleDaily {
    async fn bars(
        &self,
        symbol: &str,
        from: NaiveDate,
        to: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Vec<DailyBar>, MarketError> {
        pause(self.latency).await;
        let until = to.min(eastern_day(now));
        let bars = wire::daily_bars(&self.answers.daily(symbol, from, until)).map_err(about(symbol))?;
        Ok(visible::bars(self.answers.market().calendar(), bars, from, to, now))
    }
}

async fn pause(latency: Duration) {
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
}

fn about(symbol: &str) -> impl FnOnce(WireError) -> MarketError {
    move |error| error.about(symbol, OFFLINE_ATTEMPTS)
}

#[cfg(test)]
mod tests;
