//! A database with planted positions, predictions and comments over a scripted market, and runs of its last phases.

use std::sync::Arc;

use shared::run::{ids::RunId, request::RunRequest, state::RunStatus, warning::Warning};
use shared::store::runs::Run;
use worker::{phases, registry::Registry, sources::Sources};

use crate::{
    fixture::{Fixture, Worker},
    scripted::Scripted,
};

/// Tuesday, noon in New York.
pub(crate) const NOON: &str = "2026-03-10T16:00:00+00:00";
/// The same day after the close.
pub(crate) const EVENING: &str = "2026-03-10T21:00:00+00:00";
/// The day before, eleven in New York.
pub(crate) const MONDAY: &str = "2026-03-09T15:00:00+00:00";

pub(crate) struct World {
    pub(crate) fixture: Fixture,
    pub(crate) market: Scripted,
}

impl World {
    /// One run without phases, to which the planted rows belong.
    pub(crate) async fn new() -> Self {
        let world = Self {
            fixture: Fixture::new(&[]).await,
            market: Scripted::default(),
        };
        let first = world.submit("2026-02-02T16:00:00+00:00").await;
        world.work(first, Registry::default()).await;
        world
    }

    pub(crate) async fn submit(&self, as_of: &str) -> RunId {
        let request = RunRequest {
            as_of: Some(as_of.parse().unwrap()),
            ..RunRequest::new("wallstreetbets")
        };
        self.fixture.submit(&request).await.id
    }

    pub(crate) async fn worker(&self, registry: Registry, with_market: bool) -> Worker {
        let bound = Sources::bind(&self.fixture.config).await.unwrap();
        let sources = Sources {
            market: with_market.then(|| Arc::new(self.market.clone()) as _),
            daily: Some(Arc::new(self.market.clone())),
            ..bound
        };
        self.fixture.worker_over(registry, sources)
    }

    async fn work(&self, id: RunId, registry: Registry) -> Run {
        let worker = self.worker(registry, true).await;
        let run = self.fixture.wait_for_end(id).await;
        worker.stop().await;
        assert_eq!(run.status, RunStatus::Completed, "{run:?}");
        run
    }

    /// A run of monitoring.
    pub(crate) async fn monitor(&self, as_of: &str) -> Run {
        let id = self.submit(as_of).await;
        self.work(id, monitoring()).await
    }

    /// A run of trust over what `plant` writes for it.
    pub(crate) async fn trust(&self, as_of: &str) -> Run {
        let id = self.submit(as_of).await;
        self.trust_of(id).await
    }

    pub(crate) async fn trust_of(&self, id: RunId) -> Run {
        self.work(id, phases::registry().only(&["trust"])).await
    }

    pub(crate) async fn plant(&self, sql: &str) {
        self.fixture.plant(sql).await;
    }

    async fn signal(&self, id: i64, ticker: &str) {
        self.plant(&format!(
            "insert into signals (id, subreddit, signal_date, created_at, updated_at, ticker, signal_type,
                 sentiment_score, prediction, confidence, comment_count, has_reasoning, prior_7d_mentions,
                 distinct_users, run_id)
             values ({id}, 'wallstreetbets', date('2025-01-01', '+{id} days'), '{MONDAY}', '{MONDAY}', '{ticker}',
                     'quality', 0.5, 'bullish', 0.7, 3, true, 0, 3, 1)"
        ))
        .await;
    }

    /// Shares bought at 100 in portfolio 1: stop 90, target 115.
    pub(crate) async fn shares(&self, id: i64, ticker: &str, shares: i64, opened_at: &str) {
        self.signal(id, ticker).await;
        self.plant(&format!(
            "insert into positions (id, portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction,
                 confidence, position_size_micros, entry_date, entry_price_micros, opened_at, status, shares,
                 shares_remaining, stop_loss_price_micros, take_profit_price_micros, peak_price_micros,
                 last_price_micros, last_priced_at)
             values ({id}, 1, {id}, 1, '{ticker}', 'stock', 'quality', 'long', 0.7, {shares} * 100000000,
                     date('{opened_at}'), 100000000, '{opened_at}', 'open', {shares}, {shares}, 90000000, 115000000,
                     100000000, 100000000, '{opened_at}')"
        ))
        .await;
        self.pay(1, shares * 100).await;
    }

    /// Contracts bought at 2.00 in portfolio 3.
    pub(crate) async fn contracts(&self, id: i64, ticker: &str, contracts: i64, opened_at: &str, expiration: &str) {
        self.signal(id, ticker).await;
        self.plant(&format!(
            "insert into positions (id, portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction,
                 confidence, position_size_micros, entry_date, entry_price_micros, opened_at, status, option_type,
                 strike_price_micros, expiration_date, contract_symbol, contracts, contracts_remaining,
                 premium_paid_micros, peak_premium_micros, last_price_micros, last_priced_at)
             values ({id}, 3, {id}, 1, '{ticker}', 'option', 'quality', 'call', 0.7, {contracts} * 200000000,
                     date('{opened_at}'), 2000000, '{opened_at}', 'open', 'call', 100000000, '{expiration}',
                     '{ticker}_C', {contracts}, {contracts}, {contracts} * 200000000, 2000000, 2000000, '{opened_at}')"
        ))
        .await;
        self.pay(3, contracts * 200).await;
    }

    async fn pay(&self, portfolio: i64, dollars: i64) {
        self.plant(&format!(
            "update portfolios set cash_available_micros = cash_available_micros - {dollars} * 1000000
             where id = {portfolio}"
        ))
        .await;
    }

    /// A comment that the run was the first to annotate.
    pub(crate) async fn comment(&self, id: i64, author: &str, body: &str, reasoned: bool, run: RunId) {
        if self.fixture.count("select count(*) from reddit_posts").await == 0 {
            self.plant(&format!(
                "insert into reddit_posts (id, subreddit, reddit_id, title, selftext, upvotes, total_comments, fetched_at)
                 values (1, 'wallstreetbets', 'post', '', '', 0, 0, '{MONDAY}')"
            ))
            .await;
        }
        self.plant(&format!(
            "insert into comments (id, analysis_run_id, post_id, reddit_id, author, body, created_utc, score, depth,
                 prioritization_score, financial_score, parent_chain, sentiment, sarcasm_detected, has_reasoning,
                 ai_confidence, analyzed_at, analyzed_run_id)
             values ({id}, {run}, 1, 'c{id}', '{author}', '{body}', '{MONDAY}', 10, 0, 0.5, 0.5, '[]', 'bullish', false,
                     {reasoned}, 0.5, '{MONDAY}', {run})"
        ))
        .await;
    }

    /// A prediction of five contracts at 2.00, made on Monday, by an author of the same number.
    pub(crate) async fn prediction(&self, id: i64, ticker: &str, expiration: &str) {
        self.comment(id, &format!("author{id}"), "", false, RunId(1)).await;
        self.plant(&format!(
            "insert into predictions (id, comment_id, analysis_run_id, ticker, sentiment, option_type, strike_price_micros,
                 expiration_date, contract_symbol, entry_premium_micros, entry_date, contracts, contracts_remaining,
                 current_premium_micros, peak_premium_micros, created_at)
             values ({id}, {id}, 1, '{ticker}', 'bullish', 'call', 100000000, '{expiration}', '{ticker}_C', 2000000,
                     '2026-03-09', 5, 5, 2000000, 2000000, '{MONDAY}')"
        ))
        .await;
    }

    /// Exits as `position reason price units pct pnl date`, in that order.
    pub(crate) async fn exits(&self) -> Vec<String> {
        self.fixture
            .texts(
                "select concat_ws(' ', position_id, exit_reason, exit_price_micros / 1000000.0,
                                  coalesce(shares_exited, contracts_exited), round(quantity_pct, 4),
                                  realized_pnl_micros / 1000000.0, exit_date)
                 from position_exits order by position_id, id",
            )
            .await
    }

    /// Dollars of cash of a portfolio.
    pub(crate) async fn cash(&self, portfolio: i64) -> i64 {
        let sql = format!("select cash_available_micros / 1000000 from portfolios where id = {portfolio}");
        self.fixture.count(&sql).await
    }
}

/// Monitoring alone.
pub(crate) fn monitoring() -> Registry {
    phases::registry().only(&["monitoring"])
}

/// Warnings as their contexts.
pub(crate) fn contexts(run: &Run) -> Vec<String> {
    let context = |warning: Warning| serde_json::to_string(&warning.context).unwrap();
    run.parsed_warnings().unwrap().into_iter().map(context).collect()
}
