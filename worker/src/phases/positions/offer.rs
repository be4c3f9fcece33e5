//! Prices, had before the transaction: of what a signal asks for, and of the holding that would make room for it.
//!
//! An outage costs the leg and is warned of. What nobody quotes, such as a coin, has no leg and is only logged, and so
//! is a chain without an eligible contract.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use shared::{
    market::{
        calendar::eastern_day,
        candle::Quote,
        coin::is_coin,
        instrument::{Direction, InstrumentType},
        money::Micros,
        option::Chain,
        slots::{Opening, Rejection, weakest},
        strike::{Strike, select_strike},
    },
    run::warning::WarningType,
    sources::market::{MarketError, MarketSource},
    store::{
        portfolios::Portfolio,
        positions::{self, Held, UntradedSignal},
    },
};

use super::leg;
use crate::phase::{PhaseContext, PhaseError, facts_of};

/// What a leg can be bought at.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    /// What is bought.
    pub(super) direction: Direction,
    /// Price per share, or premium per share of the contract.
    pub(super) price: Micros,
    /// When it was quoted.
    pub(super) at: DateTime<Utc>,
    /// Which contract, and the price of its underlying where it is known; `None` for shares.
    pub(super) contract: Option<(Strike, Option<Micros>)>,
}

impl Offer {
    /// Shares or contracts.
    pub(super) const fn instrument(&self) -> InstrumentType {
        match self.direction {
            Direction::Long => InstrumentType::Stock,
            Direction::Call | Direction::Put => InstrumentType::Option,
        }
    }
}

/// What the weakest holding of a full portfolio would be sold at.
#[derive(Debug, Clone, Copy)]
pub(super) struct ExitPrice {
    /// Key of the position.
    pub(super) position: i64,
    /// Price per share, or premium per share of the contract.
    pub(super) price: Micros,
    /// When it was quoted.
    pub(super) at: DateTime<Utc>,
}

/// The offers for the legs of a signal, shares first.
pub(super) async fn gather(
    context: &mut PhaseContext<'_>,
    market: &dyn MarketSource,
    signal: &UntradedSignal,
) -> Result<Vec<Offer>, PhaseError> {
    let of = |instrument| Direction::of(instrument, signal.direction());
    let mut offers = Vec::new();
    if is_coin(&signal.ticker) {
        tracing::info!(ticker = signal.ticker, "coins are not traded");
        return Ok(offers);
    }
    let mut underlying = None;
    if of(InstrumentType::Stock).is_some() {
        let quote = quote_of_stock(context, market, &signal.ticker).await?;
        underlying = quote.map(|quote| quote.price);
        offers.extend(quote.map(shares));
    } else {
        tracing::info!(ticker = signal.ticker, "bearish signals buy no stock");
    }
    if let Some(direction) = of(InstrumentType::Option) {
        let chain = chain_of(context, market, &signal.ticker).await?;
        offers.extend(chain.and_then(|chain| contracts(context, signal, direction, &chain, underlying)));
    }
    Ok(offers)
}

const fn shares(quote: Quote) -> Offer {
    Offer {
        direction: Direction::Long,
        price: quote.price,
        at: quote.at,
        contract: None,
    }
}

/// The contract to buy; `None`, with a log line, when the chain has none.
fn contracts(
    context: &PhaseContext<'_>,
    signal: &UntradedSignal,
    direction: Direction,
    chain: &Chain,
    underlying: Option<Micros>,
) -> Option<Offer> {
    let today = eastern_day(context.market().now());
    let underlying = chain.underlying_price.or(underlying);
    let side = direction.option_type()?;
    match select_strike(&chain.contracts, side, today, underlying, &context.config().strikes) {
        Ok(strike) => Some(Offer {
            direction,
            price: strike.mark,
            at: chain.at,
            contract: Some((strike, underlying)),
        }),
        Err(none) => {
            tracing::info!(
                ticker = signal.ticker,
                side = side.as_str(),
                "no contract to buy: {none}"
            );
            None
        }
    }
}

/// The newest quote of the stock; `None`, with a warning, after an outage, and with a log line when nobody knows it.
async fn quote_of_stock(
    context: &mut PhaseContext<'_>,
    market: &dyn MarketSource,
    ticker: &str,
) -> Result<Option<Quote>, PhaseError> {
    match quote(context, market, ticker).await? {
        Err(error) => {
            warn_of_stock(context, ticker, &error);
            Ok(None)
        }
        Ok(None) => {
            tracing::info!(ticker, "no such stock; no shares are bought");
            Ok(None)
        }
        Ok(quote) => Ok(quote),
    }
}

/// The chain of the expirations that come into question; `None` as above.
async fn chain_of(
    context: &mut PhaseContext<'_>,
    market: &dyn MarketSource,
    ticker: &str,
) -> Result<Option<Chain>, PhaseError> {
    let now = context.market().now();
    let rules = &context.config().strikes;
    let day = |dte| eastern_day(now) + Duration::days(dte);
    let call = market.chain(ticker, day(rules.min_dte), day(rules.max_dte), now);
    match context.interruptible(call).await? {
        Ok(chain) => Ok(Some(chain)),
        Err(MarketError::Unknown(_)) => {
            tracing::info!(ticker, "no such options; no contracts are bought");
            Ok(None)
        }
        Err(error) => {
            warn_of_options(context, ticker, json!({ "ticker": ticker }), &error);
            Ok(None)
        }
    }
}

/// The newest quote of one symbol; `Ok(None)` when nobody knows it.
async fn quote(
    context: &PhaseContext<'_>,
    market: &dyn MarketSource,
    symbol: &str,
) -> Result<Result<Option<Quote>, MarketError>, PhaseError> {
    let symbols = [symbol.to_owned()];
    let answer = context
        .interruptible(market.quotes(&symbols, context.market().now()))
        .await?;
    Ok(match answer {
        Ok(mut quotes) => Ok(quotes.remove(symbol)),
        Err(MarketError::Unknown(_)) => Ok(None),
        Err(error) => Err(error),
    })
}

/// The price of the holding that the offer would push out, if its price is all that stands in the way of that.
pub(super) async fn exit_price(
    context: &mut PhaseContext<'_>,
    market: &dyn MarketSource,
    portfolio: &Portfolio,
    signal: &UntradedSignal,
    offer: &Offer,
) -> Result<Option<ExitPrice>, PhaseError> {
    let held = positions::held_by(&mut context.store().read().await?, portfolio.id).await?;
    let opening = leg::judge(portfolio, &held, signal, offer, None, context.config());
    if opening != Opening::Rejected(Rejection::HoldingUnpriced) {
        return Ok(None);
    }
    let open: Vec<_> = held.iter().map(|held| held.at(None)).collect();
    let Some(holding) = weakest(&open).and_then(|open| held.iter().find(|held| held.id == open.id)) else {
        return Ok(None);
    };
    match quote(context, market, holding.quoted_as()).await? {
        Ok(quote) => Ok(quote.map(|quote| ExitPrice {
            position: holding.id,
            price: quote.price,
            at: quote.at,
        })),
        Err(error) => {
            warn_of_holding(context, holding, &error);
            Ok(None)
        }
    }
}

fn warn_of_holding(context: &mut PhaseContext<'_>, holding: &Held, error: &MarketError) {
    if holding.contract_symbol.is_none() {
        return warn_of_stock(context, &holding.ticker, error);
    }
    let facts = json!({ "ticker": holding.ticker, "position_id": holding.id });
    warn_of_options(context, &holding.ticker, facts, error);
}

fn warn_of_stock(context: &mut PhaseContext<'_>, ticker: &str, error: &MarketError) {
    let facts = json!({ "ticker": ticker, "attempts": error.attempts(), "fallback": "none" });
    let message = format!("There is no quote of {ticker}: {error}");
    context.warn(
        WarningType::SchwabStockUnavailable,
        message,
        Some(ticker),
        facts_of(facts),
    );
}

fn warn_of_options(context: &mut PhaseContext<'_>, ticker: &str, facts: Value, error: &MarketError) {
    let message = format!("There is no premium of options on {ticker}: {error}");
    context.warn(
        WarningType::SchwabOptionsUnavailable,
        message,
        Some(ticker),
        facts_of(facts),
    );
}
