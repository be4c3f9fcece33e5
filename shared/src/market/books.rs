//! The rules together: a portfolio that opens, replaces and exits at random keeps its books.
//!
//! Tests only. A small ledger does with the decisions what the phases do with them in the database.

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use proptest::prelude::*;

use super::{
    accounting::{Valued, current_value, proceeds, realized_pnl},
    candle::Quote,
    exit::{Check, Exit, ExitReason},
    instrument::InstrumentType,
    money::Micros,
    option_exits::check_option,
    option_holding::{OptionExitRules, OptionHolding},
    sizing::{SizingRules, position_size},
    slots::{Candidate, OpenPosition, Opening, Portfolio, Purchase, SlotRules, decide_opening},
    stock_exits::check_stock,
    stock_holding::{StockExitRules, StockHolding},
    timeline::Bar,
};

const CAPITAL: Micros = Micros::from_dollars(100_000);

#[derive(Clone)]
enum Held {
    Stock(StockHolding),
    Option(OptionHolding),
}

#[derive(Clone)]
struct Row {
    id: i64,
    confidence: f64,
    opened_at: DateTime<Utc>,
    entry: Micros,
    last: Micros,
    bought: i64,
    sold: i64,
    held: Held,
}

impl Row {
    const fn remaining(&self) -> i64 {
        match &self.held {
            Held::Stock(held) => held.remaining,
            Held::Option(held) => held.remaining,
        }
    }
}

struct Ledger {
    instrument: InstrumentType,
    cash: Micros,
    costs: Micros,
    proceeds: Micros,
    pnl: Micros,
    rows: Vec<Row>,
}

impl Ledger {
    const fn new(instrument: InstrumentType) -> Self {
        Self {
            instrument,
            cash: CAPITAL,
            costs: Micros::ZERO,
            proceeds: Micros::ZERO,
            pnl: Micros::ZERO,
            rows: Vec::new(),
        }
    }

    fn open(&self) -> Vec<OpenPosition> {
        let open = self.rows.iter().filter(|row| row.remaining() > 0);
        open.map(|row| OpenPosition {
            id: row.id,
            confidence: row.confidence,
            opened_at: row.opened_at,
            entry_price: row.entry,
            current_price: Some(row.last),
            remaining: row.remaining(),
        })
        .collect()
    }

    fn value(&self) -> Micros {
        let valued = self.rows.iter().map(|row| Valued {
            instrument: self.instrument,
            last_price: row.last,
            remaining: row.remaining(),
        });
        current_value(self.cash, valued)
    }

    fn signal(&mut self, confidence: f64, price: Micros, at: DateTime<Utc>) {
        let candidate = Candidate {
            confidence,
            price,
            size: position_size(self.instrument, self.value(), confidence, &SizingRules::default()),
        };
        let open = self.open();
        let portfolio = Portfolio {
            instrument: self.instrument,
            cash: self.cash,
            open: &open,
        };
        match decide_opening(portfolio, candidate, &SlotRules::default()) {
            Opening::Open(purchase) => self.buy(confidence, price, purchase, at),
            Opening::Replace {
                position,
                price: current,
                units,
                purchase,
            } => {
                let index = self.rows.iter().position(|row| row.id == position).unwrap();
                self.book(index, &replaced(current, units, at));
                match &mut self.rows[index].held {
                    Held::Stock(held) => held.remaining -= units,
                    Held::Option(held) => held.remaining -= units,
                }
                self.buy(confidence, price, purchase, at);
            }
            Opening::InsufficientCash { .. } | Opening::Rejected(_) => {}
        }
    }

    fn buy(&mut self, confidence: f64, price: Micros, purchase: Purchase, at: DateTime<Utc>) {
        let (day, units) = (at.date_naive(), purchase.units);
        let held = match self.instrument {
            InstrumentType::Stock => {
                Held::Stock(StockHolding::opened(price, day, at, units, &StockExitRules::default()))
            }
            InstrumentType::Option => Held::Option(OptionHolding::opened(price, day, day + Days::new(17), units)),
        };
        self.cash -= purchase.cost;
        self.costs += purchase.cost;
        self.rows.push(Row {
            id: i64::try_from(self.rows.len()).unwrap() + 1,
            confidence,
            opened_at: at,
            entry: price,
            last: price,
            bought: units,
            sold: 0,
            held,
        });
    }

    /// Every position is checked; its price has moved by `factor` hundredths.
    fn monitor(&mut self, factor: i64, check: Check) {
        for index in 0..self.rows.len() {
            let row = &mut self.rows[index];
            let (from, price) = (row.last, Micros(row.last.0 * factor / 100));
            row.last = price;
            let quote = Quote {
                at: check.now,
                price,
                delta: None,
                underlying_price: None,
            };
            let exits = match &mut row.held {
                Held::Stock(held) => {
                    let bars = [span(from, price, check)];
                    let checked = check_stock(held, &bars, &quote, check, &StockExitRules::default());
                    *held = checked.after;
                    checked.exits
                }
                Held::Option(held) => {
                    let checked = check_option(held, Some(&quote), check, &OptionExitRules::default());
                    *held = checked.after;
                    checked.exits
                }
            };
            for exit in &exits {
                self.book(index, exit);
            }
        }
    }

    fn book(&mut self, index: usize, exit: &Exit) {
        let row = &mut self.rows[index];
        row.sold += exit.units;
        self.pnl += realized_pnl(self.instrument, row.entry, exit);
        self.cash += proceeds(self.instrument, exit);
        self.proceeds += proceeds(self.instrument, exit);
    }
}

fn replaced(price: Micros, units: i64, at: DateTime<Utc>) -> Exit {
    Exit {
        reason: ExitReason::Replaced,
        price,
        units,
        date: at.date_naive(),
        triggered_at: at,
    }
}

/// One bar from one price to another, just before the check.
fn span(from: Micros, to: Micros, check: Check) -> Bar {
    Bar {
        time: check.now - Duration::minutes(5),
        from: check.now - Duration::minutes(5),
        until: check.now,
        open: from,
        high: from.max(to),
        low: from.min(to),
        close: to,
    }
}

fn on_day(day: u64) -> Check {
    let today = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap() + Days::new(day);
    Check {
        today,
        now: today.and_hms_opt(16, 0, 0).unwrap().and_utc(),
    }
}

fn instruments() -> impl Strategy<Value = InstrumentType> {
    prop_oneof![Just(InstrumentType::Stock), Just(InstrumentType::Option)]
}

#[test]
fn a_surer_eleventh_signal_takes_the_slot_of_the_weakest() {
    for instrument in [InstrumentType::Stock, InstrumentType::Option] {
        let mut ledger = Ledger::new(instrument);
        for confidence in [0.7; 9].into_iter().chain([0.5, 0.6, 0.9]) {
            ledger.signal(confidence, Micros::from_dollars(5), on_day(0).now);
        }
        let closed: Vec<_> = ledger.rows.iter().filter(|row| row.remaining() == 0).collect();
        assert_eq!((ledger.rows.len(), closed.len(), closed[0].id), (11, 1, 10));
        assert_eq!((ledger.value(), ledger.pnl), (CAPITAL, Micros::ZERO));
    }
}

proptest! {
    #[test]
    fn the_books_of_a_portfolio_balance_whatever_happens(
        instrument in instruments(),
        days in proptest::collection::vec(
            (proptest::collection::vec((0.5..=1.0_f64, 1_000_000_i64..25_000_000), 0..6), 40_i64..230), 1..15
        )
    ) {
        let mut ledger = Ledger::new(instrument);
        for (day, (signals, factor)) in (0..).zip(days) {
            let check = on_day(day);
            for (confidence, price) in signals {
                ledger.signal(confidence, Micros(price), check.now);
                prop_assert!(ledger.cash >= Micros::ZERO);
                prop_assert!(ledger.open().len() <= 10);
            }
            ledger.monitor(factor, Check { now: check.now + Duration::hours(1), ..check });
            prop_assert_eq!(ledger.cash, CAPITAL - ledger.costs + ledger.proceeds);
            for row in &ledger.rows {
                prop_assert!(row.remaining() >= 0);
                prop_assert_eq!(row.bought, row.sold + row.remaining());
            }
        }
        let still_in = |row: &Row| instrument.worth(row.entry, row.remaining());
        let at_cost: Micros = ledger.rows.iter().map(still_in).sum();
        prop_assert_eq!(ledger.cash + at_cost, CAPITAL + ledger.pnl);
    }

    #[test]
    fn signals_that_do_not_compete_may_come_in_any_order(
        instrument in instruments(),
        signals in proptest::collection::vec((0.5..=1.0_f64, 1_000_000_i64..25_000_000), 0..=10)
    ) {
        let run = |signals: &mut dyn Iterator<Item = &(f64, i64)>| {
            let mut ledger = Ledger::new(instrument);
            signals.for_each(|(confidence, price)| ledger.signal(*confidence, Micros(*price), on_day(0).now));
            let units: i64 = ledger.rows.iter().map(|row| row.bought).sum();
            (ledger.cash, ledger.value(), ledger.rows.len(), units)
        };
        prop_assert_eq!(run(&mut signals.iter()), run(&mut signals.iter().rev()));
    }
}
