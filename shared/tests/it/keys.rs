//! Unique keys, references, and the rows that are there from the start.

use std::collections::BTreeSet;

use crate::{
    constraints::{filled, statement},
    fixture::Fixture,
};

/// What a unique key refuses: a second row like the first.
const TWICE: &[(&str, &str)] = &[
    ("analysis_runs.job_id", "run: job_id as job_id"),
    (
        "run_events.run_id",
        "insert into run_events select run_id, event_seq, event_type, '', 'api', '' from run_events",
    ),
    (
        "run_results.run_id",
        "insert into run_results values ('r2', 1, 'partial', 1, 1, '{}', '', null)",
    ),
    (
        "run_results.run_id",
        "insert into run_results values ('r2', 1, 'final', 2, 1, '{}', '', null)",
    ),
    (
        "reddit_posts.reddit_id",
        "insert into reddit_posts values (2, 'stocks', 'p1', '', '', 1, 1, null, null, '')",
    ),
    (
        "comment_tickers.comment_id",
        "insert into comment_tickers values (2, 1, 'TSLA', 'neutral', '')",
    ),
    ("run_comments.run_id", "insert into run_comments values (1, 1)"),
    (
        "signals.subreddit",
        "insert into signals select 2, subreddit, signal_date, '', '', ticker, signal_type, 0,
         'bearish', 0, 1, 0, null, 0, 1, 0, 1 from signals",
    ),
    (
        "signal_comments.signal_id",
        "insert into signal_comments values (2, 1, 1, '')",
    ),
    (
        "portfolios.subreddit",
        "insert into portfolios select 9, subreddit, name, 'stock', 'quality', 1, 1, 1, '', null
         from portfolios where id = 1",
    ),
    (
        "positions.signal_id",
        "insert into positions (portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction,
                                confidence, position_size_micros, entry_date, entry_price_micros, opened_at, status)
         values (1, 1, 1, 'X', 'stock', 'quality', 'long', 1, 1, '', 1, '', 'open')",
    ),
    (
        "price_history.ticker",
        "insert into price_history values (2, 'TSLA', '2026-01-05', 1, 1, 1, 1, '')",
    ),
    (
        "predictions.comment_id",
        "insert into predictions (comment_id, analysis_run_id, ticker, sentiment, option_type, entry_date, created_at)
         values (1, 1, 'TSLA', 'bearish', 'put', '', '')",
    ),
    (
        "prediction_outcomes.prediction_id",
        "insert into prediction_outcomes values (2, 1, 0, 1, 1, '')",
    ),
    (
        "authors.username",
        "insert into authors (username, first_seen, last_active) values ('ann', '', '')",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_unique_key_refuses_a_second_row() {
    let fixture = filled().await;
    let before = fixture.rows().await;
    for (column, text) in TWICE {
        let refusal = fixture.refusal(&statement(&fixture, text).await).await;
        assert!(
            refusal.contains("UNIQUE") && refusal.contains(column),
            "{text}: {refusal}"
        );
    }
    assert_eq!(fixture.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_must_lead_somewhere() {
    let fixture = filled().await;
    let references = fixture
        .texts(
            "select m.name || ' ' || f.\"from\" from sqlite_master as m, pragma_foreign_key_list(m.name) as f
             where m.type = 'table' and m.name not in ('Jobs', 'Workers', 'idempotency_keys', 'run_checkpoints')",
        )
        .await;
    assert!(references.len() > 25, "{references:?}");
    for reference in references {
        let (table, column) = reference.split_once(' ').unwrap();
        let refusal = fixture.refusal(&format!("update {table} set {column} = 4711")).await;
        assert!(refusal.contains("FOREIGN KEY"), "{reference}: {refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_defaults_are_seeded_once() {
    let fixture = Fixture::new().await;
    let keys: BTreeSet<_> = fixture
        .texts("select key from system_config")
        .await
        .into_iter()
        .collect();
    let known: BTreeSet<_> = shared::store::pipeline_config::KEYS
        .iter()
        .map(|key| (*key).to_owned())
        .collect();
    let missing: Vec<_> = known.difference(&keys).collect();
    assert_eq!(missing, ["system_start_date"], "the first run writes it");
    assert_eq!(keys.len(), 33);
    let portfolios = fixture
        .texts("select id || ' ' || name || ' ' || cash_available_micros from portfolios order by id")
        .await;
    let names = [
        "stocks_quality",
        "stocks_consensus",
        "options_quality",
        "options_consensus",
    ];
    let expected: Vec<_> = (1..)
        .zip(names)
        .map(|(id, name)| format!("{id} {name} 100000000000"))
        .collect();
    assert_eq!(portfolios, expected);
}
