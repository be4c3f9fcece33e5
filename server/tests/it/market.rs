//! Sources of prices that say what a test wants to hear, and count how often they are asked.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use server::prices::sources::Prices;
use shared::market::candle::{Candle, DailyBar, Quote};
use shared::market::money::Micros;
use shared::market::option::Chain;
use shared::sources::market::{DailySource, MarketError, MarketSource};

pub fn dollars(number: f64) -> Micros {
    Micros::from_number(number).expect("an amount")
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn outage() -> MarketError {
    MarketError::Outage {
        reason: "away".into(),
        attempts: 3,
    }
}

/// Quotes by symbol; without any, an outage.
#[derive(Default)]
pub struct Quotes(pub HashMap<String, Micros>);

#[async_trait]
impl MarketSource for Quotes {
    async fn quotes(&self, symbols: &[String], now: DateTime<Utc>) -> Result<HashMap<String, Quote>, MarketError> {
        if self.0.is_empty() {
            return Err(outage());
        }
        let quote = |price: Micros| Quote {
            at: now,
            price,
            delta: None,
            underlying_price: None,
        };
        let known = symbols
            .iter()
            .filter_map(|symbol| Some((symbol.clone(), quote(*self.0.get(symbol)?))));
        Ok(known.collect())
    }

    async fn candles(&self, _: &str, _: NaiveDate, _: DateTime<Utc>) -> Result<Vec<Candle>, MarketError> {
        Err(outage())
    }

    async fn chain(&self, _: &str, _: NaiveDate, _: NaiveDate, _: DateTime<Utc>) -> Result<Chain, MarketError> {
        Err(outage())
    }
}

/// Daily closes by symbol; a symbol without any is unknown.
#[derive(Default)]
pub struct Bars {
    pub closes: HashMap<String, Vec<(NaiveDate, f64)>>,
    pub asked: AtomicUsize,
}

impl Bars {
    pub fn of(all: &[(&str, &[(&str, f64)])]) -> Arc<Self> {
        let closes = |days: &[(&str, f64)]| days.iter().map(|(date, close)| (day(date), *close)).collect();
        Arc::new(Self {
            closes: all
                .iter()
                .map(|(symbol, days)| ((*symbol).to_owned(), closes(days)))
                .collect(),
            asked: AtomicUsize::new(0),
        })
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl DailySource for Bars {
    async fn bars(
        &self,
        symbol: &str,
        from: NaiveDate,
        to: NaiveDate,
        _: DateTime<Utc>,
    ) -> Result<Vec<DailyBar>, MarketError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if symbol == "STUCK" {
            std::future::pending::<()>().await;
        }
        let unknown = || MarketError::Unknown(symbol.to_owned());
        let closes = self.closes.get(symbol).ok_or_else(unknown)?.iter();
        let bar = |(date, close): &(NaiveDate, f64)| DailyBar {
            date: *date,
            open: dollars(*close),
            high: dollars(*close),
            low: dollars(*close),
            close: dollars(*close),
        };
        Ok(closes.filter(|(date, _)| (from..=to).contains(date)).map(bar).collect())
    }
}

/// A market with these quotes, and no daily bars.
pub fn quoting(quotes: &[(&str, f64)]) -> Prices {
    let quotes = quotes
        .iter()
        .map(|(symbol, price)| ((*symbol).to_owned(), dollars(*price)));
    Prices {
        market: Some(Arc::new(Quotes(quotes.collect()))),
        daily: None,
        live: false,
    }
}

/// Daily bars, and a market that is away.
pub fn with_bars(bars: &Arc<Bars>) -> Prices {
    Prices {
        market: Some(Arc::new(Quotes::default())),
        daily: Some(Arc::clone(bars) as Arc<dyn DailySource>),
        live: false,
    }
}
