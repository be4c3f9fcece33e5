//! Where the server has prices from, for the few answers that need one.
//!
//! Without a source nothing is priced: a manual close is refused, and what is derived from daily bars is null. Every
//! question has a limit of time; whatever goes wrong is logged and means that there is no price.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use shared::market::calendar::eastern_day;
use shared::market::candle::DailyBar;
use shared::market::money::Micros;
use shared::sources::bind::MarketSources;
use shared::sources::market::{DailySource, MarketError, MarketSource};
use shared::store::positions_read::PositionRow;
use shared::store::session::Session;
use shared::store::{StoreError, signals_read};

/// Longest wait for the price of a position.
const QUOTE_PATIENCE: Duration = Duration::from_secs(10);
/// Longest wait for daily bars.
pub const BARS_PATIENCE: Duration = Duration::from_secs(2);
/// Days in which there is at least one trading day.
const TRADED_WITHIN: TimeDelta = TimeDelta::days(10);

/// The sources of prices.
#[derive(Clone, Default)]
pub struct Prices {
    /// Quotes.
    pub market: Option<Arc<dyn MarketSource>>,
    /// Daily bars.
    pub daily: Option<Arc<dyn DailySource>>,
    /// Whether they know what things cost now; recorded ones know the market clock of the newest run.
    pub live: bool,
}

impl fmt::Debug for Prices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prices")
            .field("market", &self.market.is_some())
            .field("daily", &self.daily.is_some())
            .field("live", &self.live)
            .finish()
    }
}

/// A price and when it was true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Priced {
    /// Per share, or premium per share of the contract.
    pub price: Micros,
    /// When.
    pub at: DateTime<Utc>,
}

/// What both processes bind: sample and recorded prices, which are not those of this moment.
impl From<MarketSources> for Prices {
    fn from(sources: MarketSources) -> Self {
        Self {
            market: sources.market,
            daily: sources.daily,
            live: false,
        }
    }
}

impl Prices {
    /// What the sources call now: the real clock, or for recorded prices the market clock of the subreddit.
    pub async fn now(&self, conn: &mut impl Session, subreddit: &str) -> Result<DateTime<Utc>, StoreError> {
        if self.live {
            return Ok(shared::clock::now());
        }
        let recorded = signals_read::market_now(conn, subreddit).await?;
        Ok(recorded.unwrap_or_else(shared::clock::now))
    }

    /// What a unit of the position is worth at `now`: a share by its quote, else its daily bar; a contract by its quote.
    pub async fn of_position(&self, row: &PositionRow, now: DateTime<Utc>) -> Option<Priced> {
        if !row.is_stock() {
            return self.quote(row.contract_symbol.as_deref()?, now).await;
        }
        let quote = self.quote(&row.ticker, now).await;
        match quote.filter(|quote| quote.price > Micros::ZERO) {
            Some(quote) => Some(quote),
            None => self.last_close(&row.ticker, now).await,
        }
    }

    async fn quote(&self, symbol: &str, now: DateTime<Utc>) -> Option<Priced> {
        let symbols = [symbol.to_owned()];
        let asked = self.market.as_ref()?.quotes(&symbols, now);
        let quotes = within(QUOTE_PATIENCE, symbol, asked).await.ok()?;
        let quote = quotes.get(symbol)?;
        Some(Priced {
            price: quote.price,
            at: quote.at,
        })
    }

    async fn last_close(&self, ticker: &str, now: DateTime<Utc>) -> Option<Priced> {
        let today = eastern_day(now);
        let bars = self.bars(ticker, today - TRADED_WITHIN, today, now).await.ok()??;
        let close = bars.last()?.close;
        (close > Micros::ZERO).then_some(Priced { price: close, at: now })
    }

    /// Daily bars, oldest first; `None` without a source, [`Unpriced`] when it fails or takes too long.
    pub async fn bars(
        &self,
        ticker: &str,
        from: NaiveDate,
        to: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<DailyBar>>, Unpriced> {
        let Some(daily) = &self.daily else { return Ok(None) };
        within(BARS_PATIENCE, ticker, daily.bars(ticker, from, to, now))
            .await
            .map(Some)
    }
}

/// A source failed, or took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpriced;

/// Waits for a source. A symbol that nobody knows has no prices, which is no failure.
async fn within<T: Default>(
    patience: Duration,
    symbol: &str,
    asked: impl Future<Output = Result<T, MarketError>>,
) -> Result<T, Unpriced> {
    let cause = match tokio::time::timeout(patience, asked).await {
        Ok(Ok(found)) => return Ok(found),
        Ok(Err(MarketError::Unknown(_))) => return Ok(T::default()),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", patience.as_secs()),
    };
    tracing::warn!(
        request.id = crate::http::request_id::current(),
        symbol,
        cause,
        "no price"
    );
    Err(Unpriced)
}
