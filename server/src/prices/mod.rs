//! `/prices`: what a ticker closed at, day by day.

pub mod sources;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use poem_openapi::{Object, OpenApi};
use shared::market::calendar::eastern_day;
use shared::market::candle::DailyBar;
use shared::store::prices_read::{self, ClosePoint};
use shared::store::session::Session;
use shared::store::{Store, StoreError};

use crate::app::App;
use crate::http::envelope::Meta;
use crate::http::error::ApiError;
use crate::http::params::{Path, Q};
use crate::http::reply::{Handled, Operation, Reply};
use crate::http::values::{Day, Days, Timestamp, two_weeks};
use crate::tags::Tags;
use crate::words::{Subreddit, Ticker};

/// What a ticker closed at on one day.
#[derive(Debug, Clone, PartialEq, Object)]
pub struct PricePoint {
    /// Trading day.
    pub date: Day,
    /// Dollars per share.
    pub close: f64,
}

/// About a list of closes.
#[derive(Debug, Clone, Object)]
pub struct PriceMeta {
    /// When the answer was made.
    pub timestamp: Timestamp,
    /// Version of the service.
    pub version: String,
    /// Name of the request: the one sent in `X-Request-Id`, or a new one.
    pub request_id: String,
    /// Items in the list.
    pub total: i64,
    /// The symbol that was asked for.
    pub ticker: String,
    /// Days looked back.
    pub days: i64,
    /// False when days are missing because their source did not answer in time.
    pub complete: bool,
}

/// What a ticker closed at.
#[derive(Debug, Clone, Object)]
pub struct PriceHistory {
    /// Closes, ascending; empty for a ticker nobody knows.
    pub data: Vec<PricePoint>,
    /// About the list.
    pub meta: PriceMeta,
}

/// `GET /prices/{ticker}`
pub struct GetPrices;
impl Operation for GetPrices {
    const ERRORS: &'static [u16] = &[404, 422];
}

/// The operations.
pub struct PricesApi(pub App);

#[OpenApi(tag = "Tags::Portfolios")]
impl PricesApi {
    /// Get the prices of a ticker
    ///
    /// Closes by day, ascending, of the underlying. Days that no run has watched come from the source of daily bars, if
    /// there is one and it answers in time.
    #[oai(path = "/prices/:ticker", method = "get", operation_id = "get_prices")]
    async fn get_prices(
        &self,
        /// Symbol.
        ticker: Path<Ticker>,
        /// Days to look back, today included. Today is the day of the newest run, or with live prices the real one.
        #[oai(default = "two_weeks")]
        days: Q<Days>,
        /// Take the day of the newest run of this subreddit.
        subreddit: Q<Option<Subreddit>>,
    ) -> Handled<PriceHistory, GetPrices> {
        let (ticker, days) = (ticker.0.0, days.0.0);
        let mut conn = self.0.store.read().await?;
        let now = self.now(&mut conn, subreddit.0).await?;
        let today = eastern_day(now);
        let window = (today - TimeDelta::days(days - 1), today);
        let mut points = prices_read::closes(&mut conn, &ticker, window.0, window.1).await?;
        drop(conn);
        let mut complete = true;
        if is_thin(points.len(), days) {
            let fetched = self.0.prices.bars(&ticker, window.0, window.1, now).await;
            let bars = fetched.ok().flatten();
            complete = bars.is_some();
            let bars = bars.unwrap_or_default();
            let unknown = |bar: &&DailyBar| points.iter().all(|point| point.date != bar.date);
            let new = bars.iter().filter(unknown).copied().collect();
            points = merge(points, &bars);
            self.keep(&ticker, new);
        }
        Ok(Reply::ok(&PriceHistory::of(ticker, days, complete, &points)))
    }
}

impl PricesApi {
    async fn now(&self, conn: &mut impl Session, subreddit: Option<Subreddit>) -> Result<DateTime<Utc>, ApiError> {
        if let Some(name) = subreddit {
            return Ok(self.0.prices.now(conn, &name.0).await?);
        }
        if self.0.prices.live {
            return Ok(shared::clock::now());
        }
        let newest = prices_read::market_now(conn).await?;
        Ok(newest.unwrap_or_else(shared::clock::now))
    }

    /// Keeps fetched bars behind the answer's back, so that the next one who asks need not wait for their source.
    ///
    /// That they are lost now and then does no harm.
    fn keep(&self, ticker: &str, bars: Vec<DailyBar>) {
        if bars.is_empty() {
            return;
        }
        let (store, ticker) = (self.0.store.clone(), ticker.to_owned());
        tokio::spawn(async move {
            if let Err(cause) = fill(&store, &ticker, &bars).await {
                tracing::warn!(%cause, ticker, "fetched prices were not kept");
            }
        });
    }
}

async fn fill(store: &Store, ticker: &str, bars: &[DailyBar]) -> Result<(), StoreError> {
    let mut tx = store.begin().await?;
    prices_read::fill(&mut tx, ticker, bars, shared::clock::now()).await?;
    tx.commit().await
}

/// Whether so few of the days are known that the source is worth asking.
fn is_thin(known: usize, days: i64) -> bool {
    i64::try_from(known).is_ok_and(|known| known * 2 < days)
}

/// What runs have seen, and the bars of the other days.
fn merge(known: Vec<ClosePoint>, bars: &[DailyBar]) -> Vec<ClosePoint> {
    let days: Vec<NaiveDate> = known.iter().map(|point| point.date).collect();
    let missing = bars.iter().filter(|bar| !days.contains(&bar.date));
    let fetched = missing.map(|bar| ClosePoint {
        date: bar.date,
        close: bar.close,
    });
    let mut all: Vec<_> = known.into_iter().chain(fetched).collect();
    all.sort_unstable_by_key(|point| point.date);
    all
}

impl PriceHistory {
    fn of(ticker: String, days: i64, complete: bool, points: &[ClosePoint]) -> Self {
        let shown = |point: &ClosePoint| PricePoint {
            date: Day(point.date),
            close: point.close.dollars(),
        };
        let data: Vec<_> = points.iter().map(shown).collect();
        let Meta {
            timestamp,
            version,
            request_id,
        } = Meta::now();
        let meta = PriceMeta {
            timestamp,
            version,
            request_id,
            total: i64::try_from(data.len()).unwrap_or(i64::MAX),
            ticker,
            days,
            complete,
        };
        Self { data, meta }
    }
}

#[cfg(test)]
mod tests {
    use shared::market::money::Micros;

    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, day).expect("a day")
    }

    #[test]
    fn the_source_is_asked_when_less_than_half_of_the_days_are_known() {
        for (known, days, thin) in [
            (0, 1, true),
            (1, 1, false),
            (6, 14, true),
            (7, 14, false),
            (7, 15, true),
        ] {
            assert_eq!(is_thin(known, days), thin, "{known} of {days}");
        }
    }

    #[test]
    fn what_runs_have_seen_wins_over_a_bar() {
        let known = vec![ClosePoint {
            date: day(6),
            close: Micros(60),
        }];
        let bar = |date| DailyBar {
            date,
            open: Micros(1),
            high: Micros(1),
            low: Micros(1),
            close: Micros(1),
        };
        let merged = merge(known, &[bar(day(5)), bar(day(6)), bar(day(7))]);
        let closes: Vec<_> = merged.iter().map(|point| (point.date, point.close.0)).collect();
        assert_eq!(closes, [(day(5), 1), (day(6), 60), (day(7), 1)]);
    }
}
