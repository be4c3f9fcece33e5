//! One leg of a signal, opened inside the signal's transaction in a part of its own.
//!
//! Everything is judged on what the transaction sees: between the look for prices and now, somebody may have closed a
//! position by hand. The price of a holding counts only for that holding.

use chrono::{DateTime, NaiveDate, Utc};
use shared::{
    market::{
        exit::{Exit, ExitReason},
        money::Micros,
        sizing::position_size,
        slots::{self, Candidate, Opening, Purchase, Rejection, decide_opening},
        stock_holding::StockHolding,
    },
    run::ids::RunId,
    store::{
        StoreError, exits,
        pipeline_config::PipelineConfig,
        portfolios::{self, Portfolio},
        positions::{self, Held, NewPosition, Terms, UntradedSignal},
        session::Tx,
    },
};

use super::offer::{ExitPrice, Offer};
use crate::phase::chain;

/// A leg whose price is known.
#[derive(Debug, Clone)]
pub(super) struct Leg {
    /// The portfolio that is asked, as it was when prices were had.
    pub(super) portfolio: Portfolio,
    /// What it can buy.
    pub(super) offer: Offer,
    /// What its weakest holding would bring.
    pub(super) exit: Option<ExitPrice>,
}

/// The run, and when it buys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occasion {
    /// The run.
    pub(super) run: RunId,
    /// US/Eastern day.
    pub(super) today: NaiveDate,
    /// Market clock.
    pub(super) now: DateTime<Utc>,
}

/// What becomes of the offer, by the rules alone.
pub(super) fn judge(
    portfolio: &Portfolio,
    held: &[Held],
    signal: &UntradedSignal,
    offer: &Offer,
    exit: Option<ExitPrice>,
    config: &PipelineConfig,
) -> Opening {
    let price_of = |id| exit.filter(|exit| exit.position == id).map(|exit| exit.price);
    let open: Vec<_> = held.iter().map(|held| held.at(price_of(held.id))).collect();
    let instrument = offer.instrument();
    let asked = slots::Portfolio {
        instrument,
        cash: portfolio.cash_available,
        open: &open,
    };
    let candidate = Candidate {
        confidence: signal.confidence,
        price: offer.price,
        size: position_size(instrument, portfolio.current_value, signal.confidence, &config.sizing),
    };
    decide_opening(asked, candidate, &config.slots)
}

/// Opens the leg if it can be, or takes back what it did; `None` when the books refused it. An error is the database's.
pub(super) async fn open(
    tx: &mut Tx,
    leg: &Leg,
    signal: &UntradedSignal,
    occasion: &Occasion,
    config: &PipelineConfig,
) -> Result<Option<Opening>, StoreError> {
    tx.begin_part().await?;
    match decide_and_book(tx, leg, signal, occasion, config).await {
        Ok(opening) => {
            tx.keep_part().await?;
            log(leg, signal, &opening);
            Ok(Some(opening))
        }
        Err(error) if error.is_refusal() => {
            tx.undo_part().await?;
            let portfolio = leg.portfolio.name.as_str();
            tracing::warn!(ticker = signal.ticker, portfolio, error = %chain(&error), "leg not opened");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn decide_and_book(
    tx: &mut Tx,
    leg: &Leg,
    signal: &UntradedSignal,
    occasion: &Occasion,
    config: &PipelineConfig,
) -> Result<Opening, StoreError> {
    let id = leg.portfolio.id;
    let Some(portfolio) = portfolios::find(tx, id).await? else {
        return Ok(Opening::Rejected(Rejection::NoUnits));
    };
    let held = positions::held_by(tx, id).await?;
    let opening = judge(&portfolio, &held, signal, &leg.offer, leg.exit, config);
    let purchase = match opening {
        Opening::Open(purchase) => purchase,
        Opening::Replace {
            position,
            price,
            units,
            purchase,
        } => {
            give_way(tx, position, price, units, leg.exit, occasion).await?;
            purchase
        }
        Opening::InsufficientCash { .. } | Opening::Rejected(_) => return Ok(opening),
    };
    positions::open(tx, &bought(leg, signal, purchase, occasion, config)).await?;
    portfolios::revalue(tx, id, occasion.now).await?;
    Ok(opening)
}

/// Sells all that remains of the holding.
async fn give_way(
    tx: &mut Tx,
    position: i64,
    price: Micros,
    units: i64,
    quoted: Option<ExitPrice>,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let exit = Exit {
        reason: ExitReason::Replaced,
        price,
        units,
        date: occasion.today,
        triggered_at: quoted.map_or(occasion.now, |quoted| quoted.at),
    };
    exits::book(tx, position, Some(occasion.run), &exit, None).await?;
    exits::note_price(tx, position, price, exit.triggered_at).await
}

fn bought<'a>(
    leg: &'a Leg,
    signal: &'a UntradedSignal,
    purchase: Purchase,
    occasion: &Occasion,
    config: &PipelineConfig,
) -> NewPosition<'a> {
    let Offer {
        direction,
        price,
        at,
        contract,
    } = &leg.offer;
    let terms = if let Some((strike, underlying_price)) = contract {
        Terms::Contracts {
            direction: *direction,
            strike,
            underlying_price: *underlying_price,
        }
    } else {
        let rules = &config.stock_exits;
        let holding = StockHolding::opened(*price, occasion.today, occasion.now, purchase.units, rules);
        Terms::Shares {
            stop_loss_price: holding.stop_loss_price,
            take_profit_price: holding.take_profit_price,
        }
    };
    NewPosition {
        run: occasion.run,
        portfolio: leg.portfolio.id,
        signal,
        entry_date: occasion.today,
        opened_at: occasion.now,
        price: *price,
        priced_at: *at,
        purchase,
        terms,
    }
}

fn log(leg: &Leg, signal: &UntradedSignal, opening: &Opening) {
    let (ticker, portfolio) = (signal.ticker.as_str(), leg.portfolio.name.as_str());
    match opening {
        Opening::Open(purchase) => {
            tracing::info!(ticker, portfolio, units = purchase.units, cost = %purchase.cost, "position opened");
        }
        Opening::Replace { position, purchase, .. } => {
            tracing::info!(ticker, portfolio, units = purchase.units, cost = %purchase.cost, replaced = position,
                           "position opened in place of a weaker one");
        }
        Opening::Rejected(rejection) => tracing::info!(ticker, portfolio, "not opened: {}", rejection.as_str()),
        Opening::InsufficientCash { .. } => {}
    }
}
