//! `/signals`: lists, one signal, the comments behind it, and how confidence developed.

mod comment;
mod detail;
mod history;
pub mod summary;

use poem_openapi::OpenApi;
use shared::store::pipeline_config;
use shared::store::session::Session;
use shared::store::signals_read::{self, SignalFilter, SignalRow, Window};

use crate::app::App;
use crate::http::envelope::{Envelope, List, Page};
use crate::http::error::ApiError;
use crate::http::params::{Key, Path, Q};
use crate::http::reply::{Handled, Operation, Reply};
use crate::http::values::{Day, Days, Limit, Offset, default_limit, from_the_start, two_weeks};
use crate::tags::Tags;
use crate::words::{SignalType, Subreddit, Ticker};
use comment::SignalComment;
use detail::Signal;
use history::SignalHistory;
use summary::{ForPortfolio, SignalSummary};

/// The operations.
pub struct SignalsApi(pub App);

/// `GET /signals`
pub struct ListSignals;
impl Operation for ListSignals {
    const ERRORS: &'static [u16] = &[404, 422];
}

/// `GET /signals/{id}`
pub struct GetSignal;
impl Operation for GetSignal {
    const ERRORS: &'static [u16] = &[404];
}

/// `GET /signals/{id}/comments`
pub struct ListSignalComments;
impl Operation for ListSignalComments {
    const ERRORS: &'static [u16] = &[404, 422];
}

/// `GET /signals/history`
pub struct GetSignalHistory;
impl Operation for GetSignalHistory {
    const ERRORS: &'static [u16] = &[422];
}

#[OpenApi(tag = "Tags::Signals")]
impl SignalsApi {
    /// List signals
    ///
    /// Newest day first, most confident first. Filters combine. With `portfolio_id` each signal also says what that
    /// portfolio made of it.
    #[oai(path = "/signals", method = "get", operation_id = "list_signals")]
    #[expect(clippy::too_many_arguments, reason = "one argument a query parameter")]
    async fn list_signals(
        &self,
        /// Only signals of this subreddit.
        subreddit: Q<Option<Subreddit>>,
        /// Only signals of this ticker.
        ticker: Q<Option<Ticker>>,
        /// Only signals of this type.
        signal_type: Q<Option<SignalType>>,
        /// From this day on.
        date_from: Q<Option<Day>>,
        /// Up to this day, inclusive.
        date_to: Q<Option<Day>>,
        /// Say what this portfolio made of each signal.
        portfolio_id: Q<Option<Key>>,
        /// Items of a page.
        #[oai(default = "default_limit")]
        limit: Q<Limit>,
        /// Items to skip.
        #[oai(default = "from_the_start")]
        offset: Q<Offset>,
    ) -> Handled<Page<SignalSummary>, ListSignals> {
        let filter = SignalFilter {
            subreddit: subreddit.0.map(|name| name.0),
            ticker: ticker.0.map(|symbol| symbol.0),
            signal_type: signal_type.0.map(|kind| kind.as_str().to_owned()),
            from: date_from.0.map(|day| day.0),
            to: date_to.0.map(|day| day.0),
            limit: limit.0.0,
            offset: offset.0.0,
        };
        let mut conn = self.0.store.snapshot().await?;
        let (rows, total) = signals_read::list(&mut conn, &filter).await?;
        let mut data: Vec<SignalSummary> = rows.iter().map(|row| (&row.summary).into()).collect();
        if let Some(id) = portfolio_id.0 {
            add_portfolio(&mut conn, id.0, &rows, &mut data).await?;
        }
        Ok(Reply::ok(&Page::new(data, total, filter.limit, filter.offset)))
    }

    /// Get the history of signals
    ///
    /// Confidence by ticker and day, ascending, days with a signal only.
    #[oai(path = "/signals/history", method = "get", operation_id = "get_signal_history")]
    async fn get_signal_history(
        &self,
        /// Signals of this type.
        signal_type: Q<SignalType>,
        /// Only this ticker.
        ticker: Q<Option<Ticker>>,
        /// Subreddit; the service's default one when absent.
        subreddit: Q<Option<Subreddit>>,
        /// Days to look back, today included. Today is the day of the subreddit's newest run.
        #[oai(default = "two_weeks")]
        days: Q<Days>,
    ) -> Handled<List<SignalHistory>, GetSignalHistory> {
        let subreddit = subreddit.0.map_or_else(|| self.0.subreddit.clone(), |name| name.0);
        let ticker = ticker.0.map(|symbol| symbol.0);
        let mut conn = self.0.store.snapshot().await?;
        let now = signals_read::market_now(&mut conn, &subreddit)
            .await?
            .unwrap_or_else(shared::clock::now);
        let from = now.date_naive() - chrono::Duration::days(days.0.0 - 1);
        let kind = signal_type.0.as_str();
        let rows = signals_read::history(&mut conn, &subreddit, kind, ticker.as_deref(), from).await?;
        Ok(Reply::ok(&List::new(SignalHistory::group(rows))))
    }

    /// Get a signal
    ///
    /// With the positions that were opened on it.
    #[oai(path = "/signals/:signal_id", method = "get", operation_id = "get_signal")]
    async fn get_signal(
        &self,
        /// Key of the signal.
        signal_id: Path<Key>,
    ) -> Handled<Envelope<Signal>, GetSignal> {
        let mut conn = self.0.store.snapshot().await?;
        let row = find(&mut conn, signal_id.0.0).await?;
        let positions = signals_read::positions_of_signal(&mut conn, row.summary.id).await?;
        Ok(Reply::ok(&Envelope::new(Signal::of(&row, &positions))))
    }

    /// List the comments behind a signal
    ///
    /// Most voted first: all of them without `limit`, a page with it.
    #[oai(
        path = "/signals/:signal_id/comments",
        method = "get",
        operation_id = "list_signal_comments"
    )]
    async fn list_signal_comments(
        &self,
        /// Key of the signal.
        signal_id: Path<Key>,
        /// Items of a page; all of them when absent.
        limit: Q<Option<Limit>>,
        /// Items to skip.
        #[oai(default = "from_the_start")]
        offset: Q<Offset>,
    ) -> Handled<Page<SignalComment>, ListSignalComments> {
        let window = Window {
            limit: limit.0.map_or(-1, |limit| limit.0),
            offset: offset.0.0,
        };
        let mut conn = self.0.store.snapshot().await?;
        let id = find(&mut conn, signal_id.0.0).await?.summary.id;
        let (rows, total) = signals_read::comments(&mut conn, id, window).await?;
        let data = rows.into_iter().map(SignalComment::of).collect::<Result<_, _>>()?;
        let shown = if window.limit < 0 { total } else { window.limit };
        Ok(Reply::ok(&Page::new(data, total, shown, window.offset)))
    }
}

async fn find(conn: &mut impl Session, id: i64) -> Result<SignalRow, ApiError> {
    signals_read::find(conn, id)
        .await?
        .ok_or_else(|| ApiError::not_found("signal"))
}

async fn add_portfolio(
    conn: &mut impl Session,
    id: i64,
    rows: &[SignalRow],
    data: &mut [SignalSummary],
) -> Result<(), ApiError> {
    let portfolio = signals_read::portfolio(conn, id)
        .await?
        .ok_or_else(|| ApiError::not_found("portfolio"))?;
    let ids = rows.iter().map(|row| row.summary.id);
    let (Some(first), Some(last)) = (ids.clone().min(), ids.max()) else {
        return Ok(());
    };
    let positions = signals_read::positions_of_portfolio(conn, id, (first, last)).await?;
    let rules = pipeline_config::trade_rules(conn).await?;
    for (row, shown) in rows.iter().zip(data) {
        shown.for_portfolio = Some(ForPortfolio::of(
            &portfolio,
            &row.summary,
            &positions,
            rules.signal_min_confidence,
        ));
    }
    Ok(())
}
