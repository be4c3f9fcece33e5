//! One symbol's entry of a quotes answer: `{"assetMainType": .., "quote": {"lastPrice": .., "mark": ..}}`.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::number::Number;
use super::{WireError, read};
use crate::market::{candle::Quote, money::Micros, occ::OccSymbol};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    asset_main_type: Option<String>,
    quote: Prices,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Prices {
    last_price: Number,
    mark: Number,
    bid_price: Number,
    ask_price: Number,
    delta: Number,
    underlying_price: Number,
}

/// The quote of `symbol` in its entry, true at `at`; `None` when the entry holds no price.
///
/// A stock is worth its last trade, else its mark, when that is above zero; a contract its mark, else the middle of
/// bid and ask, when that is not below zero.
///
/// # Errors
/// [`WireError`] when the entry is an error or no quote.
pub fn quote(entry: &Value, symbol: &str, at: DateTime<Utc>) -> Result<Option<Quote>, WireError> {
    let entry: Entry = read(entry, "a quote")?;
    let is_option = entry.asset_main_type.as_deref() == Some("OPTION") || symbol.parse::<OccSymbol>().is_ok();
    let prices = entry.quote;
    let price = if is_option {
        let middle = prices.bid_price.middle(prices.ask_price);
        prices.mark.or(middle).price().filter(|price| *price >= Micros::ZERO)
    } else {
        let price = |number: Number| number.price().filter(|price| *price > Micros::ZERO);
        price(prices.last_price).or_else(|| price(prices.mark))
    };
    Ok(price.map(|price| Quote {
        at,
        price,
        delta: prices.delta.rate().filter(|_| is_option),
        underlying_price: prices.underlying_price.price().filter(|_| is_option),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::money::Rate;
    use serde_json::json;

    const CONTRACT: &str = "XYZ   260116C00100000";

    fn read(entry: &Value, symbol: &str) -> Option<Quote> {
        quote(entry, symbol, DateTime::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn a_stock_is_worth_its_last_trade() {
        let entry = json!({ "assetMainType": "EQUITY", "symbol": "XYZ", "fundamental": { "eps": 6.5 },
            "quote": { "lastPrice": 101.25, "mark": 101.5, "bidPrice": 101.2, "52WeekHigh": 140.0 } });
        assert_eq!(read(&entry, "XYZ").unwrap().price, Micros(101_250_000));
        let closed = json!({ "quote": { "lastPrice": 0.0, "mark": 101.5 } });
        assert_eq!(read(&closed, "XYZ").unwrap().price, Micros(101_500_000));
        assert_eq!(read(&json!({ "quote": { "lastPrice": null } }), "XYZ"), None);
    }

    #[test]
    fn a_contract_is_worth_its_mark_else_the_middle() {
        let quoted = json!({ "assetMainType": "OPTION", "quote": {
            "mark": 2.5, "lastPrice": 9.0, "delta": -0.31, "underlyingPrice": 98.7, "volatility": "NaN" } });
        let quoted = read(&quoted, CONTRACT).unwrap();
        assert_eq!((quoted.price, quoted.delta), (Micros(2_500_000), Some(Rate(-310_000))));
        assert_eq!(quoted.underlying_price, Some(Micros(98_700_000)));
        let middle = json!({ "quote": { "bidPrice": 1.0, "askPrice": 1.1, "lastPrice": 9.0, "delta": -999.0 } });
        let middle = read(&middle, CONTRACT).unwrap();
        assert_eq!((middle.price, middle.delta), (Micros(1_050_000), None));
        assert_eq!(read(&json!({ "quote": { "lastPrice": 9.0 } }), CONTRACT), None);
        assert_eq!(
            read(&json!({ "quote": { "mark": 0 } }), CONTRACT).unwrap().price,
            Micros::ZERO
        );
    }

    #[test]
    fn an_error_is_not_a_quote() {
        let of = |entry| quote(&entry, "XYZ", DateTime::UNIX_EPOCH);
        assert_eq!(of(json!({ "error": 503 })), Err(WireError::Refused(503)));
        assert!(matches!(of(json!({ "quotes": 1 })), Err(WireError::Malformed { .. })));
    }
}
