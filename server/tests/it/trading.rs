//! A few coherent trades: two runs of one subreddit and one of another, with what they opened, sold and predicted.

use std::time::Duration;

use chrono::{DateTime, Utc};
use server::prices::sources::Prices;
use shared::market::exit::{Exit, ExitReason};
use shared::run::ids::RunId;
use shared::store::{exits, portfolios};
use sqlx::{AssertSqlSafe, SqlitePool};

use crate::app::{App, start_priced};
use crate::market::{day, dollars};

/// Shares of GME in portfolio 1: 80 at 24.50, last seen at 25.
pub const STOCK: i64 = 11;
/// Calls on GME in portfolio 3: 2 at 4.00, last seen at 5.
pub const OPTION: i64 = 12;
/// Shares of AMC in portfolio 2: 100 at 6.00, sold in two halves.
pub const CLOSED: i64 = 13;
/// Its contract.
pub const CONTRACT: &str = "GME   260123C00025000";

const ROWS: &str = "
insert into analysis_runs (id, job_id, scope, subreddit, request, request_hash, status, market_now, queued_at,
                           started_at, completed_at, progress_percent, updated_at)
values (1, '0199d2a4-7c1e-7b3a-9f52-000000000001', 'global', 'wallstreetbets', '{}', 'a', 'completed',
        '2026-01-05T20:00:00+00:00', '2026-01-05T20:00:00+00:00', '2026-01-05T20:00:00+00:00',
        '2026-01-05T20:01:00+00:00', 100, '2026-01-05T20:01:00+00:00'),
       (2, '0199d2a4-7c1e-7b3a-9f52-000000000002', 'global', 'wallstreetbets', '{}', 'b', 'completed',
        '2026-01-08T20:00:00+00:00', '2026-01-08T20:00:00+00:00', '2026-01-08T20:00:00+00:00',
        '2026-01-08T20:01:00+00:00', 100, '2026-01-08T20:01:00+00:00'),
       (3, '0199d2a4-7c1e-7b3a-9f52-000000000003', 'global', 'stocks', '{}', 'c', 'completed',
        '2026-01-07T20:00:00+00:00', '2026-01-07T20:00:00+00:00', '2026-01-07T20:00:00+00:00',
        '2026-01-07T20:01:00+00:00', 100, '2026-01-07T20:01:00+00:00');
insert into signals (id, subreddit, signal_date, created_at, updated_at, ticker, signal_type, sentiment_score,
                     prediction, confidence, comment_count, has_reasoning, prior_7d_mentions, distinct_users,
                     position_opened, run_id)
values (1, 'wallstreetbets', '2026-01-05', '2026-01-05T20:00:00+00:00', '2026-01-05T20:00:00+00:00', 'GME', 'quality',
        0.6, 'bullish', 0.72, 4, true, 0, 4, true, 1),
       (2, 'wallstreetbets', '2026-01-05', '2026-01-05T20:00:00+00:00', '2026-01-05T20:00:00+00:00', 'AMC',
        'consensus', 0.5, 'bullish', 0.61, 40, true, 0, 30, true, 1),
       (3, 'stocks', '2026-01-07', '2026-01-07T20:00:00+00:00', '2026-01-07T20:00:00+00:00', 'TSLA', 'quality',
        0.5, 'bullish', 0.66, 5, true, 0, 5, true, 3);
insert into positions (id, portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction, confidence,
                       position_size_micros, entry_date, entry_price_micros, opened_at, status, shares,
                       shares_remaining, stop_loss_price_micros, take_profit_price_micros, peak_price_micros,
                       last_price_micros, last_priced_at)
values (11, 1, 1, 1, 'GME', 'stock', 'quality', 'long', 0.72, 1960000000, '2026-01-05', 24500000,
        '2026-01-05T20:00:00+00:00', 'open', 80, 80, 22050000, 28175000, 26200000, 25000000,
        '2026-01-08T20:00:00+00:00'),
       (13, 2, 2, 1, 'AMC', 'stock', 'consensus', 'long', 0.61, 600000000, '2026-01-05', 6000000,
        '2026-01-05T20:00:00+00:00', 'open', 100, 100, 5400000, 6900000, 7000000, 6200000,
        '2026-01-08T20:00:00+00:00'),
       (14, 5, 3, 3, 'TSLA', 'stock', 'quality', 'long', 0.66, 4000000000, '2026-01-07', 400000000,
        '2026-01-07T20:00:00+00:00', 'open', 10, 10, 360000000, 460000000, 400000000, 400000000,
        '2026-01-07T20:00:00+00:00');
insert into positions (id, portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction, confidence,
                       position_size_micros, entry_date, entry_price_micros, opened_at, status, option_type,
                       strike_price_micros, expiration_date, contract_symbol, contracts, contracts_remaining,
                       premium_paid_micros, peak_premium_micros, underlying_price_at_entry_micros,
                       last_price_micros, last_priced_at)
values (12, 3, 1, 1, 'GME', 'option', 'quality', 'call', 0.72, 800000000, '2026-01-05', 4000000,
        '2026-01-05T20:00:00+00:00', 'open', 'call', 25000000, '2026-01-23', 'GME   260123C00025000', 2, 2,
        800000000, 5500000, 24500000, 5000000, '2026-01-08T20:00:00+00:00');
update portfolios set cash_available_micros = cash_available_micros
    - (select sum(position_size_micros) from positions where portfolio_id = portfolios.id)
where id in (1, 2, 3, 5);
insert into reddit_posts (id, subreddit, reddit_id, title, selftext, upvotes, total_comments, fetched_at)
values (1, 'wallstreetbets', 'p1', 'title', 'text', 10, 2, '2026-01-05T20:00:00+00:00');
insert into comments (id, analysis_run_id, post_id, reddit_id, author, body, created_utc, score, depth,
                      prioritization_score, financial_score, parent_chain)
values (301, 1, 1, 'c1', 'alice', 'up', '2026-01-05T19:00:00+00:00', 5, 0, 0.5, 0.5, '[]'),
       (302, 1, 1, 'c2', 'bob', 'up too', '2026-01-05T19:00:00+00:00', 4, 0, 0.5, 0.5, '[]');
insert into predictions (id, comment_id, analysis_run_id, ticker, sentiment, option_type, strike_price_micros,
                         expiration_date, contract_symbol, entry_premium_micros, entry_date, contracts,
                         contracts_remaining, current_premium_micros, peak_premium_micros, status,
                         simulated_return_pct, is_correct, resolved_at, accuracy_applied_at, created_at)
values (21, 301, 1, 'GME', 'bullish', 'call', 25000000, '2026-01-23', 'GME   260123C00025000', 1600000, '2026-01-05',
        12, 12, 2000000, 2100000, 'tracking', null, null, null, null, '2026-01-05T20:00:00+00:00'),
       (22, 302, 2, 'GME', 'bullish', 'call', 25000000, '2026-01-23', 'GME   260123C00025000', 2000000, '2026-01-05',
        10, 0, 3000000, 3000000, 'resolved', 0.07, true, '2026-01-08T20:00:00+00:00', '2026-01-08T20:00:00+00:00',
        '2026-01-05T20:00:00+00:00'),
       (23, 301, 2, 'AMC', 'bearish', 'put', null, null, null, null, '2026-01-08', null, null, null, null, 'expired',
        null, null, null, null, '2026-01-08T20:00:00+00:00');
insert into prediction_outcomes (prediction_id, day_offset, premium_micros, underlying_price_micros, recorded_at)
values (21, 3, 2000000, 25000000, '2026-01-08T20:00:00+00:00'),
       (21, 1, 1200000, null, '2026-01-06T20:00:00+00:00');
insert into prediction_exits (prediction_id, exit_date, exit_premium_micros, exit_reason, quantity_pct,
                              contracts_exited, simulated_pnl_micros, created_at)
values (22, '2026-01-08', 2140000, 'time_stop', 1.0, 10, 140000000, '2026-01-08T20:00:00+00:00');
insert into price_history (ticker, date, open_micros, high_micros, low_micros, close_micros, fetched_at)
values ('GME', '2026-01-06', 24500000, 25000000, 24000000, 24800000, '2026-01-06T20:00:00+00:00'),
       ('GME', '2026-01-05', 24500000, 25000000, 24000000, 24500000, '2026-01-05T20:00:00+00:00');
insert into evaluation_periods (id, portfolio_id, period_start, period_end, instrument_type, signal_type, status,
                                portfolio_return_pct, sp500_return_pct, relative_performance, beat_benchmark,
                                total_positions_closed, winning_positions, losing_positions, avg_return_pct,
                                signal_accuracy_pct, value_at_period_start_micros, created_at)
values (1, 2, '2025-12-06', '2026-01-05', 'stock', 'consensus', 'completed', -1.5, 0.5, -2.0, false, 0, 0, 0, 0.0,
        0.0, 101000000000, '2025-12-06T20:00:00+00:00'),
       (2, 2, '2026-01-05', '2026-02-04', 'stock', 'consensus', 'active', null, null, null, null, null, null, null,
        null, null, 100000000000, '2026-01-05T20:00:00+00:00');
";

/// A server over those trades.
pub struct Trading {
    pub app: App,
    pub raw: SqlitePool,
}

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

impl Trading {
    pub async fn new(prices: Prices) -> Self {
        let app = start_priced(&[], prices).await;
        let raw = app
            .store
            .separate_pool(1, Duration::from_secs(10))
            .await
            .expect("a pool");
        let mut tx = app.store.begin().await.expect("a transaction");
        portfolios::ensure_four(&mut tx, "stocks", instant("2026-01-07T20:00:00Z"))
            .await
            .expect("four portfolios");
        tx.commit().await.expect("a commit");
        sqlx::raw_sql(ROWS).execute(&raw).await.expect("rows");
        let trading = Self { app, raw };
        trading.sell_the_closed_one().await;
        trading
    }

    /// Sells 13 in two halves, then values every portfolio, as the second run would.
    async fn sell_the_closed_one(&self) {
        let at = instant("2026-01-08T20:00:00Z");
        let mut tx = self.app.store.begin().await.expect("a transaction");
        for (reason, price, date) in [
            (ExitReason::TakeProfit, 6.9, "2026-01-07"),
            (ExitReason::TimeStop, 6.2, "2026-01-08"),
        ] {
            let exit = Exit {
                reason,
                price: dollars(price),
                units: 50,
                date: day(date),
                triggered_at: at,
            };
            exits::book(&mut tx, CLOSED, Some(RunId(2)), &exit, None)
                .await
                .expect("an exit");
        }
        for id in 1..=8 {
            portfolios::revalue(&mut tx, id, at).await.expect("a value");
        }
        portfolios::record_values(&mut tx, RunId(1), "wallstreetbets")
            .await
            .expect("values");
        portfolios::record_values(&mut tx, RunId(2), "wallstreetbets")
            .await
            .expect("values");
        tx.commit().await.expect("a commit");
    }

    /// Runs a statement that the store does not offer.
    pub async fn execute(&self, sql: &str) {
        sqlx::query(AssertSqlSafe(sql.to_owned()))
            .execute(&self.raw)
            .await
            .expect("a statement");
    }

    pub async fn number(&self, sql: &str) -> i64 {
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned()))
            .fetch_one(&self.raw)
            .await
            .expect("a number")
    }

    /// Whether every portfolio's value is its cash and its positions, and all money is where it came from.
    pub async fn assert_money_adds_up(&self) {
        let wrong = self
            .number(
                "select count(*) from portfolios as f where current_value_micros <> cash_available_micros + coalesce(
                     (select sum(last_price_micros * coalesce(shares_remaining, contracts_remaining * 100))
                      from positions where portfolio_id = f.id and status = 'open'), 0)",
            )
            .await;
        let lost = self
            .number(
                "select count(*) from portfolios as f where cash_available_micros <> starting_capital_micros
                     - coalesce((select sum(position_size_micros) from positions where portfolio_id = f.id), 0)
                     + coalesce((select sum(e.exit_price_micros * coalesce(e.shares_exited, e.contracts_exited * 100))
                                 from position_exits as e join positions as p on p.id = e.position_id
                                 where p.portfolio_id = f.id), 0)",
            )
            .await;
        assert_eq!((wrong, lost), (0, 0));
    }
}
