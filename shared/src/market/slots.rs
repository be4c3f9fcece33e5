//! Whether a portfolio opens a position: its ten slots, the replacement of the weakest holding, the cash guard.
//!
//! The checks come in this order. A free slot: cash, then units. No free slot: the lowest-confidence holding (at a
//! tie the oldest, then the smallest key) gives way only to a confidence more than 0.1 above its own, only while its
//! price is known, and only if it has not gained more than 5%; then the new leg must come to a unit at least, and cash
//! with the proceeds of the holding must reach its size. Whatever is accepted costs no more than its size, and the
//! size is there, so cash never falls below zero.
//!
//! Pure: the positions phase fetches prices before it asks, and books the answer in one transaction.

use chrono::{DateTime, Utc};

use super::{
    instrument::InstrumentType,
    money::{Micros, Rate},
    signal::EPSILON,
    sizing,
};

/// Limits of a portfolio.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotRules {
    /// Most positions open at a time.
    pub max_open: usize,
    /// A replacement's confidence must exceed the holding's by more than this.
    pub replace_margin: f64,
    /// A holding that has gained more than this part of its entry price is not replaced.
    pub replace_max_gain: Rate,
}

impl Default for SlotRules {
    fn default() -> Self {
        Self {
            max_open: 10,
            replace_margin: 0.1,
            replace_max_gain: Rate::percent(5),
        }
    }
}

/// An open position as the slots see it.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenPosition {
    /// Key of the position.
    pub id: i64,
    /// Confidence of the signal that opened it.
    pub confidence: f64,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// What a share, or a share of the contract, cost.
    pub entry_price: Micros,
    /// What it costs now; `None` when nobody knows.
    pub current_price: Option<Micros>,
    /// Units still held.
    pub remaining: i64,
}

/// The portfolio that is asked.
#[derive(Debug, Clone, Copy)]
pub struct Portfolio<'a> {
    /// What it trades.
    pub instrument: InstrumentType,
    /// Cash it can spend.
    pub cash: Micros,
    /// Its open positions, in any order.
    pub open: &'a [OpenPosition],
}

/// The position that a signal asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Confidence of the signal.
    pub confidence: f64,
    /// Price per share, or premium per share of the contract.
    pub price: Micros,
    /// Money it deserves, see [`sizing::position_size`].
    pub size: Micros,
}

/// What to do with a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// Buy, into a free slot.
    Open(Purchase),
    /// Sell all that remains of a holding at its current price, then buy.
    Replace {
        /// Key of the holding that gives way.
        position: i64,
        /// Its current price, the exit price.
        price: Micros,
        /// Units to sell: all that remain.
        units: i64,
        /// What to buy then.
        purchase: Purchase,
    },
    /// The cash does not reach the size, a replacement's proceeds counted in.
    InsufficientCash {
        /// The size.
        needed: Micros,
        /// What there is.
        available: Micros,
    },
    /// Not opened; a log line, no warning.
    Rejected(Rejection),
}

/// Units and what they cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purchase {
    /// Shares or contracts, above zero.
    pub units: i64,
    /// What they cost in fact: what cash loses, and the size of the position.
    pub cost: Micros,
}

/// Why a candidate is turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// All slots are taken and the weakest holding is not weaker by the margin.
    NotSurer,
    /// The weakest holding cannot be priced and stays.
    HoldingUnpriced,
    /// The weakest holding has gained too much to be given up.
    HoldingGains,
    /// The size does not buy a single unit, or there is no price above zero.
    NoUnits,
}

impl Rejection {
    /// Words for the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSurer => "no slot is free and no holding is weak enough",
            Self::HoldingUnpriced => "the weakest holding has no price",
            Self::HoldingGains => "the weakest holding gains too much to be replaced",
            Self::NoUnits => "the size buys no unit",
        }
    }
}

/// Decides on one candidate; see the module for the order of the checks.
#[must_use]
pub fn decide_opening(portfolio: Portfolio<'_>, candidate: Candidate, rules: &SlotRules) -> Opening {
    if portfolio.open.len() < rules.max_open {
        return open(portfolio, candidate);
    }
    match weakest(portfolio.open) {
        Some(holding) => replace(portfolio, holding, candidate, rules),
        None => Opening::Rejected(Rejection::NotSurer),
    }
}

fn open(portfolio: Portfolio<'_>, candidate: Candidate) -> Opening {
    if let Some(blocked) = cash_guard(candidate, portfolio.cash) {
        return blocked;
    }
    purchase(portfolio.instrument, candidate).map_or(Opening::Rejected(Rejection::NoUnits), Opening::Open)
}

fn replace(portfolio: Portfolio<'_>, holding: &OpenPosition, candidate: Candidate, rules: &SlotRules) -> Opening {
    if candidate.confidence <= holding.confidence + rules.replace_margin + EPSILON {
        return Opening::Rejected(Rejection::NotSurer);
    }
    let Some(price) = holding.current_price else {
        return Opening::Rejected(Rejection::HoldingUnpriced);
    };
    if price.gained_more_than(holding.entry_price, rules.replace_max_gain) {
        return Opening::Rejected(Rejection::HoldingGains);
    }
    let Some(purchase) = purchase(portfolio.instrument, candidate) else {
        return Opening::Rejected(Rejection::NoUnits);
    };
    let proceeds = portfolio.instrument.worth(price, holding.remaining);
    cash_guard(candidate, portfolio.cash + proceeds).unwrap_or(Opening::Replace {
        position: holding.id,
        price,
        units: holding.remaining,
        purchase,
    })
}

/// The holding with the lowest confidence; at a tie the one opened first, then the smallest key.
#[must_use]
pub fn weakest(open: &[OpenPosition]) -> Option<&OpenPosition> {
    open.iter().min_by(|a, b| {
        a.confidence
            .total_cmp(&b.confidence)
            .then_with(|| (a.opened_at, a.id).cmp(&(b.opened_at, b.id)))
    })
}

fn cash_guard(candidate: Candidate, available: Micros) -> Option<Opening> {
    (available < candidate.size).then_some(Opening::InsufficientCash {
        needed: candidate.size,
        available,
    })
}

/// The units that the candidate's size buys; `None` when not one.
fn purchase(instrument: InstrumentType, candidate: Candidate) -> Option<Purchase> {
    let units = sizing::units(instrument, candidate.size, candidate.price);
    (units > 0).then(|| Purchase {
        units,
        cost: instrument.worth(candidate.price, units),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use InstrumentType::{Option as Contracts, Stock};

    fn at(minute: u32) -> DateTime<Utc> {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        day.and_hms_opt(15, minute, 0).unwrap().and_utc()
    }

    fn holding(id: i64, confidence: f64) -> OpenPosition {
        OpenPosition {
            id,
            confidence,
            opened_at: at(0),
            entry_price: Micros::from_dollars(100),
            current_price: Some(Micros::from_dollars(100)),
            remaining: 10,
        }
    }

    fn full() -> Vec<OpenPosition> {
        (1..=10)
            .map(|id| holding(id, if id == 4 { 0.6 } else { 0.8 }))
            .collect()
    }

    fn ask(open: &[OpenPosition], cash: i64, confidence: f64) -> Opening {
        let candidate = Candidate {
            confidence,
            price: Micros::from_dollars(30),
            size: Micros::from_dollars(2500),
        };
        asked(open, cash, candidate)
    }

    fn asked(open: &[OpenPosition], cash: i64, candidate: Candidate) -> Opening {
        let portfolio = Portfolio {
            instrument: Stock,
            cash: Micros::from_dollars(cash),
            open,
        };
        decide_opening(portfolio, candidate, &SlotRules::default())
    }

    fn replaced(opening: &Opening) -> Option<i64> {
        match opening {
            Opening::Replace { position, .. } => Some(*position),
            _ => None,
        }
    }

    const BOUGHT: Purchase = Purchase {
        units: 83,
        cost: Micros::from_dollars(2490),
    };

    #[test]
    fn a_free_slot_is_filled_at_actual_cost() {
        assert_eq!(ask(&full()[..9], 2500, 0.5), Opening::Open(BOUGHT));
    }

    #[test]
    fn cash_below_the_size_blocks_even_if_the_cost_would_fit() {
        let (needed, available) = (Micros::from_dollars(2500), Micros::from_dollars(2499));
        assert_eq!(ask(&[], 2499, 0.9), Opening::InsufficientCash { needed, available });
    }

    #[test]
    fn a_size_that_buys_nothing_is_rejected_after_the_cash_guard() {
        let dear = Candidate {
            confidence: 0.9,
            price: Micros::from_dollars(2501),
            size: Micros::from_dollars(2500),
        };
        assert_eq!(asked(&[], 9000, dear), Opening::Rejected(Rejection::NoUnits));
        assert!(matches!(asked(&[], 10, dear), Opening::InsufficientCash { .. }));
        let free = Candidate {
            price: Micros::ZERO,
            ..dear
        };
        assert_eq!(asked(&[], 9000, free), Opening::Rejected(Rejection::NoUnits));
        assert_eq!(asked(&full(), 9000, dear), Opening::Rejected(Rejection::NoUnits));
    }

    #[test]
    fn a_contract_that_exceeds_the_size_is_not_bought() {
        let portfolio = Portfolio {
            instrument: Contracts,
            cash: Micros::from_dollars(9000),
            open: &[],
        };
        let candidate = Candidate {
            confidence: 0.9,
            price: Micros::from_dollars(21),
            size: Micros::from_dollars(2000),
        };
        let opening = decide_opening(portfolio, candidate, &SlotRules::default());
        assert_eq!(opening, Opening::Rejected(Rejection::NoUnits));
    }

    #[test]
    fn the_weakest_of_ten_gives_way_with_all_that_remains() {
        let expected = Opening::Replace {
            position: 4,
            price: Micros::from_dollars(100),
            units: 10,
            purchase: BOUGHT,
        };
        assert_eq!(ask(&full(), 1500, 0.71), expected);
    }

    #[test]
    fn the_margin_must_be_exceeded() {
        assert_eq!(ask(&full(), 9000, 0.7), Opening::Rejected(Rejection::NotSurer));
        let noisy = 0.6 + 0.1; // 0.7 or a hair above
        assert_eq!(
            ask(&full(), 9000, noisy + 5e-10),
            Opening::Rejected(Rejection::NotSurer)
        );
        assert_eq!(replaced(&ask(&full(), 9000, 0.7001)), Some(4));
    }

    #[test]
    fn a_tie_goes_to_the_oldest_then_to_the_smallest_key() {
        let mut open = full();
        open[6].confidence = 0.6;
        assert_eq!(replaced(&ask(&open, 9000, 0.9)), Some(4));
        open[3].opened_at = at(1);
        assert_eq!(replaced(&ask(&open, 9000, 0.9)), Some(7));
    }

    #[test]
    fn a_gain_above_five_percent_protects_and_exactly_five_does_not() {
        let mut open = full();
        open[3].current_price = Some(Micros::from_dollars(105));
        assert_eq!(replaced(&ask(&open, 9000, 0.9)), Some(4));
        open[3].current_price = Some(Micros::from_dollars(105) + Micros(1));
        assert_eq!(ask(&open, 9000, 0.9), Opening::Rejected(Rejection::HoldingGains));
    }

    #[test]
    fn a_holding_without_a_price_stays_and_no_other_is_tried() {
        let mut open = full();
        open[3].current_price = None;
        assert_eq!(ask(&open, 9000, 0.95), Opening::Rejected(Rejection::HoldingUnpriced));
    }

    #[test]
    fn a_replacement_may_spend_its_proceeds_and_no_more() {
        assert_eq!(replaced(&ask(&full(), 1500, 0.9)), Some(4));
        let (needed, available) = (Micros::from_dollars(2500), Micros::from_dollars(2499));
        assert_eq!(ask(&full(), 1499, 0.9), Opening::InsufficientCash { needed, available });
    }
}
