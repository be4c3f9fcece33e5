//! Which contract of a chain to buy: the strike selection that predictions and option positions share.
//!
//! First the expiration, then the strike in it. Of the expirations of the wanted side (call or put) 14 to 21 calendar
//! days away, the one nearest to 17 days is taken, at a tie the later one; eligibility plays no part in that choice,
//! and no other expiration is tried after it. In it a contract is eligible when its delta lies in the band, bounds
//! included (calls +0.15..=+0.50, puts the mirror image), and its premium is known and above zero. The delta nearest
//! to 0.30 wins, at a tie the strike nearer the money.
//!
//! Pure: the callers fetch the chain, and turn [`NoStrike`] into a warning (predictions) or a log line (positions).

use std::{cmp::Reverse, collections::BTreeSet};

use chrono::NaiveDate;

use super::{
    money::{CONTRACT_SHARES, Micros, Rate},
    option::{Contract, OptionType},
};

/// Where to look in a chain, and how much a prediction pretends to spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrikeRules {
    /// Nearest expiration, in calendar days from today.
    pub min_dte: i64,
    /// Farthest expiration, in calendar days from today.
    pub max_dte: i64,
    /// The best distance of the expiration, in calendar days.
    pub target_dte: i64,
    /// Smallest absolute delta, included.
    pub min_delta: Rate,
    /// Largest absolute delta, included.
    pub max_delta: Rate,
    /// The best absolute delta.
    pub target_delta: Rate,
    /// What the contracts of one prediction may cost together, unless a single one costs more.
    pub prediction_budget: Micros,
}

impl Default for StrikeRules {
    fn default() -> Self {
        Self {
            min_dte: 14,
            max_dte: 21,
            target_dte: 17,
            min_delta: Rate::percent(15),
            max_delta: Rate::percent(50),
            target_delta: Rate::percent(30),
            prediction_budget: Micros::from_dollars(2000),
        }
    }
}

/// The contract to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strike {
    /// OCC symbol.
    pub contract_symbol: String,
    /// Strike price.
    pub strike: Micros,
    /// Last day.
    pub expiration: NaiveDate,
    /// Its delta: positive for calls, negative for puts.
    pub delta: Rate,
    /// Premium per share, above zero.
    pub mark: Micros,
}

/// No contract of the chain will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no strike in {expirations_checked} expirations")]
pub struct NoStrike {
    /// Distinct expirations of the wanted side that lay in the window of days; 0 for an empty chain.
    pub expirations_checked: usize,
}

/// The contract of the chain to buy on `today`, an Eastern day.
///
/// Without the price of the underlying, a tie of deltas goes to the larger absolute delta, which is the strike nearer
/// the money; what is still tied goes to the lower strike, then to the first symbol.
pub fn select_strike(
    contracts: &[Contract],
    option_type: OptionType,
    today: NaiveDate,
    underlying_price: Option<Micros>,
    rules: &StrikeRules,
) -> Result<Strike, NoStrike> {
    let side = contracts.iter().filter(|contract| contract.option_type == option_type);
    let expirations: BTreeSet<_> = side
        .clone()
        .map(|contract| contract.expiration)
        .filter(|day| (rules.min_dte..=rules.max_dte).contains(&dte(today, *day)))
        .collect();
    let none = NoStrike {
        expirations_checked: expirations.len(),
    };
    let expiration = expirations
        .into_iter()
        .min_by_key(|day| ((dte(today, *day) - rules.target_dte).abs(), Reverse(*day)))
        .ok_or(none)?;
    side.filter(|contract| contract.expiration == expiration)
        .filter_map(|contract| eligible(contract, rules))
        .min_by(|a, b| preference(a, underlying_price, rules).cmp(&preference(b, underlying_price, rules)))
        .ok_or(none)
}

/// Calendar days from `today` to an expiration; negative when it has passed.
#[must_use]
pub fn dte(today: NaiveDate, expiration: NaiveDate) -> i64 {
    (expiration - today).num_days()
}

/// Contracts that a prediction of this entry premium tracks: what its budget buys, at least one.
#[must_use]
pub fn prediction_contracts(entry_premium: Micros, rules: &StrikeRules) -> i64 {
    rules.prediction_budget.buys(entry_premium * CONTRACT_SHARES).max(1)
}

/// The contract as a strike, if it has a premium and a delta of its side within the band.
fn eligible(contract: &Contract, rules: &StrikeRules) -> Option<Strike> {
    let delta = contract.delta?;
    let mark = contract.mark.filter(|mark| *mark > Micros::ZERO)?;
    let towards = match contract.option_type {
        OptionType::Call => delta,
        OptionType::Put => -delta,
    };
    (rules.min_delta..=rules.max_delta).contains(&towards).then(|| Strike {
        contract_symbol: contract.symbol.clone(),
        strike: contract.strike,
        expiration: contract.expiration,
        delta,
        mark,
    })
}

/// Smaller is better: distance from the best delta, distance from the money, and what makes the choice unique.
fn preference<'a>(
    strike: &'a Strike,
    underlying_price: Option<Micros>,
    rules: &StrikeRules,
) -> (Rate, i64, Reverse<Rate>, Micros, &'a str) {
    let from_target = (strike.delta.abs() - rules.target_delta).abs();
    let from_money = underlying_price.map_or(0, |price| (strike.strike - price).0.abs());
    (
        from_target,
        from_money,
        Reverse(strike.delta.abs()),
        strike.strike,
        &strike.contract_symbol,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use OptionType::{Call, Put};

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, 2).unwrap()
    }

    fn contract(option_type: OptionType, dte: i64, strike: i64, delta: &str) -> Contract {
        Contract {
            symbol: format!("{}{dte}-{strike}", option_type.as_str()),
            option_type,
            expiration: today() + chrono::Duration::days(dte),
            strike: Micros::from_dollars(strike),
            delta: delta.parse().ok(),
            mark: Some(Micros::from_dollars(2)),
        }
    }

    fn pick(contracts: &[Contract], option_type: OptionType) -> Result<String, usize> {
        let money = Some(Micros::from_dollars(100));
        select_strike(contracts, option_type, today(), money, &StrikeRules::default())
            .map(|strike| strike.contract_symbol)
            .map_err(|none| none.expirations_checked)
    }

    #[test]
    fn expirations_count_from_fourteen_to_twenty_one_days() {
        for (dte, found) in [(13, false), (14, true), (21, true), (22, false)] {
            let chain = [contract(Call, dte, 100, "0.30")];
            assert_eq!(pick(&chain, Call).is_ok(), found, "{dte}");
        }
    }

    #[test]
    fn the_expiration_nearest_to_seventeen_days_wins_and_at_a_tie_the_later() {
        let of = |days: &[i64]| -> Vec<_> { days.iter().map(|dte| contract(Call, *dte, 100, "0.30")).collect() };
        assert_eq!(pick(&of(&[14, 17, 21]), Call), Ok("call17-100".to_owned()));
        assert_eq!(pick(&of(&[16, 18]), Call), Ok("call18-100".to_owned()));
        assert_eq!(pick(&of(&[18, 16]), Call), Ok("call18-100".to_owned()));
        assert_eq!(pick(&of(&[15, 20]), Call), Ok("call15-100".to_owned()));
    }

    #[test]
    fn deltas_count_within_their_band_bounds_included() {
        for (delta, found) in [("0.149999", false), ("0.15", true), ("0.50", true), ("0.500001", false)] {
            assert_eq!(pick(&[contract(Call, 17, 100, delta)], Call).is_ok(), found, "{delta}");
            let put = contract(Put, 17, 100, &format!("-{delta}"));
            assert_eq!(pick(&[put], Put).is_ok(), found, "-{delta}");
        }
        assert_eq!(
            pick(&[contract(Put, 17, 100, "0.30")], Put),
            Err(1),
            "a put with a call's delta"
        );
    }

    #[test]
    fn the_delta_nearest_to_thirty_hundredths_wins() {
        let chain = [
            contract(Call, 17, 100, "0.45"),
            contract(Call, 17, 110, "0.28"),
            contract(Call, 17, 120, "0.20"),
        ];
        assert_eq!(pick(&chain, Call), Ok("call17-110".to_owned()));
        let chain = [contract(Put, 17, 90, "-0.31"), contract(Put, 17, 85, "-0.27")];
        assert_eq!(pick(&chain, Put), Ok("put17-90".to_owned()));
    }

    #[test]
    fn a_tie_of_deltas_goes_to_the_strike_nearer_the_money() {
        let chain = [contract(Call, 17, 110, "0.25"), contract(Call, 17, 105, "0.35")];
        assert_eq!(pick(&chain, Call), Ok("call17-105".to_owned()));
        let blind = select_strike(&chain, Call, today(), None, &StrikeRules::default()).unwrap();
        assert_eq!(blind.contract_symbol, "call17-105");
        let chain = [contract(Put, 17, 95, "-0.25"), contract(Put, 17, 90, "-0.35")];
        assert_eq!(pick(&chain, Put), Ok("put17-95".to_owned()));
    }

    #[test]
    fn a_contract_without_a_delta_or_a_premium_is_no_choice() {
        let good = contract(Call, 17, 110, "0.40");
        let spoiled = [
            Contract {
                delta: None,
                ..contract(Call, 17, 100, "0.30")
            },
            Contract {
                mark: None,
                ..contract(Call, 17, 101, "0.30")
            },
            Contract {
                mark: Some(Micros::ZERO),
                ..contract(Call, 17, 102, "0.30")
            },
            Contract {
                mark: Some(Micros(-1)),
                ..contract(Call, 17, 103, "0.30")
            },
        ];
        assert_eq!(pick(&spoiled, Call), Err(1));
        let mut chain = spoiled.to_vec();
        chain.push(good);
        assert_eq!(pick(&chain, Call), Ok("call17-110".to_owned()));
    }

    #[test]
    fn no_other_expiration_is_tried_when_the_chosen_one_has_nothing() {
        let chain = [contract(Call, 17, 100, "0.90"), contract(Call, 20, 100, "0.30")];
        assert_eq!(pick(&chain, Call), Err(2));
    }

    #[test]
    fn the_other_side_of_the_chain_is_neither_chosen_nor_counted() {
        let chain = [contract(Put, 17, 100, "-0.30"), contract(Call, 20, 100, "0.30")];
        assert_eq!(pick(&chain, Call), Ok("call20-100".to_owned()));
        assert_eq!(pick(&chain[..1], Call), Err(0));
        assert_eq!(pick(&[], Put), Err(0));
    }

    #[test]
    fn a_prediction_tracks_what_two_thousand_dollars_buy_and_at_least_one_contract() {
        for (premium, contracts) in [(2.0, 10), (3.0, 6), (20.0, 1), (20.01, 1), (55.0, 1)] {
            let premium = Micros::from_number(premium).unwrap();
            assert_eq!(prediction_contracts(premium, &StrikeRules::default()), contracts);
        }
    }

    proptest! {
        #[test]
        fn what_is_chosen_is_eligible_and_the_order_of_the_chain_does_not_matter(
            rows in proptest::collection::vec((any::<bool>(), 10_i64..25, 80_i64..120, -600_000_i64..600_000), 0..40)
        ) {
            let mut chain: Vec<_> = rows.iter().map(|(call, dte, strike, delta)| Contract {
                delta: Some(Rate(*delta)),
                ..contract(if *call { Call } else { Put }, *dte, *strike, "0")
            }).collect();
            let there = pick(&chain, Call);
            chain.reverse();
            prop_assert_eq!(pick(&chain, Call).is_ok(), there.is_ok());
            if let Ok(strike) = select_strike(&chain, Call, today(), None, &StrikeRules::default()) {
                prop_assert!((14..=21).contains(&dte(today(), strike.expiration)));
                prop_assert!((Rate::percent(15)..=Rate::percent(50)).contains(&strike.delta));
            }
        }
    }
}
