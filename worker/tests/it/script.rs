//! A market that answers what a test has written down, keeps a list of what it was asked, and can be made to wait.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use shared::{
    market::{
        candle::{Candle, Quote},
        money::{Micros, Rate},
        option::{Chain, Contract, OptionType},
    },
    sources::market::{MarketError, MarketSource},
};
use tokio::sync::watch;

/// Calls that an outage of the script took.
pub(crate) const ATTEMPTS: u32 = 4;

/// What is known of a symbol; a symbol that is not there is unknown.
enum Answer<T> {
    Known(T),
    Outage,
    LoggedOut,
}

#[derive(Default)]
struct Pages {
    quotes: BTreeMap<String, Answer<f64>>,
    chains: BTreeMap<String, Answer<Chain>>,
    /// Symbols whose calls wait.
    held: Vec<String>,
    asked: Vec<String>,
    waiting: usize,
    most_waiting: usize,
}

/// The market.
pub(crate) struct Script {
    pages: Mutex<Pages>,
    /// Counts changes, for those who wait for one.
    turn: watch::Sender<u64>,
}

/// Dollars, exactly.
pub(crate) fn dollars(number: f64) -> Micros {
    Micros::from_number(number).unwrap()
}

/// When every price of the script was seen: a minute before the runs of the tests.
pub(crate) fn quoted_at() -> DateTime<Utc> {
    "2026-03-02T15:59:00Z".parse().unwrap()
}

/// A contract that expires 17 days later, on 2026-03-19.
pub(crate) fn contract(ticker: &str, side: OptionType, strike: i64, delta: &str, mark: Option<f64>) -> Contract {
    let letter = if side == OptionType::Call { 'C' } else { 'P' };
    Contract {
        symbol: format!("{ticker:<6}260319{letter}{:08}", strike * 1000),
        option_type: side,
        expiration: "2026-03-19".parse().unwrap(),
        strike: Micros::from_dollars(strike),
        delta: delta.parse::<Rate>().ok(),
        mark: mark.map(dollars),
    }
}

/// A call at 110 and a put at 90, both eligible.
pub(crate) fn both(ticker: &str, call: f64, put: f64) -> Vec<Contract> {
    vec![
        contract(ticker, OptionType::Call, 110, "0.30", Some(call)),
        contract(ticker, OptionType::Put, 90, "-0.30", Some(put)),
    ]
}

impl Script {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            pages: Mutex::default(),
            turn: watch::Sender::new(0),
        })
    }

    fn write(&self, change: impl FnOnce(&mut Pages)) -> &Self {
        change(&mut self.pages.lock().unwrap());
        self.turn.send_modify(|turn| *turn += 1);
        self
    }

    /// A stock or a contract with this price.
    pub(crate) fn price(&self, symbol: &str, price: f64) -> &Self {
        self.write(|pages| {
            pages.quotes.insert(symbol.to_owned(), Answer::Known(price));
        })
    }

    /// A symbol whose quote is an outage.
    pub(crate) fn no_price(&self, symbol: &str) -> &Self {
        self.write(|pages| {
            pages.quotes.insert(symbol.to_owned(), Answer::Outage);
        })
    }

    /// A ticker with these contracts, its stock at 100.
    pub(crate) fn chain(&self, ticker: &str, contracts: Vec<Contract>) -> &Self {
        self.chain_at(ticker, Some(100), contracts)
    }

    /// The same at another price of the stock, or at none.
    pub(crate) fn chain_at(&self, ticker: &str, underlying: Option<i64>, contracts: Vec<Contract>) -> &Self {
        let chain = Chain {
            at: quoted_at(),
            underlying_price: underlying.map(Micros::from_dollars),
            contracts,
        };
        self.write(|pages| {
            pages.chains.insert(ticker.to_owned(), Answer::Known(chain));
        })
    }

    /// A ticker whose chain is an outage.
    pub(crate) fn no_chain(&self, ticker: &str) -> &Self {
        self.write(|pages| {
            pages.chains.insert(ticker.to_owned(), Answer::Outage);
        })
    }

    /// A ticker whose chain nobody may see any more.
    pub(crate) fn logged_out(&self, ticker: &str) -> &Self {
        self.write(|pages| {
            pages.chains.insert(ticker.to_owned(), Answer::LoggedOut);
        })
    }

    /// Calls about the symbol wait from now on.
    pub(crate) fn hold(&self, symbol: &str) -> &Self {
        self.write(|pages| pages.held.push(symbol.to_owned()))
    }

    /// Nobody waits any more.
    pub(crate) fn release(&self) {
        self.write(|pages| pages.held.clear());
    }

    /// Nobody waits any more but those who ask about this symbol; returns when they are answered.
    pub(crate) async fn release_all_but(&self, symbol: &str) {
        self.write(|pages| pages.held.retain(|held| held == symbol));
        let mut turns = self.turn.subscribe();
        let left = turns.wait_for(|_| self.pages.lock().unwrap().waiting <= 1);
        tokio::time::timeout(crate::fixture::PATIENCE, left)
            .await
            .unwrap()
            .unwrap();
    }

    /// What was asked, in order: `quote SYMBOL` or `chain TICKER FROM TO`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.pages.lock().unwrap().asked.clone()
    }

    /// The most calls that have waited at a time.
    pub(crate) fn most_waiting(&self) -> usize {
        self.pages.lock().unwrap().most_waiting
    }

    /// Returns once so many calls wait at the same time.
    pub(crate) async fn until_waiting(&self, calls: usize) {
        let mut turns = self.turn.subscribe();
        let reached = turns.wait_for(|_| self.pages.lock().unwrap().waiting >= calls);
        tokio::time::timeout(crate::fixture::PATIENCE, reached)
            .await
            .unwrap()
            .unwrap();
    }

    async fn ask(&self, symbol: &str, call: String) {
        let mut turns = self.turn.subscribe();
        self.write(|pages| {
            pages.asked.push(call);
            pages.waiting += 1;
            pages.most_waiting = pages.most_waiting.max(pages.waiting);
        });
        let _gone = Gone(self);
        let free = |_: &u64| !self.pages.lock().unwrap().held.iter().any(|held| held == symbol);
        turns.wait_for(free).await.unwrap();
    }
}

/// A call that is over, answered or dropped.
struct Gone<'a>(&'a Script);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.write(|pages| pages.waiting -= 1);
    }
}

fn read<T: Clone>(answer: Option<&Answer<T>>, symbol: &str) -> Result<T, MarketError> {
    match answer {
        Some(Answer::Known(value)) => Ok(value.clone()),
        Some(Answer::Outage) => Err(MarketError::Outage {
            reason: "503".to_owned(),
            attempts: ATTEMPTS,
        }),
        Some(Answer::LoggedOut) => Err(MarketError::Unauthorised("log in again".to_owned())),
        None => Err(MarketError::Unknown(symbol.to_owned())),
    }
}

#[async_trait]
impl MarketSource for Script {
    async fn quotes(&self, symbols: &[String], _: DateTime<Utc>) -> Result<HashMap<String, Quote>, MarketError> {
        let mut quotes = HashMap::new();
        for symbol in symbols {
            self.ask(symbol, format!("quote {symbol}")).await;
            match read(self.pages.lock().unwrap().quotes.get(symbol), symbol) {
                Ok(price) => {
                    let quote = Quote {
                        at: quoted_at(),
                        price: dollars(price),
                        delta: None,
                        underlying_price: None,
                    };
                    quotes.insert(symbol.clone(), quote);
                }
                Err(MarketError::Unknown(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(quotes)
    }

    async fn candles(&self, _: &str, _: NaiveDate, _: DateTime<Utc>) -> Result<Vec<Candle>, MarketError> {
        Ok(Vec::new())
    }

    async fn chain(
        &self,
        symbol: &str,
        from: NaiveDate,
        to: NaiveDate,
        _: DateTime<Utc>,
    ) -> Result<Chain, MarketError> {
        self.ask(symbol, format!("chain {symbol} {from} {to}")).await;
        read(self.pages.lock().unwrap().chains.get(symbol), symbol)
    }
}
