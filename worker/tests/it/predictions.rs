//! The predictions phase over planted opinions and a scripted market, late in the evening of the script's day.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::{
    market::option::OptionType::{Call, Put},
    run::{request::RunRequest, state::RunStatus},
    store::runs::Run,
};

use crate::{
    fixture::Fixture,
    script::{ATTEMPTS, Script, both, contract},
};

/// Nine in the evening, Eastern time; the next day already in UTC.
const NOW: &str = "2026-03-03T02:00:00+00:00";

/// Comment, ticker, stance.
type Opinion = (i64, &'static str, &'static str);

fn request() -> RunRequest {
    RunRequest {
        as_of: NOW.parse().ok(),
        ..RunRequest::new("stocks")
    }
}

/// A run that is queued, with annotated comments of its own.
async fn queued(fixture: &Fixture, opinions: &[Opinion]) -> Run {
    let run = fixture.submit(&request()).await;
    fixture
        .plant(&format!(
            "insert into reddit_posts (id, subreddit, reddit_id, title, selftext, upvotes, total_comments, fetched_at)
             values (1, 'stocks', 'p1', '', '', 1, 1, '{NOW}') on conflict (id) do update set upvotes = 1"
        ))
        .await;
    for (comment, ticker, stance) in opinions {
        fixture
            .plant(&format!(
                "insert into comments (id, analysis_run_id, post_id, reddit_id, author, body, created_utc, score, depth,
                     prioritization_score, financial_score, parent_chain, sentiment, sarcasm_detected, has_reasoning,
                     ai_confidence, analyzed_at, analyzed_run_id)
                 values ({comment}, {run}, 1, 'c{comment}', 'ann', '', '{NOW}', 1, 0, 0, 0, '[]', 'neutral', false, true,
                         0.8, '{NOW}', {run})
                 on conflict (id) do update set analysis_run_id = excluded.analysis_run_id",
                run = run.id
            ))
            .await;
        fixture
            .plant(&format!(
                "insert into comment_tickers (comment_id, ticker, sentiment, created_at)
                 values ({comment}, '{ticker}', '{stance}', '{NOW}')
                 on conflict (comment_id, ticker) do update set sentiment = excluded.sentiment"
            ))
            .await;
    }
    run
}

async fn predict(fixture: &Fixture, script: &Arc<Script>, opinions: &[Opinion]) -> Run {
    let run = queued(fixture, opinions).await;
    let worker = fixture
        .worker_with(worker::phases::registry().only(&["predictions"]), Some(script.clone()))
        .await;
    let run = fixture.wait_for_end(run.id).await;
    worker.stop().await;
    assert_eq!(run.status, RunStatus::Completed, "{run:?}");
    run
}

/// Type, ticker and context of the run's warnings; all of them are of phase 3.
fn warnings(run: &Run) -> Vec<Value> {
    let warnings = run.parsed_warnings().unwrap();
    warnings
        .iter()
        .map(|warning| {
            assert_eq!(warning.phase, 3);
            json!([warning.kind, warning.ticker, warning.context])
        })
        .collect()
}

const TRACKED: &str =
    "select comment_id || ' ' || ticker || ' ' || sentiment || ' ' || option_type || ' ' || (strike_price_micros / 1000000)
            || ' ' || expiration_date || ' ' || contract_symbol || ' ' || entry_premium_micros || ' '
            || current_premium_micros || ' ' || peak_premium_micros || ' ' || contracts || ' ' || contracts_remaining
            || ' ' || trailing_stop_active || ' ' || entry_date || ' ' || created_at || ' ' || analysis_run_id
     from predictions where status = 'tracking' and simulated_return_pct is null and resolved_at is null order by id";

/// Dead predictions that know nothing of a contract.
const DEAD: &str = "select comment_id || ' ' || ticker || ' ' || option_type || ' ' || entry_date from predictions
     where status = 'expired' and strike_price_micros is null and expiration_date is null and contract_symbol is null
       and entry_premium_micros is null and current_premium_micros is null and peak_premium_micros is null
       and contracts is null and contracts_remaining is null
     order by id";

#[tokio::test(flavor = "multi_thread")]
async fn bulls_pretend_to_buy_calls_and_bears_puts_and_neutral_comments_nothing() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script.chain("ABC", both("ABC", 3.0, 25.5));
    let opinions = [
        (1, "ABC", "bearish"),
        (2, "ABC", "bullish"),
        (3, "ABC", "neutral"),
        (4, "XYZ", "neutral"),
        (5, "ABC", "bullish"),
    ];
    let run = predict(&fixture, &script, &opinions).await;
    let call = "bullish call 110 2026-03-19 ABC   260319C00110000 3000000 3000000 3000000 6 6 0 2026-03-02";
    let put = "bearish put 90 2026-03-19 ABC   260319P00090000 25500000 25500000 25500000 1 1 0 2026-03-02";
    assert_eq!(
        fixture.texts(TRACKED).await,
        [
            format!("1 ABC {put} {NOW} 1"),
            format!("2 ABC {call} {NOW} 1"),
            format!("5 ABC {call} {NOW} 1")
        ]
    );
    assert_eq!(fixture.count("select count(*) from predictions").await, 3);
    assert_eq!(
        script.asked(),
        ["chain ABC 2026-03-16 2026-03-23"],
        "once, and not for XYZ"
    );
    assert!(run.warnings.is_none());
    let phase = &fixture.phases(run.id).await[0];
    assert_eq!((phase.number, phase.progress_current, phase.progress_total), (3, 1, 1));
    assert_eq!(fixture.result(run.id).await.predictions.created, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_side_without_a_strike_is_dead_from_the_start_and_warned_of_once() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script
        .chain(
            "ABC",
            vec![
                contract("ABC", Call, 110, "0.30", Some(3.0)),
                contract("ABC", Put, 90, "-0.90", Some(3.0)),
            ],
        )
        .chain("FREE", both("FREE", 0.0, 0.0))
        .chain("VOID", Vec::new())
        // A feed may list a fund under the name of a coin.
        .chain("BTC", both("BTC", 3.0, 3.0));
    let opinions = [
        (1, "ABC", "bullish"),
        (2, "ABC", "bearish"),
        (3, "ABC", "bearish"),
        (4, "BTC", "bullish"),
        (5, "FREE", "bearish"),
        (6, "FREE", "bullish"),
        (7, "VOID", "bullish"),
    ];
    let run = predict(&fixture, &script, &opinions).await;
    assert_eq!(
        fixture.texts(DEAD).await,
        [
            "2 ABC put 2026-03-02",
            "3 ABC put 2026-03-02",
            "4 BTC call 2026-03-02",
            "5 FREE put 2026-03-02",
            "6 FREE call 2026-03-02",
            "7 VOID call 2026-03-02",
        ]
    );
    assert_eq!(fixture.texts(TRACKED).await.len(), 1);
    let warning = |ticker: &str, side: &str, checked: i64| {
        json!(["prediction_strike_unavailable", ticker,
               { "ticker": ticker, "option_type": side, "expirations_checked": checked }])
    };
    assert_eq!(
        warnings(&run),
        [
            warning("ABC", "put", 1),
            warning("BTC", "call", 0),
            warning("FREE", "call", 1),
            warning("FREE", "put", 1),
            warning("VOID", "call", 0)
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_chain_all_predictions_of_a_ticker_are_dead_and_the_others_live() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script
        .no_chain("ABC")
        .logged_out("OUT")
        .chain("XYZ", both("XYZ", 3.0, 3.0));
    let opinions = [
        (1, "ABC", "bullish"),
        (2, "ABC", "bearish"),
        (3, "OUT", "bullish"),
        (4, "XYZ", "bullish"),
    ];
    let run = predict(&fixture, &script, &opinions).await;
    assert_eq!(
        fixture.texts(DEAD).await,
        ["1 ABC call 2026-03-02", "2 ABC put 2026-03-02", "3 OUT call 2026-03-02"]
    );
    assert_eq!(fixture.texts(TRACKED).await.len(), 1);
    let warning = |ticker: &str, attempts: u32, affected: i64| {
        json!(["schwab_prediction_unavailable", ticker,
               { "ticker": ticker, "attempts": attempts, "predictions_affected": affected }])
    };
    assert_eq!(warnings(&run), [warning("ABC", ATTEMPTS, 2), warning("OUT", 1, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_is_held_to_a_ticker_once_and_a_dead_prediction_is_not_tried_again() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script.chain("ABC", both("ABC", 3.0, 3.0)).no_chain("XYZ");
    let first = [(1, "ABC", "bullish"), (1, "XYZ", "bearish")];
    predict(&fixture, &script, &first).await;
    let before = (fixture.texts(TRACKED).await, fixture.texts(DEAD).await);
    script
        .chain("ABC", both("ABC", 9.0, 9.0))
        .chain("XYZ", both("XYZ", 9.0, 9.0));
    let run = predict(&fixture, &script, &first).await;
    assert_eq!((fixture.texts(TRACKED).await, fixture.texts(DEAD).await), before);
    assert!(
        run.warnings.is_none() && script.asked().len() == 2,
        "no chain was asked for again"
    );
    predict(&fixture, &script, &[(1, "ABC", "bullish"), (2, "ABC", "bullish")]).await;
    assert_eq!(script.asked().len(), 3);
    let of_second = "select contracts from predictions where comment_id = 2 and analysis_run_id = 3";
    assert_eq!(fixture.count(of_second).await, 2, "at the price of that run");
}

#[tokio::test(flavor = "multi_thread")]
async fn five_chains_are_asked_for_at_a_time_and_stored_in_the_order_of_the_tickers() {
    const TICKERS: [&str; 8] = ["AA", "BB", "CC", "DD", "EE", "FF", "GG", "HH"];
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    for ticker in TICKERS {
        script.chain(ticker, both(ticker, 3.0, 3.0)).hold(ticker);
    }
    let opinions: Vec<Opinion> = (1..)
        .zip(TICKERS.iter().rev())
        .map(|(id, ticker)| (id, *ticker, "bullish"))
        .collect();
    let run = queued(&fixture, &opinions).await;
    let worker = fixture
        .worker_with(worker::phases::registry().only(&["predictions"]), Some(script.clone()))
        .await;
    script.until_waiting(5).await;
    script.release_all_but("AA").await;
    assert_eq!(
        script.asked().len(),
        5,
        "what is answered waits for its turn, and others with it"
    );
    assert_eq!(fixture.count("select count(*) from predictions").await, 0);
    script.release();
    fixture.wait_for_end(run.id).await;
    worker.stop().await;
    assert_eq!((script.asked().len(), script.most_waiting()), (8, 5));
    assert_eq!(
        fixture.texts("select ticker from predictions order by id").await,
        TICKERS
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_between_two_tickers_costs_nothing_and_repeats_nothing() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script.no_chain("ABC").chain("XYZ", both("XYZ", 3.0, 3.0)).hold("XYZ");
    let opinions = [(1, "ABC", "bullish"), (2, "XYZ", "bullish")];
    let run = queued(&fixture, &opinions).await;
    let worker = fixture
        .worker_with(worker::phases::registry().only(&["predictions"]), Some(script.clone()))
        .await;
    fixture.wait_until(run.id, |run| run.progress_current == Some(1)).await;
    script.until_waiting(1).await;
    worker.stop().await;
    assert_eq!(fixture.texts(DEAD).await, ["1 ABC call 2026-03-02"]);
    assert_eq!(fixture.count("select count(*) from predictions").await, 1);
    script.release();
    let worker = fixture
        .worker_with(worker::phases::registry().only(&["predictions"]), Some(script.clone()))
        .await;
    let run = fixture.wait_for_end(run.id).await;
    worker.stop().await;
    assert_eq!((run.status, run.attempt), (RunStatus::Completed, 2));
    assert_eq!(fixture.texts(TRACKED).await.len(), 1);
    assert_eq!(warnings(&run).len(), 1);
    let asked = script.asked();
    assert_eq!(asked.iter().filter(|call| call.starts_with("chain ABC")).count(), 1);
    let phase = &fixture.phases(run.id).await[0];
    assert_eq!((phase.progress_current, phase.progress_total), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_market_nothing_is_predicted_and_nobody_is_warned() {
    let fixture = Fixture::new(&[]).await;
    let run = queued(&fixture, &[(1, "ABC", "bullish")]).await;
    let worker = fixture
        .worker_with(worker::phases::registry().only(&["predictions"]), None)
        .await;
    let run = fixture.wait_for_end(run.id).await;
    worker.stop().await;
    assert_eq!((run.status, run.warnings.as_deref()), (RunStatus::Completed, None));
    assert_eq!(fixture.count("select count(*) from predictions").await, 0);
}
