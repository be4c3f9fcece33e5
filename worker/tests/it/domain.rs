//! Everything that runs have found, without what differs between two equal histories: keys and real time.

use std::collections::BTreeMap;

use crate::fixture::Fixture;

/// A table, the columns that matter and where they come from. Times of these tables are market time.
const TABLES: [(&str, &str, &str); 11] = [
    (
        "authors",
        "username first_seen total_comments high_quality_comments total_upvotes avg_conviction_score
         avg_sentiment_accuracy flagged_comments last_active trust_score",
        "authors",
    ),
    (
        "reddit_posts",
        "subreddit reddit_id title selftext upvotes total_comments image_url image_analysis fetched_at",
        "reddit_posts",
    ),
    (
        "comments",
        "c.reddit_id p.reddit_id parent.reddit_id c.analysis_run_id c.author c.body c.created_utc c.score c.depth
         c.prioritization_score c.financial_score c.author_trust_score c.parent_chain c.sentiment c.sarcasm_detected
         c.has_reasoning c.reasoning_summary c.ai_confidence c.analyzed_at c.analyzed_run_id",
        "comments as c join reddit_posts as p on p.id = c.post_id
         left join comments as parent on parent.id = c.parent_comment_id",
    ),
    (
        "comment_tickers",
        "c.reddit_id t.ticker t.sentiment t.created_at",
        "comment_tickers as t join comments as c on c.id = t.comment_id",
    ),
    (
        "run_comments",
        "r.run_id c.reddit_id",
        "run_comments as r join comments as c on c.id = r.comment_id",
    ),
    (
        "signals",
        "subreddit signal_date created_at updated_at ticker signal_type sentiment_score prediction confidence
         comment_count has_reasoning is_emergence prior_7d_mentions distinct_users position_opened run_id",
        "signals",
    ),
    (
        "signal_comments",
        "s.subreddit s.signal_date s.ticker s.signal_type c.reddit_id l.created_at",
        "signal_comments as l join signals as s on s.id = l.signal_id join comments as c on c.id = l.comment_id",
    ),
    (
        "predictions",
        "c.reddit_id p.analysis_run_id p.ticker p.sentiment p.option_type p.strike_price_micros p.expiration_date
         p.contract_symbol p.entry_premium_micros p.entry_date p.contracts p.contracts_remaining
         p.current_premium_micros p.peak_premium_micros p.trailing_stop_active p.status p.simulated_return_pct
         p.is_correct p.resolved_at p.accuracy_applied_at p.created_at",
        "predictions as p join comments as c on c.id = p.comment_id",
    ),
    (
        "portfolios",
        "id subreddit name starting_capital_micros current_value_micros cash_available_micros last_valued_at",
        "portfolios",
    ),
    (
        "positions",
        "p.id p.portfolio_id s.signal_date s.ticker s.signal_type p.run_id p.direction p.confidence
         p.position_size_micros p.entry_date p.entry_price_micros p.opened_at p.status p.shares p.shares_remaining
         p.stop_loss_price_micros p.take_profit_price_micros p.peak_price_micros p.trailing_stop_active
         p.time_extension p.strike_price_micros p.expiration_date p.contract_symbol p.contracts p.contracts_remaining
         p.peak_premium_micros p.underlying_price_at_entry_micros p.last_price_micros p.last_priced_at
         p.last_checked_at p.exit_date p.exit_reason p.hold_days p.realized_return_pct",
        "positions as p join signals as s on s.id = p.signal_id",
    ),
    (
        "position_exits",
        "id position_id run_id exit_date exit_price_micros exit_reason quantity_pct shares_exited contracts_exited
         realized_pnl_micros triggered_at created_at",
        "position_exits",
    ),
];

/// Rows by table, sorted.
pub(crate) type Domain = BTreeMap<&'static str, Vec<String>>;

pub(crate) async fn domain(fixture: &Fixture) -> Domain {
    let mut domain = Domain::new();
    for (name, columns, from) in TABLES {
        let quoted: Vec<_> = columns
            .split_whitespace()
            .map(|column| format!("quote({column})"))
            .collect();
        let sql = format!("select {} from {from} order by 1", quoted.join(" || '|' || "));
        domain.insert(name, fixture.texts(&sql).await);
    }
    domain
}

/// Fails with the first row in which they differ.
pub(crate) fn assert_same(one: &Domain, other: &Domain) {
    for (table, rows) in one {
        let others = &other[table];
        for (row, other) in rows.iter().zip(others) {
            assert_eq!(row, other, "{table}");
        }
        assert_eq!(rows.len(), others.len(), "{table}");
    }
}
