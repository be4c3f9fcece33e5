//! Market and daily sources that answer what a test has written down, and remember what they were asked.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use shared::{
    market::{
        candle::{Candle, DailyBar, Quote},
        money::Micros,
        option::Chain,
    },
    sources::market::{DailySource, MarketError, MarketSource},
};
use tokio::sync::Semaphore;

pub(crate) fn dollars(number: f64) -> Micros {
    Micros::from_number(number).unwrap()
}

/// What the sources say. Symbols nobody has written down are unknown.
#[derive(Default)]
struct Script {
    prices: HashMap<String, f64>,
    underlying: HashMap<String, f64>,
    candles: HashMap<String, Vec<Candle>>,
    bars: HashMap<String, Vec<DailyBar>>,
    quotes_out: HashSet<String>,
    candles_out: HashSet<String>,
    logged_out: bool,
    gates: HashMap<String, Arc<Semaphore>>,
    quoted_at: HashMap<String, DateTime<Utc>>,
    calls: Vec<String>,
}

/// The script as both sources.
#[derive(Default, Clone)]
pub(crate) struct Scripted(Arc<Mutex<Script>>);

impl Scripted {
    fn write<T>(&self, change: impl FnOnce(&mut Script) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    /// The quote of a stock or a contract.
    pub(crate) fn price(&self, symbol: &str, price: f64) -> &Self {
        self.write(|script| script.prices.insert(symbol.to_owned(), price));
        self
    }

    /// The newest quote of a stock or a contract is from then; without this it is from now.
    pub(crate) fn quoted_at(&self, symbol: &str, at: &str) -> &Self {
        self.write(|script| script.quoted_at.insert(symbol.to_owned(), at.parse().unwrap()));
        self
    }

    /// What the quote of a contract says of its underlying.
    pub(crate) fn underlying(&self, contract: &str, price: f64) -> &Self {
        self.write(|script| script.underlying.insert(contract.to_owned(), price));
        self
    }

    /// Candles as (start, open, high, low), each closing where it opened.
    pub(crate) fn candles(&self, symbol: &str, candles: &[(&str, f64, f64, f64)]) -> &Self {
        let candle = |(start, open, high, low): &(&str, f64, f64, f64)| Candle {
            start: start.parse().unwrap(),
            open: dollars(*open),
            high: dollars(*high),
            low: dollars(*low),
            close: dollars(*open),
        };
        let candles = candles.iter().map(candle).collect();
        self.write(|script| script.candles.insert(symbol.to_owned(), candles));
        self
    }

    /// Daily bars as (day, open, high, low, close).
    pub(crate) fn bars(&self, symbol: &str, bars: &[(&str, f64, f64, f64, f64)]) -> &Self {
        let bar = |(date, open, high, low, close): &(&str, f64, f64, f64, f64)| DailyBar {
            date: date.parse().unwrap(),
            open: dollars(*open),
            high: dollars(*high),
            low: dollars(*low),
            close: dollars(*close),
        };
        let bars = bars.iter().map(bar).collect();
        self.write(|script| script.bars.insert(symbol.to_owned(), bars));
        self
    }

    /// Quotes with this symbol among them are an outage.
    pub(crate) fn quotes_out(&self, symbol: &str) -> &Self {
        self.write(|script| script.quotes_out.insert(symbol.to_owned()));
        self
    }

    /// Candles of it are an outage.
    pub(crate) fn candles_out(&self, symbol: &str) -> &Self {
        self.write(|script| script.candles_out.insert(symbol.to_owned()));
        self
    }

    /// What was out is there again.
    pub(crate) fn recover(&self) -> &Self {
        self.write(|script| {
            script.quotes_out.clear();
            script.candles_out.clear();
        });
        self
    }

    /// Nobody is logged in any more.
    pub(crate) fn log_out(&self) {
        self.write(|script| script.logged_out = true);
    }

    /// Quotes of the symbol wait for a permit.
    pub(crate) fn gate(&self, symbol: &str) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        self.write(|script| script.gates.insert(symbol.to_owned(), Arc::clone(&gate)));
        gate
    }

    /// How often it was asked just this.
    pub(crate) fn asked(&self, call: &str) -> usize {
        self.write(|script| script.calls.iter().filter(|known| *known == call).count())
    }

    /// Everything it was asked.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.write(|script| script.calls.clone())
    }
}

fn outage() -> MarketError {
    MarketError::Outage {
        reason: "503".to_owned(),
        attempts: 3,
    }
}

#[async_trait]
impl MarketSource for Scripted {
    async fn quotes(&self, symbols: &[String], now: DateTime<Utc>) -> Result<HashMap<String, Quote>, MarketError> {
        let gate = self.write(|script| {
            script.calls.push(format!("quotes {}", symbols.join(" ")));
            symbols.iter().find_map(|symbol| script.gates.get(symbol).cloned())
        });
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        self.write(|script| {
            if script.logged_out {
                return Err(MarketError::Unauthorised("expired".to_owned()));
            }
            if symbols.iter().any(|symbol| script.quotes_out.contains(symbol)) {
                return Err(outage());
            }
            let quote = |symbol: &String| {
                let quote = Quote {
                    at: script.quoted_at.get(symbol).copied().unwrap_or(now),
                    price: dollars(*script.prices.get(symbol)?),
                    delta: None,
                    underlying_price: script.underlying.get(symbol).map(|price| dollars(*price)),
                };
                Some((symbol.clone(), quote))
            };
            Ok(symbols.iter().filter_map(quote).collect())
        })
    }

    async fn candles(&self, symbol: &str, day: NaiveDate, now: DateTime<Utc>) -> Result<Vec<Candle>, MarketError> {
        self.write(|script| {
            script.calls.push(format!("candles {symbol} {day}"));
            if script.candles_out.contains(symbol) {
                return Err(outage());
            }
            let mut candles = script.candles.get(symbol).cloned().unwrap_or_default();
            candles.retain(|candle| candle.start.date_naive() == day && candle.end() <= now);
            Ok(candles)
        })
    }

    async fn chain(&self, symbol: &str, _: NaiveDate, _: NaiveDate, _: DateTime<Utc>) -> Result<Chain, MarketError> {
        Err(MarketError::Unknown(symbol.to_owned()))
    }
}

#[async_trait]
impl DailySource for Scripted {
    async fn bars(
        &self,
        symbol: &str,
        from: NaiveDate,
        to: NaiveDate,
        _: DateTime<Utc>,
    ) -> Result<Vec<DailyBar>, MarketError> {
        self.write(|script| {
            script.calls.push(format!("bars {symbol} {from} {to}"));
            let mut bars = script.bars.get(symbol).cloned().ok_or_else(outage)?;
            bars.retain(|bar| (from..=to).contains(&bar.date));
            Ok(bars)
        })
    }
}
