//! What the sample's market answers, in the wire formats of the services it stands for.
//!
//! The sample's sources read these documents with the parsers of [`crate::sources::wire`], and a recording of the
//! sample writes them into files, so that both say the same. Planted trouble is part of them: an outage is
//! `{"error": 503}`, and what nobody trades `{"error": 404}`. A document of a day holds the whole day; what of it is
//! visible at an instant is for the source to say.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};

use super::instruments::{Instrument, Role};
use super::listing::{self, Worth};
use super::market::Market;
use super::path::{Bar, CENT};
use super::trouble::Trouble;
use crate::market::{calendar::eastern_day, money::Micros, occ::OccSymbol, option::OptionType};

/// The market of a seed, as one that is asked.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    market: Market,
    trouble: Trouble,
}

impl Answers {
    /// The answers of the market of `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            market: Market::new(seed),
            trouble: Trouble::new(seed),
        }
    }

    /// The prices behind it.
    pub(super) const fn market(&self) -> &Market {
        &self.market
    }

    /// The entry of a stock or a contract in the quotes at `now`.
    pub(super) fn quote(&self, symbol: &str, now: DateTime<Utc>) -> Value {
        symbol.parse::<OccSymbol>().map_or_else(
            |_| self.stock_quote(symbol, now),
            |contract| self.option_quote(symbol, &contract, now),
        )
    }

    fn stock_quote(&self, symbol: &str, now: DateTime<Utc>) -> Value {
        let Some((_, price)) = stock(symbol).zip(self.market.price(symbol, now)) else {
            return error(404);
        };
        if self.trouble.stock_out(symbol, self.trading_day(now)) {
            return error(503);
        }
        let time = now.timestamp_millis();
        json!({ "assetMainType": "EQUITY", "symbol": symbol, "realtime": false, "quote": {
            "lastPrice": dollars(price), "mark": dollars(price),
            "bidPrice": dollars(price - CENT), "askPrice": dollars(price + CENT),
            "quoteTime": time, "tradeTime": time, "securityStatus": "Synthetic" } })
    }

    fn option_quote(&self, symbol: &str, contract: &OccSymbol, now: DateTime<Utc>) -> Value {
        let today = eastern_day(now);
        let priced = Instrument::find(&contract.root)
            .filter(|_| today <= contract.expiration)
            .and_then(|instrument| {
                let price = self.market.price(instrument.symbol, now)?;
                let worth = listing::worth(self.market.calendar(), instrument, contract, price, now)?;
                Some((price, worth))
            });
        let Some((price, worth)) = priced else {
            return error(404);
        };
        if self.trouble.options_out(&contract.root, self.trading_day(now)) {
            return error(503);
        }
        let mark = worth.premium.0;
        json!({ "assetMainType": "OPTION", "symbol": symbol, "realtime": false, "quote": {
            "mark": dollars(mark), "bidPrice": dollars((mark - CENT).max(0)), "askPrice": dollars(mark + CENT),
            "lastPrice": dollars(mark), "delta": worth.delta, "underlyingPrice": dollars(price),
            "quoteTime": now.timestamp_millis(), "securityStatus": "Synthetic" } })
    }

    /// The five-minute candles of a whole trading day.
    pub(super) fn history(&self, symbol: &str, day: NaiveDate) -> Value {
        if stock(symbol).is_none() {
            return error(404);
        }
        if self.trouble.stock_out(symbol, day) {
            return error(503);
        }
        let candles = match self.trouble.candles_missing(symbol, day) {
            true => Vec::new(),
            false => self.market.candles(symbol, day),
        };
        let empty = candles.is_empty();
        let candles: Vec<Value> = candles
            .iter()
            .map(|candle| {
                json!({ "open": dollars(candle.open), "high": dollars(candle.high), "low": dollars(candle.low),
                        "close": dollars(candle.close), "volume": candle.volume,
                        "datetime": candle.start.timestamp_millis() })
            })
            .collect();
        json!({ "symbol": symbol, "empty": empty, "candles": candles })
    }

    /// The contracts listed on an underlying at `now`.
    pub(super) fn chain(&self, symbol: &str, now: DateTime<Utc>) -> Value {
        let listed = Instrument::find(symbol).filter(|instrument| instrument.has_options());
        let Some((instrument, price)) = listed.zip(self.market.price(symbol, now)) else {
            return error(404);
        };
        if self.trouble.chain_out(symbol, self.trading_day(now)) {
            return error(503);
        }
        let today = eastern_day(now);
        let (mut calls, mut puts) = (Map::new(), Map::new());
        for contract in listing::contracts(self.market.calendar(), instrument, price, today) {
            let Some(worth) = listing::worth(self.market.calendar(), instrument, &contract, price, now) else {
                continue;
            };
            let side = match contract.option_type {
                OptionType::Call => &mut calls,
                OptionType::Put => &mut puts,
            };
            let days = (contract.expiration - today).num_days();
            let strikes = side
                .entry(format!("{}:{days}", contract.expiration))
                .or_insert_with(|| json!({}));
            strikes[format!("{:?}", contract.strike.dollars())] = json!([listed_contract(&contract, worth)]);
        }
        json!({ "symbol": symbol, "status": "SUCCESS", "strategy": "SINGLE", "underlyingPrice": dollars(price),
                "callExpDateMap": calls, "putExpDateMap": puts })
    }

    /// The daily bars from the start of the market to `until`; of a day in trouble there are nulls.
    pub(super) fn daily(&self, symbol: &str, until: NaiveDate) -> Value {
        if Instrument::find(symbol).is_none_or(|instrument| instrument.role == Role::Crypto) {
            return error(404);
        }
        let bars = self.market.bars(symbol, until);
        let column = |price: fn(&Bar) -> i64| -> Vec<Value> {
            let cell = |(day, bar): &(NaiveDate, Bar)| match self.trouble.bar_missing(symbol, *day) {
                true => Value::Null,
                false => json!(dollars(price(bar))),
            };
            bars.iter().map(cell).collect()
        };
        let opened = |(day, _): &(NaiveDate, Bar)| Some(self.market.calendar().session(*day)?.open.timestamp());
        let timestamps: Vec<i64> = bars.iter().filter_map(opened).collect();
        let quote = json!({ "open": column(|bar| bar.open), "high": column(|bar| bar.high),
                            "low": column(|bar| bar.low), "close": column(|bar| bar.close) });
        json!({ "chart": { "error": null, "result": [{ "meta": { "symbol": symbol, "dataGranularity": "1d" },
            "timestamp": timestamps, "indicators": { "quote": [quote] } }] } })
    }

    /// The trading day that `now` belongs to: its own, else the one before.
    fn trading_day(&self, now: DateTime<Utc>) -> NaiveDate {
        let (calendar, today) = (self.market.calendar(), eastern_day(now));
        if calendar.is_trading_day(today) {
            today
        } else {
            calendar.previous_trading_day(today)
        }
    }
}

/// What trades as a stock: everything but coins and indexes.
fn stock(symbol: &str) -> Option<&'static Instrument> {
    Instrument::find(symbol).filter(|instrument| !matches!(instrument.role, Role::Crypto | Role::Index))
}

fn listed_contract(contract: &OccSymbol, worth: Worth) -> Value {
    let mark = worth.premium.0;
    json!({ "putCall": contract.option_type.as_str().to_uppercase(), "symbol": contract.to_string(),
            "bid": dollars((mark - CENT).max(0)), "ask": dollars(mark + CENT), "mark": dollars(mark),
            "delta": worth.delta, "strikePrice": contract.strike.dollars() })
}

fn error(status: u64) -> Value {
    json!({ "error": status })
}

fn dollars(micros: i64) -> f64 {
    Micros(micros).dollars()
}
