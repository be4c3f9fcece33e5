//! A long history that nobody has lived: written into the empty database of a stack.
//!
//! 100,000 runs, 1,000,000 comments, each behind a signal, 10,000 signals with a position each, nearly all of them
//! closed, and 20,000 predictions.

use e2e::stack::Stack;

/// Numbers from 0 to below COUNT.
const NUMBERS: &str = "with recursive number (n) as (select 0 union all select n + 1 from number where n < COUNT - 1)";

/// How many rows, and the statement that writes them from [`NUMBERS`].
const STATEMENTS: [(usize, &str); 9] = [
    (
        100_000,
        "insert into analysis_runs (job_id, scope, subreddit, request, request_hash, status, market_now, current_phase,
             phase_key, phase_label, progress_current, progress_total, progress_percent, queued_at, started_at,
             completed_at, error_code, error_message, signals_created, positions_opened, exits_triggered, event_seq,
             attempt, updated_at)
         select printf('0199d2a4-7c1e-7b3a-9f52-%012x', n), 'global',
             case n % 10 when 0 then 'stocks' else 'wallstreetbets' end,
             '{\"subreddit\":\"wallstreetbets\",\"as_of\":null,\"post_limit\":10,\"comments_per_post\":1000,\"top_comments\":50}',
             printf('%064x', n), status, at, 7, 'trust', 'Updating author trust', 500, 500,
             case status when 'completed' then 100 else 65 end, at, at, at,
             case status when 'failed' then 'timeout' end,
             case status when 'failed' then 'Pipeline exceeded 60-minute timeout' end, 3, 1, 0, 24, 1, at
         from (select n, case n % 20 when 0 then 'failed' when 1 then 'canceled' else 'completed' end as status,
                      strftime('%Y-%m-%dT%H:%M:%S.000000+00:00', '2014-01-01', '+' || n || ' hours') as at
               from number)",
    ),
    (
        100,
        "insert into run_events (run_id, event_seq, event_type, occurred_at, actor, payload)
         select 1, n + 1, 'job.partial', '2014-01-01T00:00:00.000000+00:00', 'worker', '{\"attempt\":1}' from number",
    ),
    (
        1,
        "insert into reddit_posts (subreddit, reddit_id, title, selftext, upvotes, total_comments, fetched_at)
         select 'wallstreetbets', 'post', 'Daily', '', 1, 1000000, '2014-01-01T00:00:00.000000+00:00' from number",
    ),
    (
        1_000_000,
        "insert into comments (analysis_run_id, post_id, reddit_id, author, body, created_utc, score, depth,
             prioritization_score, financial_score, parent_chain, sentiment, sarcasm_detected, has_reasoning,
             ai_confidence, analyzed_at, analyzed_run_id)
         select n / 10 + 1, 1, 'c' || n, 'author_' || (n % 5000),
             'Earnings beat, guidance raised, and nobody talks about it: number ' || n,
             '2014-01-01T00:00:00.000000+00:00', n % 1000, 0, 0.5, 0.5, '[]', 'bullish', false, true, 0.8,
             '2014-01-01T00:00:00.000000+00:00', n / 10 + 1
         from number",
    ),
    (
        1_000_000,
        "insert into comment_tickers (comment_id, ticker, sentiment, created_at)
         select n + 1, 'T' || (n % 40), 'bullish', '2014-01-01T00:00:00.000000+00:00' from number",
    ),
    (
        10_000,
        "insert into signals (subreddit, signal_date, created_at, updated_at, ticker, signal_type, sentiment_score,
             prediction, confidence, comment_count, has_reasoning, prior_7d_mentions, distinct_users, position_opened,
             run_id)
         select 'wallstreetbets', date('2020-01-01', '+' || (n / 40) || ' days'), '2020-01-01T00:00:00.000000+00:00',
             '2020-01-01T00:00:00.000000+00:00', 'T' || (n % 40), case n % 2 when 0 then 'quality' else 'consensus' end,
             0.5, 'bullish', 0.5 + n % 50 / 100.0, 100, true, 0, 3, true, n * 10 + 1
         from number",
    ),
    (
        1_000_000,
        "insert into signal_comments (signal_id, comment_id, created_at)
         select n % 10000 + 1, n + 1, '2020-01-01T00:00:00.000000+00:00' from number",
    ),
    (
        10_000,
        "insert into positions (portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction,
             confidence, position_size_micros, entry_date, entry_price_micros, opened_at, status, shares,
             shares_remaining, stop_loss_price_micros, take_profit_price_micros, peak_price_micros, last_price_micros,
             last_priced_at, exit_date, exit_reason, hold_days, realized_return_pct)
         select n % 2 + 1, n + 1, n * 10 + 1, 'T' || (n % 40), 'stock',
             case n % 2 when 0 then 'quality' else 'consensus' end, 'long', 0.8, 1000000000,
             date('2020-01-01', '+' || (n / 40) || ' days'), 10000000, '2020-01-01T16:00:00.000000+00:00',
             case when n % 200 = 0 then 'open' else 'closed' end, 100, case when n % 200 = 0 then 100 else 0 end,
             9000000, 12000000, 10000000, 10000000, '2020-01-01T16:00:00.000000+00:00',
             case when n % 200 = 0 then null else '2020-12-31' end,
             case when n % 200 = 0 then null else 'time_stop' end, case when n % 200 = 0 then null else 5 end,
             case when n % 200 = 0 then null else 0.01 end
         from number",
    ),
    (
        20_000,
        "insert into predictions (comment_id, analysis_run_id, ticker, sentiment, option_type, entry_date, status,
             created_at)
         select n * 50 + 1, n * 5 + 1, 'T' || (n % 40), 'bullish', 'call', '2020-01-01',
             case n % 3 when 0 then 'tracking' when 1 then 'resolved' else 'expired' end,
             '2020-01-01T00:00:00.000000+00:00'
         from number",
    ),
];

/// Writes it all.
pub(crate) fn plant(stack: &Stack) -> anyhow::Result<()> {
    for (count, statement) in STATEMENTS {
        let numbers = NUMBERS.replace("COUNT", &count.to_string());
        // `with` stands before the `insert` that reads from it.
        stack.execute(&format!("{numbers} {statement}"))?;
    }
    let exits = "insert into position_exits (position_id, run_id, exit_date, exit_price_micros, exit_reason,
             quantity_pct, shares_exited, realized_pnl_micros, triggered_at, created_at)
         select id, run_id, '2020-12-31', 10000000, 'time_stop', 1, 100, 0, '2020-12-31T16:00:00.000000+00:00',
             '2020-12-31T16:00:00.000000+00:00'
         from positions where status = 'closed'";
    stack.execute(exits)?;
    let values = "insert into portfolio_values (run_id, portfolio_id, value_micros, cash_micros)
         select id * 100, 1, 100000000000, 100000000000 from analysis_runs where id <= 1000";
    stack.execute(values)
}
