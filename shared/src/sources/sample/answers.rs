//! What the sample's market answers, in the wire formats of the services it stands for.
//!
//! The sample's sources read these documents with the parsers of [`crate::sources::wire`], and a recording of the
//! sample writes them into files, so that both say the same. Planted trouble is part of them: an outage is
//! `{"error": 503}`, and what nobody trades `{"error": 404}`. A document of a day holds the whole day; what of it is
//! visible at an instant is for the source to say.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};

use super::candles::Candle;
use super::dips::Dips;
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
    dips: Dips,
}

/// An underlying at an instant.
#[derive(Debug, Clone, Copy)]
struct Spot {
    instrument: &'static Instrument,
    /// Micro-dollars.
    price: i64,
    /// Whether its contracts have no quotes.
    options_out: bool,
}

impl Answers {
    /// The answers of the market of `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            market: Market::new(seed),
            trouble: Trouble::new(seed),
            dips: Dips::new(seed),
        }
    }

    /// The prices behind it.
    pub(super) const fn market(&self) -> &Market {
        &self.market
    }

    /// The instant whose prices are known at `now`: `now` itself while the exchange is open, else its last close.
    pub(super) fn priced_at(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let calendar = self.market.calendar();
        let today = eastern_day(now);
        let begun = calendar.session(today).filter(|session| session.open <= now);
        let session = begun.or_else(|| calendar.session(calendar.previous_trading_day(today)));
        session.map_or(now, |session| now.min(session.close))
    }

    /// The entries of stocks and contracts in the quotes at `now`, each with its symbol.
    pub(super) fn quotes<'a>(
        &self,
        symbols: impl Iterator<Item = &'a str>,
        now: DateTime<Utc>,
    ) -> Vec<(&'a str, Value)> {
        // A price is walked to from the start of the market: once for all contracts of an underlying.
        let (mut spots, at) = (HashMap::new(), self.priced_at(now));
        let mut spot = |symbol: &str| {
            let instrument = Instrument::find(symbol)?;
            *spots
                .entry(instrument.symbol)
                .or_insert_with(|| self.spot(instrument, at))
        };
        let entry = |symbol: &'a str| {
            let entry = match symbol.parse::<OccSymbol>() {
                // Nobody quotes what has expired, not even at its last price.
                Ok(contract) if contract.expiration < eastern_day(now) => None,
                Ok(contract) => spot(&contract.root).map(|spot| self.option_quote(symbol, &contract, spot, at)),
                Err(_) => spot(symbol).map(|spot| self.stock_quote(spot, at)),
            };
            (symbol, entry.unwrap_or_else(|| error(404)))
        };
        symbols.map(entry).collect()
    }

    fn spot(&self, instrument: &'static Instrument, at: DateTime<Utc>) -> Option<Spot> {
        Some(Spot {
            instrument,
            price: self.market.price(instrument.symbol, at)?,
            options_out: self.trouble.options_out(instrument.symbol, eastern_day(at)),
        })
    }

    fn stock_quote(&self, spot: Spot, at: DateTime<Utc>) -> Value {
        let (symbol, price) = (spot.instrument.symbol, spot.price);
        if !is_stock(spot.instrument) {
            return error(404);
        }
        if self.trouble.stock_out(symbol, eastern_day(at)) {
            return error(503);
        }
        let time = at.timestamp_millis();
        json!({ "assetMainType": "EQUITY", "symbol": symbol, "realtime": false, "quote": {
            "lastPrice": dollars(price), "mark": dollars(price),
            "bidPrice": dollars(price - CENT), "askPrice": dollars(price + CENT),
            "quoteTime": time, "tradeTime": time, "securityStatus": "Synthetic" } })
    }

    fn option_quote(&self, symbol: &str, contract: &OccSymbol, spot: Spot, at: DateTime<Utc>) -> Value {
        let calendar = self.market.calendar();
        let Some(worth) = listing::worth(calendar, spot.instrument, contract, spot.price, at) else {
            return error(404);
        };
        if spot.options_out {
            return error(503);
        }
        let mark = worth.premium.0;
        json!({ "assetMainType": "OPTION", "symbol": symbol, "realtime": false, "quote": {
            "mark": dollars(mark), "bidPrice": dollars((mark - CENT).max(0)), "askPrice": dollars(mark + CENT),
            "lastPrice": dollars(mark), "delta": worth.delta, "underlyingPrice": dollars(spot.price),
            "quoteTime": at.timestamp_millis(), "securityStatus": "Synthetic" } })
    }

    /// The five-minute candles of a whole trading day.
    pub(super) fn history(&self, symbol: &str, day: NaiveDate) -> Value {
        if !Instrument::find(symbol).is_some_and(is_stock) {
            return error(404);
        }
        if self.trouble.stock_out(symbol, day) {
            return error(503);
        }
        let candles = if self.trouble.candles_missing(symbol, day) {
            Vec::new()
        } else {
            self.candles(symbol, day)
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

    fn candles(&self, symbol: &str, day: NaiveDate) -> Vec<Candle> {
        let mut candles = self.market.candles(symbol, day);
        if let Some(dip) = self.dips.on(&self.market, symbol, day) {
            let touched = candles
                .iter_mut()
                .filter(|candle| (candle.start..candle.end()).contains(&dip.at));
            touched.for_each(|candle| candle.low = candle.low.min(dip.low));
        }
        candles
    }

    /// The contracts listed on an underlying at `now`.
    pub(super) fn chain(&self, symbol: &str, now: DateTime<Utc>) -> Value {
        let listed = Instrument::find(symbol).filter(|instrument| instrument.has_options());
        let at = self.priced_at(now);
        let Some((instrument, price)) = listed.zip(self.market.price(symbol, at)) else {
            return error(404);
        };
        let today = eastern_day(at);
        if self.trouble.chain_out(symbol, today) {
            return error(503);
        }
        let (mut calls, mut puts) = (Map::new(), Map::new());
        for contract in listing::contracts(self.market.calendar(), instrument, price, today) {
            let Some(worth) = listing::worth(self.market.calendar(), instrument, &contract, price, at) else {
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

    /// The daily bars from `from` to `until`; of a day in trouble there are nulls.
    pub(super) fn daily(&self, symbol: &str, from: NaiveDate, until: NaiveDate) -> Value {
        let Some(instrument) = Instrument::find(symbol).filter(|instrument| instrument.role != Role::Crypto) else {
            return error(404);
        };
        let mut bars = self.market.bars(symbol, until);
        bars.retain(|(day, _)| *day >= from);
        let rows: Vec<Option<Bar>> = bars
            .iter()
            .map(|(day, bar)| (!self.trouble.bar_missing(symbol, *day)).then(|| self.dipped(instrument, *day, *bar)))
            .collect();
        let column = |price: fn(&Bar) -> i64| -> Vec<Option<f64>> {
            rows.iter().map(|bar| Some(dollars(price(bar.as_ref()?)))).collect()
        };
        let opened = |(day, _): &(NaiveDate, Bar)| Some(self.market.calendar().session(*day)?.open.timestamp());
        let timestamps: Vec<i64> = bars.iter().filter_map(opened).collect();
        let quote = json!({ "open": column(|bar| bar.open), "high": column(|bar| bar.high),
                            "low": column(|bar| bar.low), "close": column(|bar| bar.close) });
        json!({ "chart": { "error": null, "result": [{ "meta": { "symbol": symbol, "dataGranularity": "1d" },
            "timestamp": timestamps, "indicators": { "quote": [quote] } }] } })
    }

    fn dipped(&self, instrument: &Instrument, day: NaiveDate, bar: Bar) -> Bar {
        let dip = is_stock(instrument).then(|| self.dips.on(&self.market, instrument.symbol, day));
        let low = dip.flatten().map_or(bar.low, |dip| bar.low.min(dip.low));
        Bar { low, ..bar }
    }
}

/// Whether it trades as a stock: everything but coins and indexes.
const fn is_stock(instrument: &Instrument) -> bool {
    !matches!(instrument.role, Role::Crypto | Role::Index)
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
