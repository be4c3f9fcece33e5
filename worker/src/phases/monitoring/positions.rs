//! Open positions, ticker by ticker: five tickers are asked for ahead, and what is known is decided and booked in parts.
//!
//! A part is up to a hundred positions of a ticker in one transaction: a commit costs more than a position. Each is
//! guarded by itself: the part is read anew inside the transaction, so what a person has closed, or an earlier attempt
//! has checked, is not there any more.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use futures::{StreamExt as _, stream};
use serde_json::{Map, json};
use shared::{
    market::{
        calendar::eastern_day,
        candle::{DailyBar, Quote},
        exit::Exit,
        option_exits::check_option,
        option_holding::OptionHolding,
        stock_holding::StockHolding,
    },
    run::warning::WarningType,
    store::{
        exits,
        monitoring::{self, Held, Part, Watched},
        portfolios, price_history,
        session::Tx,
    },
};

use super::{
    feed::Feed,
    premiums::Premiums,
    stocks::{self, StockPrices},
};
use crate::phase::{PhaseContext, PhaseError};

/// Tickers that are asked for at the same time.
pub(super) const AHEAD: usize = 5;
/// Positions that are committed together.
const PART: usize = 100;

/// What is known of a ticker.
struct Prices {
    stock: Option<StockPrices>,
    premiums: Premiums,
    /// Rows of the price history.
    days: Vec<DailyBar>,
}

/// Checks every pending position; `done` and `total` count units of the phase. Yields the premiums that were asked for.
pub(super) async fn check(
    context: &mut PhaseContext<'_>,
    feed: &Arc<Feed>,
    pending: Vec<Watched>,
    (done, total): (i64, i64),
) -> Result<Premiums, PhaseError> {
    let mut groups = BTreeMap::<String, Vec<Watched>>::new();
    for position in pending {
        groups.entry(position.ticker.clone()).or_default().push(position);
    }
    let mut asked = Premiums::default();
    let mut done = done;
    let mut answers = stream::iter(groups)
        .map(|(ticker, group)| {
            let feed = Arc::clone(feed);
            async move {
                let prices = fetch(&feed, &ticker, &group).await;
                (ticker, group, prices)
            }
        })
        .buffered(AHEAD);
    while let Some((ticker, group, mut prices)) = context.interruptible(answers.next()).await? {
        warn_of_stock(context, feed, &ticker, prices.stock.as_ref());
        for part in group.chunks(PART) {
            done += i64::try_from(part.len()).unwrap_or(0);
            context.advance(done, total);
            commit(context, feed, &ticker, part, &prices).await?;
            prices.days.clear();
        }
        asked.absorb(prices.premiums);
    }
    Ok(asked)
}

/// Gathers everything about a ticker that its positions need.
async fn fetch(feed: &Feed, ticker: &str, group: &[Watched]) -> Prices {
    let mut since = BTreeSet::new();
    let mut contracts = BTreeSet::new();
    for position in group {
        match &position.held {
            Held::Shares(held) => {
                since.insert(eastern_day(held.window.since()));
            }
            Held::Contracts { symbol, holding } if !holding.is_expired(feed.check.today) => {
                contracts.insert(symbol.clone());
            }
            Held::Contracts { .. } => {}
        }
    }
    let mut premiums = Premiums::default();
    premiums.ask(feed, contracts).await;
    let today = feed.check.today;
    if since.is_empty() {
        let underlying = match premiums.underlying_price() {
            Some(price) => Some(price),
            None => feed.quote(ticker).await.ok().map(|quote| quote.price),
        };
        let traded = underlying.filter(|_| feed.calendar.is_trading_day(today));
        let days = traded.map(|price| stocks::one_price(today, price));
        return Prices {
            stock: None,
            premiums,
            days: days.into_iter().collect(),
        };
    }
    let stock = stocks::fetch(feed, ticker, &since).await;
    Prices {
        days: stock.days(today, &feed.calendar),
        stock: Some(stock),
        premiums,
    }
}

/// One unit: the positions of the part as they are now, what is sold of them, and what their portfolios are worth.
async fn commit(
    context: &mut PhaseContext<'_>,
    feed: &Feed,
    ticker: &str,
    gathered: &[Watched],
    prices: &Prices,
) -> Result<(), PhaseError> {
    let (Some(first), Some(last)) = (gathered.first(), gathered.last()) else {
        return Ok(());
    };
    let part = Part {
        ticker,
        first: first.id,
        last: last.id,
    };
    let mut unit = context.unit().await?;
    let run = context.run_id();
    let positions = monitoring::pending_part(unit.tx(), context.subreddit(), run, part).await?;
    let mut touched = BTreeSet::new();
    for position in &positions {
        if look_at(context, unit.tx(), feed, position, prices).await? {
            touched.insert(position.portfolio_id);
        }
    }
    for day in &prices.days {
        price_history::merge(unit.tx(), ticker, day, feed.check.now).await?;
    }
    for portfolio in touched {
        portfolios::revalue(unit.tx(), portfolio, feed.check.now).await?;
    }
    context.commit(unit, None).await
}

/// Checks one position; false when it has to be skipped for want of a price, or because the newest one is from before it
/// was opened.
async fn look_at(
    context: &mut PhaseContext<'_>,
    tx: &mut Tx,
    feed: &Feed,
    position: &Watched,
    prices: &Prices,
) -> Result<bool, PhaseError> {
    match &position.held {
        Held::Shares(held) => {
            let stock = prices.stock.as_ref();
            let Some((stock, quote)) = stock.and_then(|stock| Some((stock, stock.quote.as_ref()?))) else {
                return Ok(false);
            };
            if quote.at < position.opened_at {
                return Ok(false);
            }
            look_at_shares(context, tx, feed, (position.id, held), (stock, quote)).await?;
        }
        Held::Contracts { symbol, holding } => {
            let quote = prices.premiums.of(symbol);
            if quote.is_none() && !holding.is_expired(feed.check.today) {
                warn_of_premium(context, position);
                return Ok(false);
            }
            if quote.is_some_and(|quote| quote.at < position.opened_at) {
                return Ok(false);
            }
            look_at_contracts(context, tx, feed, (position.id, holding), quote).await?;
        }
    }
    Ok(true)
}

async fn look_at_shares(
    context: &PhaseContext<'_>,
    tx: &mut Tx,
    feed: &Feed,
    (position, held): (i64, &StockHolding),
    (prices, quote): (&StockPrices, &Quote),
) -> Result<(), PhaseError> {
    let checked = stocks::check(held, prices, quote, feed, &context.config().stock_exits);
    book(context, tx, position, &checked.exits).await?;
    exits::note_price(tx, position, quote.price, quote.at).await?;
    Ok(monitoring::keep_shares(tx, position, context.run_id(), &checked.after).await?)
}

async fn look_at_contracts(
    context: &PhaseContext<'_>,
    tx: &mut Tx,
    feed: &Feed,
    (position, held): (i64, &OptionHolding),
    quote: Option<&Quote>,
) -> Result<(), PhaseError> {
    let checked = check_option(held, quote, feed.check, &context.config().option_exits);
    book(context, tx, position, &checked.exits).await?;
    if let Some(quote) = quote {
        exits::note_price(tx, position, quote.price, quote.at).await?;
    }
    let now = feed.check.now;
    Ok(monitoring::keep_contracts(tx, position, context.run_id(), &checked.after, now).await?)
}

async fn book(context: &PhaseContext<'_>, tx: &mut Tx, position: i64, sold: &[Exit]) -> Result<(), PhaseError> {
    for exit in sold {
        let booked = exits::book(tx, position, Some(context.run_id()), exit, None).await?;
        tracing::info!(
            position,
            reason = exit.reason.as_str(),
            units = exit.units,
            price = %exit.price,
            pnl = %booked.realized_pnl,
            "exit"
        );
    }
    Ok(())
}

fn warn_of_stock(context: &mut PhaseContext<'_>, feed: &Feed, ticker: &str, prices: Option<&StockPrices>) {
    let Some((prices, out)) = prices.and_then(|prices| Some((prices, prices.out?))) else {
        return;
    };
    if out.is_unknown {
        tracing::warn!(
            ticker,
            "nobody quotes this stock any more; its positions are watched by their daily bars"
        );
        return;
    }
    let fallback = prices.fallback(feed.check.today);
    let message = match prices.quote {
        Some(_) => format!("Prices of {ticker} were not all available; fallback: {fallback}"),
        None => format!("No price of {ticker}; its positions were skipped"),
    };
    let facts = Map::from_iter([
        ("ticker".to_owned(), json!(ticker)),
        ("attempts".to_owned(), json!(out.attempts)),
        ("fallback".to_owned(), json!(fallback)),
    ]);
    context.warn(WarningType::SchwabStockUnavailable, message, Some(ticker), facts);
}

fn warn_of_premium(context: &mut PhaseContext<'_>, position: &Watched) {
    let (id, ticker) = (position.id, position.ticker.as_str());
    let facts = Map::from_iter([
        ("ticker".to_owned(), json!(ticker)),
        ("position_id".to_owned(), json!(id)),
    ]);
    let message = format!("No premium for position {id} on {ticker}; it was skipped");
    context.warn(WarningType::SchwabOptionsUnavailable, message, Some(ticker), facts);
}
