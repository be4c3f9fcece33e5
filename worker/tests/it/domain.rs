//! Everything that runs have found, without what differs between two equal histories: keys and real time.

use std::collections::BTreeMap;

use crate::fixture::Fixture;

/// A table, the columns that matter and where they come from. Times of these tables are market time.
const TABLES: [(&str, &str, &str); 7] = [
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
