//! An option chain: `{"callExpDateMap": {"2026-01-16:11": {"100.0": [contract]}}, "putExpDateMap": {..}}`.
//!
//! The documentation names `bidPrice`, `askPrice`, `lastPrice` and `markPrice`, payloads say `bid`, `ask`, `last` and
//! `mark`; both are read. What a contract does not say itself follows from where it stands in the maps.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::number::Number;
use super::{WireError, malformed, read};
use crate::market::{
    money::Micros,
    occ::OccSymbol,
    option::{Chain, Contract, OptionType},
};

/// What a chain is called in errors.
const WHAT: &str = "a chain";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(default)]
    symbol: Option<String>,
    #[serde(default)]
    underlying_price: Number,
    #[serde(default)]
    underlying: Option<Underlying>,
    #[serde(default)]
    call_exp_date_map: Option<Map<String, Value>>,
    #[serde(default)]
    put_exp_date_map: Option<Map<String, Value>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Underlying {
    last: Number,
    mark: Number,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Listed {
    symbol: Option<String>,
    strike_price: Number,
    delta: Number,
    mark: Number,
    mark_price: Number,
    bid: Number,
    bid_price: Number,
    ask: Number,
    ask_price: Number,
}

/// The chain of a document, true at `at`, with every contract in it.
///
/// # Errors
/// [`WireError`] when the document is an error or no chain.
pub fn chain(document: &Value, at: DateTime<Utc>) -> Result<Chain, WireError> {
    let document: Document = read(document, WHAT)?;
    if document.call_exp_date_map.is_none() && document.put_exp_date_map.is_none() {
        return Err(malformed(WHAT, &"neither calls nor puts"));
    }
    let underlying = document.underlying.unwrap_or_default();
    let price = document.underlying_price.or(underlying.mark).or(underlying.last);
    let root = document.symbol.unwrap_or_default();
    let mut contracts = Vec::new();
    for (side, map) in [
        (OptionType::Call, &document.call_exp_date_map),
        (OptionType::Put, &document.put_exp_date_map),
    ] {
        for (key, strikes) in map.iter().flatten() {
            expiration(&root, side, key, strikes, &mut contracts)?;
        }
    }
    Ok(Chain {
        at,
        underlying_price: price.price().filter(|price| *price > Micros::ZERO),
        contracts,
    })
}

/// The contracts of one expiration, by strike.
fn expiration(
    root: &str,
    side: OptionType,
    key: &str,
    strikes: &Value,
    contracts: &mut Vec<Contract>,
) -> Result<(), WireError> {
    let (date, _) = key.split_once(':').unwrap_or((key, ""));
    let date: NaiveDate = date
        .parse()
        .map_err(|_| malformed(WHAT, &format!("expiration {key}")))?;
    let strikes = strikes.as_object().into_iter().flatten();
    for (strike, listed) in strikes {
        for listed in listed.as_array().into_iter().flatten() {
            let listed = Listed::deserialize(listed).map_err(|error| malformed(WHAT, &error))?;
            let contract = listed.contract(root, side, date, strike);
            contracts.push(contract.ok_or_else(|| malformed(WHAT, &format!("strike {strike} of {key}")))?);
        }
    }
    Ok(())
}

impl Listed {
    /// `None` when nothing says the strike.
    fn contract(self, root: &str, option_type: OptionType, expiration: NaiveDate, strike: &str) -> Option<Contract> {
        let written = strike.parse().ok().and_then(Micros::from_number);
        let strike = self.strike_price.price().or(written)?;
        let middle = self.bid.or(self.bid_price).middle(self.ask.or(self.ask_price));
        Some(Contract {
            symbol: self.symbol.unwrap_or_else(|| {
                let root = root.to_owned();
                OccSymbol {
                    root,
                    expiration,
                    option_type,
                    strike,
                }
                .to_string()
            }),
            option_type,
            expiration,
            strike,
            delta: self.delta.rate(),
            mark: self.mark.or(self.mark_price).or(middle).price(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::money::Rate;
    use serde_json::json;

    fn parse(document: &Value) -> Chain {
        chain(document, DateTime::UNIX_EPOCH).unwrap()
    }

    fn one(contract: &Value) -> Contract {
        let document = json!({ "symbol": "XYZ", "putExpDateMap": { "2026-01-16:11": { "100.0": [contract] } } });
        parse(&document).contracts.remove(0)
    }

    #[test]
    fn every_contract_of_a_chain_comes_out_in_its_order() {
        let listed = |symbol: &str, strike: f64| {
            json!([{ "putCall": "CALL", "symbol": symbol, "bid": 1.0, "ask": 1.5, "mark": 1.3, "delta": 0.4,
                     "strikePrice": strike, "theta": -0.1, "volatility": "NaN", "optionDeliverablesList": [{}] }])
        };
        let document = json!({
            "symbol": "XYZ", "status": "SUCCESS", "underlyingPrice": 99.5, "numberOfContracts": 4,
            "callExpDateMap": {
                "2026-01-16:11": { "5.0": listed("XYZ   260116C00005000", 5.0), "10.0": listed("XYZ   260116C00010000", 10.0) },
                "2026-01-23:18": { "5.0": listed("XYZ   260123C00005000", 5.0) } },
            "putExpDateMap": { "2026-01-16:11": { "5.0": listed("XYZ   260116P00005000", 5.0) } } });
        let chain = parse(&document);
        let symbols: Vec<_> = chain
            .contracts
            .iter()
            .map(|contract| contract.symbol.as_str())
            .collect();
        let expected = [
            "XYZ   260116C00005000",
            "XYZ   260116C00010000",
            "XYZ   260123C00005000",
            "XYZ   260116P00005000",
        ];
        assert_eq!(symbols, expected);
        assert_eq!(chain.underlying_price, Some(Micros(99_500_000)));
        let last = &chain.contracts[3];
        assert_eq!(
            (last.option_type, last.strike),
            (OptionType::Put, Micros::from_dollars(5))
        );
        assert_eq!((last.mark, last.delta), (Some(Micros(1_300_000)), Some(Rate(400_000))));
    }

    #[test]
    fn both_spellings_of_prices_are_read() {
        assert_eq!(
            one(&json!({ "markPrice": 2.5, "bidPrice": 1, "askPrice": 2 })).mark,
            Some(Micros(2_500_000))
        );
        assert_eq!(
            one(&json!({ "bidPrice": 1, "askPrice": 2 })).mark,
            Some(Micros(1_500_000))
        );
        assert_eq!(
            one(&json!({ "bid": 1, "ask": 2, "bidPrice": 8, "askPrice": 9 })).mark,
            Some(Micros(1_500_000))
        );
        assert_eq!(one(&json!({ "bid": 1, "last": 7 })).mark, None);
        assert_eq!(
            one(&json!({ "mark": 0.0, "bid": 1, "ask": 2 })).mark,
            Some(Micros::ZERO)
        );
    }

    #[test]
    fn a_delta_that_is_none_does_not_lose_the_contract() {
        for delta in [json!(null), json!("NaN"), json!(-999.0)] {
            assert_eq!(
                one(&json!({ "mark": 1, "delta": delta, "volatility": -999.0 })).delta,
                None
            );
        }
        assert_eq!(one(&json!({ "mark": 1 })).delta, None);
    }

    #[test]
    fn what_a_contract_leaves_out_follows_from_its_place() {
        let contract = one(&json!({ "mark": 1 }));
        assert_eq!(contract.symbol, "XYZ   260116P00100000");
        assert_eq!(
            (contract.strike, contract.expiration.to_string()),
            (Micros::from_dollars(100), "2026-01-16".into())
        );
    }

    #[test]
    fn an_empty_chain_is_a_chain_and_anything_else_is_not() {
        let empty = json!({ "status": "FAILED", "callExpDateMap": {}, "putExpDateMap": {} });
        assert!(parse(&empty).contracts.is_empty());
        let of = |document| chain(&document, DateTime::UNIX_EPOCH);
        assert_eq!(of(json!({ "error": 503 })), Err(WireError::Refused(503)));
        for document in [json!([]), json!({}), json!({ "callExpDateMap": { "soon": {} } })] {
            assert!(matches!(of(document), Err(WireError::Malformed { .. })));
        }
    }
}
