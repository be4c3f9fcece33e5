//! Premiums of contracts, asked for once per run: those of held options serve the predictions too.

use std::collections::{BTreeSet, HashMap};

use shared::market::{candle::Quote, money::Micros};

use super::feed::Feed;

/// What was asked for, with its answer if there was one.
#[derive(Debug, Default)]
pub(super) struct Premiums {
    answers: HashMap<String, Option<Quote>>,
}

impl Premiums {
    /// Asks for the contracts of one underlying.
    pub(super) async fn ask(&mut self, feed: &Feed, contracts: BTreeSet<String>) {
        let symbols: Vec<_> = contracts.into_iter().collect();
        if symbols.is_empty() {
            return;
        }
        let mut quotes = feed.quotes(&symbols).await.unwrap_or_default();
        for symbol in symbols {
            let answer = quotes.remove(&symbol);
            self.answers.insert(symbol, answer);
        }
    }

    /// The premium of a contract, if there is one.
    pub(super) fn of(&self, contract: &str) -> Option<&Quote> {
        self.answers.get(contract)?.as_ref()
    }

    /// Whether the contract was asked for, whatever the answer.
    pub(super) fn knows(&self, contract: &str) -> bool {
        self.answers.contains_key(contract)
    }

    /// The price of the underlying, where a contract's quote tells it.
    pub(super) fn underlying_price(&self) -> Option<Micros> {
        let mut told = self
            .answers
            .values()
            .flatten()
            .filter_map(|quote| quote.underlying_price);
        told.next()
    }

    /// Takes in what was asked for elsewhere.
    pub(super) fn absorb(&mut self, other: Self) {
        self.answers.extend(other.answers);
    }
}
