//! Every check of the schema refuses what it is there to refuse.

use std::collections::BTreeSet;

use crate::fixture::Fixture;

/// One good row in every table that has a constraint, all of it keyed 1 where there is a key.
const GOOD: &[&str] = &[
    "insert into reddit_posts values (1, 'stocks', 'p1', 'Title', '', 1, 1, null, null, '')",
    "insert into comments (id, analysis_run_id, post_id, reddit_id, author, body, created_utc, score, depth,
                           prioritization_score, financial_score, parent_chain)
     values (1, 1, 1, 'c1', 'ann', 'text', '', 1, 0, 0.5, 0.5, '[]')",
    "insert into comment_tickers values (1, 1, 'TSLA', 'bullish', '')",
    "insert into run_comments values (1, 1)",
    "insert into signals (id, subreddit, signal_date, created_at, updated_at, ticker, signal_type, sentiment_score,
                          prediction, confidence, comment_count, has_reasoning, prior_7d_mentions, distinct_users,
                          run_id)
     values (1, 'stocks', '2026-01-05', '', '', 'TSLA', 'quality', 0.5, 'bullish', 0.5, 1, true, 0, 1, 1)",
    "insert into signal_comments values (1, 1, 1, '')",
    "insert into positions (id, portfolio_id, signal_id, run_id, ticker, instrument_type, signal_type, direction,
                            confidence, position_size_micros, entry_date, entry_price_micros, opened_at, status,
                            shares, shares_remaining, contracts, contracts_remaining, option_type)
     values (1, 1, 1, 1, 'TSLA', 'stock', 'quality', 'long', 0.5, 1, '', 1, '', 'open', 5, 5, 2, 2, 'call')",
    "insert into position_exits values (1, 1, 1, '', 1, 'stop_loss', 1.0, 5, null, 0, '', '', null)",
    "insert into price_history values (1, 'TSLA', '2026-01-05', 1, 1, 1, 1, '')",
    "insert into predictions (id, comment_id, analysis_run_id, ticker, sentiment, option_type, entry_date, contracts,
                              contracts_remaining, created_at)
     values (1, 1, 1, 'TSLA', 'bullish', 'call', '', 3, 3, '')",
    "insert into prediction_outcomes values (1, 1, 0, 1, 1, '')",
    "insert into prediction_exits values (1, 1, '', 1, 'time_stop', 1.0, 3, 0, '')",
    "insert into evaluation_periods (id, portfolio_id, period_start, period_end, instrument_type, signal_type,
                                     value_at_period_start_micros, created_at)
     values (1, 1, '', '', 'stock', 'quality', 1, '')",
    "insert into portfolio_values values (1, 1, 1, 1)",
    "insert into authors (id, username, first_seen, last_active) values (1, 'ann', '', '')",
    "insert into run_results values ('r1', 1, 'final', 1, 1, '{}', '', null)",
];

/// The name of a check, and what it must refuse. `{}` of `run` is a copy of the run with one value replaced.
const CHECKS: &[(&str, &str)] = &[
    ("analysis_runs_status_known", "run: 'sleeping' as status"),
    ("analysis_runs_percent_range", "run: -1 as progress_percent"),
    ("analysis_runs_percent_range", "run: 101 as progress_percent"),
    ("analysis_runs_ended", "run: '' as completed_at"),
    ("analysis_runs_ended", "run: 'canceled' as status"),
    ("analysis_runs_started", "run: 'running' as status"),
    ("analysis_runs_started", "run: 'partial' as status"),
    ("analysis_runs_full_only_when_completed", "run: 100 as progress_percent"),
    ("run_phases_status_known", "update run_phases set status = 'skipped'"),
    ("run_events_actor_known", "update run_events set actor = 'nobody'"),
    ("run_results_kind_known", "update run_results set kind = 'draft'"),
    ("comments_sentiment_known", "update comments set sentiment = 'BULLISH'"),
    ("comments_annotated_whole", "update comments set analyzed_at = ''"),
    ("comments_annotated_whole", "update comments set sentiment = 'bullish'"),
    ("comments_annotated_whole", "update comments set ai_confidence = 0.5"),
    (
        "comments_annotated_whole",
        "update comments set analyzed_at = '', sentiment = 'neutral', ai_confidence = 1, sarcasm_detected = false,
                             has_reasoning = false",
    ),
    (
        "comment_tickers_sentiment_known",
        "update comment_tickers set sentiment = 'moon'",
    ),
    ("signals_type_known", "update signals set signal_type = 'rumour'"),
    ("signals_sentiment_range", "update signals set sentiment_score = 1.01"),
    ("signals_sentiment_range", "update signals set sentiment_score = -1.01"),
    ("signals_prediction_known", "update signals set prediction = 'neutral'"),
    ("signals_confidence_range", "update signals set confidence = 1.01"),
    ("signals_confidence_range", "update signals set confidence = -0.01"),
    (
        "portfolios_instrument_known",
        "update portfolios set instrument_type = 'bond'",
    ),
    (
        "portfolios_signal_type_known",
        "update portfolios set signal_type = 'rumour'",
    ),
    (
        "portfolios_cash_not_negative",
        "update portfolios set cash_available_micros = -1",
    ),
    (
        "positions_instrument_known",
        "update positions set instrument_type = 'bond'",
    ),
    (
        "positions_signal_type_known",
        "update positions set signal_type = 'rumour'",
    ),
    ("positions_direction_known", "update positions set direction = 'up'"),
    ("positions_status_known", "update positions set status = 'half'"),
    ("positions_shares_range", "update positions set shares_remaining = 6"),
    ("positions_shares_range", "update positions set shares_remaining = -1"),
    (
        "positions_extension_known",
        "update positions set time_extension = 'endless'",
    ),
    (
        "positions_option_type_known",
        "update positions set option_type = 'warrant'",
    ),
    (
        "positions_contracts_range",
        "update positions set contracts_remaining = 3",
    ),
    (
        "positions_contracts_range",
        "update positions set contracts_remaining = -1",
    ),
    (
        "position_exits_reason_known",
        "update position_exits set exit_reason = 'boredom'",
    ),
    (
        "position_exits_quantity_range",
        "update position_exits set quantity_pct = 0",
    ),
    (
        "position_exits_quantity_range",
        "update position_exits set quantity_pct = 1.01",
    ),
    (
        "predictions_sentiment_known",
        "update predictions set sentiment = 'neutral'",
    ),
    (
        "predictions_option_type_known",
        "update predictions set option_type = 'warr'",
    ),
    (
        "predictions_contracts_range",
        "update predictions set contracts_remaining = 4",
    ),
    (
        "predictions_contracts_range",
        "update predictions set contracts_remaining = -1",
    ),
    ("predictions_status_known", "update predictions set status = 'lost'"),
    (
        "predictions_override_known",
        "update predictions set hitl_override = 'maybe'",
    ),
    (
        "prediction_exits_reason_known",
        "update prediction_exits set exit_reason = 'manual'",
    ),
    (
        "positions_exit_reason_known",
        "update positions set exit_reason = 'boredom'",
    ),
    (
        "evaluation_periods_instrument_known",
        "update evaluation_periods set instrument_type = 'bond'",
    ),
    (
        "evaluation_periods_signal_type_known",
        "update evaluation_periods set signal_type = 'hunch'",
    ),
    (
        "run_events_type_known",
        "update run_events set event_type = 'job.paused'",
    ),
    (
        "evaluation_periods_status_known",
        "update evaluation_periods set status = 'open'",
    ),
];

pub(crate) async fn filled() -> Fixture {
    let fixture = Fixture::new().await;
    fixture.running("stocks").await;
    for good in GOOD {
        fixture
            .execute(good)
            .await
            .unwrap_or_else(|error| panic!("{error}: {good}"));
    }
    fixture
}

/// The statement; `run: VALUE as COLUMN` is a fresh queued run in which one column has another value.
pub(crate) async fn statement(fixture: &Fixture, text: &str) -> String {
    let Some(change) = text.strip_prefix("run: ") else {
        return text.to_owned();
    };
    let (value, column) = change.rsplit_once(" as ").unwrap();
    let fresh = [
        ("id", "99"),
        ("job_id", "'fresh'"),
        ("scope", "'fresh'"),
        ("status", "'queued'"),
        ("started_at", "null"),
    ];
    let columns = fixture
        .texts("select name from pragma_table_info('analysis_runs')")
        .await;
    let values: Vec<_> = columns
        .iter()
        .map(|name| match fresh.iter().find(|(fresh, _)| fresh == name) {
            _ if name == column => value,
            Some((_, value)) => value,
            None => name.as_str(),
        })
        .collect();
    format!(
        "insert into analysis_runs select {} from analysis_runs",
        values.join(", ")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_refuses_bad_values() {
    let fixture = filled().await;
    let before = fixture.rows().await;
    for (name, text) in CHECKS {
        let refusal = fixture.refusal(&statement(&fixture, text).await).await;
        assert!(refusal.contains("CHECK") && refusal.contains(name), "{text}: {refusal}");
    }
    assert_eq!(fixture.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_of_the_schema_is_tried() {
    let fixture = Fixture::new().await;
    let tables = fixture
        .texts("select sql from sqlite_master where type = 'table' and sql like '%constraint%'")
        .await;
    let words: Vec<&str> = tables.iter().flat_map(|sql| sql.split_whitespace()).collect();
    let named: BTreeSet<_> = words
        .windows(2)
        .filter(|pair| pair[0] == "constraint")
        .map(|pair| pair[1])
        .collect();
    let tried: BTreeSet<_> = CHECKS.iter().map(|(name, _)| *name).collect();
    assert_eq!(named, tried);
}
