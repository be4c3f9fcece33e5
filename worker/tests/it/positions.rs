//! The positions phase over planted signals and a scripted market: what is bought, and what stands in the way.

mod crowded;
mod interrupted;
mod outages;

use std::sync::Arc;

use serde_json::{Value, json};
use shared::{
    market::option::OptionType::Call,
    run::{request::RunRequest, state::RunStatus},
    store::runs::Run,
};

use crate::{
    fixture::Fixture,
    script::{ATTEMPTS, Script, both, contract},
};

/// Eleven in the morning, Eastern time, on a Monday.
const NOW: &str = "2026-03-02T16:00:00+00:00";

/// Ticker, type, direction, confidence.
type Fired = (&'static str, &'static str, &'static str, f64);

/// A run over the subreddit `stocks` that is queued, with signals that have fired in it.
async fn queued(fixture: &Fixture, now: &str, signals: &[Fired]) -> Run {
    let request = RunRequest {
        as_of: now.parse().ok(),
        ..RunRequest::new("stocks")
    };
    let run = fixture.submit(&request).await;
    for (ticker, kind, direction, confidence) in signals {
        fixture
            .plant(&format!(
                "insert into signals (subreddit, signal_date, created_at, updated_at, ticker, signal_type,
                     sentiment_score, prediction, confidence, comment_count, has_reasoning, prior_7d_mentions,
                     distinct_users, run_id)
                 values ('stocks', date('{now}'), '{now}', '{now}', '{ticker}', '{kind}', 0.5, '{direction}',
                         {confidence}, 3, true, 0, 3, {run})
                 on conflict (subreddit, ticker, signal_type, signal_date) do update set run_id = excluded.run_id",
                run = run.id
            ))
            .await;
    }
    run
}

/// Runs the phase to its end over what is planted.
async fn finish(fixture: &Fixture, script: &Arc<Script>, run: &Run) -> Run {
    let worker = fixture
        .worker_with(worker::phases::registry().only(&["positions"]), Some(script.clone()))
        .await;
    let run = fixture.wait_for_end(run.id).await;
    worker.stop().await;
    assert_eq!(run.status, RunStatus::Completed, "{run:?}");
    assert_books(fixture).await;
    fixture.run(run.id).await
}

async fn trade(fixture: &Fixture, script: &Arc<Script>, signals: &[Fired]) -> Run {
    let run = queued(fixture, NOW, signals).await;
    finish(fixture, script, &run).await
}

/// Cash is what there was, less what was paid, and what was sold; values are cash and what is held.
async fn assert_books(fixture: &Fixture) {
    let wrong = "select f.name || ' ' || f.cash_available_micros || ' ' || f.current_value_micros from portfolios as f
         where f.cash_available_micros <> f.starting_capital_micros
                   - (select coalesce(sum(p.position_size_micros), 0) from positions as p where p.portfolio_id = f.id)
                   + (select coalesce(sum(e.exit_price_micros * coalesce(e.shares_exited, e.contracts_exited * 100)), 0)
                      from position_exits as e join positions as p on p.id = e.position_id
                      where p.portfolio_id = f.id)
            or f.current_value_micros <> f.cash_available_micros
                   + (select coalesce(sum(p.last_price_micros
                                          * coalesce(p.shares_remaining, p.contracts_remaining * 100)), 0)
                      from positions as p where p.portfolio_id = f.id and p.status = 'open')";
    assert_eq!(fixture.texts(wrong).await, [""; 0]);
}

/// Portfolio, ticker, direction, units and cost in dollars of what the newest run has opened, in that order.
async fn opened(fixture: &Fixture) -> Vec<String> {
    fixture
        .texts(
            "select f.name || ' ' || p.ticker || ' ' || p.direction || ' ' || coalesce(p.shares, p.contracts) || ' '
                    || (p.position_size_micros / 1000000.0)
             from positions as p join portfolios as f on f.id = p.portfolio_id
             where p.run_id = (select max(id) from analysis_runs) order by p.id",
        )
        .await
}

/// Tickers of signals that count as traded.
async fn traded(fixture: &Fixture) -> Vec<String> {
    let sql = "select ticker from signals where position_opened order by id";
    fixture.texts(sql).await
}

/// Type, ticker and context of the run's warnings; all of them are of phase 5.
fn warnings(run: &Run) -> Vec<Value> {
    let warnings = run.parsed_warnings().unwrap();
    warnings
        .iter()
        .map(|warning| {
            assert_eq!(warning.phase, 5);
            json!([warning.kind, warning.ticker, warning.context])
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bullish_signal_buys_shares_and_calls_at_what_they_cost() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script.price("ABC", 142.5).chain("ABC", both("ABC", 3.0, 2.0));
    let run = trade(&fixture, &script, &[("ABC", "quality", "bullish", 0.75)]).await;
    let shares = "select p.signal_id || ' ' || p.run_id || ' ' || p.instrument_type || ' ' || p.signal_type || ' '
            || p.direction || ' ' || p.confidence || ' ' || p.position_size_micros || ' ' || p.entry_date || ' '
            || p.entry_price_micros || ' ' || p.opened_at || ' ' || p.status || ' ' || p.trailing_stop_active || ' '
            || p.time_extension || ' ' || p.last_price_micros || ' ' || p.last_priced_at || ' '";
    let stock = "|| p.shares || ' ' || p.shares_remaining || ' ' || p.stop_loss_price_micros || ' '
            || p.take_profit_price_micros || ' ' || p.peak_price_micros
         from positions as p where p.contracts is null and p.option_type is null and p.premium_paid_micros is null
           and p.last_checked_at is null";
    assert_eq!(
        fixture.texts(&format!("{shares} {stock}")).await,
        [format!(
            "1 1 stock quality long 0.75 4987500000 2026-03-02 142500000 {NOW} open 0 base 142500000 \
             2026-03-02T15:59:00+00:00 35 35 128250000 163875000 142500000"
        )]
    );
    let option = "|| p.contracts || ' ' || p.contracts_remaining || ' ' || p.option_type || ' '
            || p.strike_price_micros || ' ' || p.expiration_date || ' ' || p.contract_symbol || ' '
            || p.premium_paid_micros || ' ' || p.peak_premium_micros || ' ' || p.underlying_price_at_entry_micros
         from positions as p where p.shares is null and p.stop_loss_price_micros is null
           and p.take_profit_price_micros is null and p.peak_price_micros is null and p.last_checked_at is null";
    assert_eq!(
        fixture.texts(&format!("{shares} {option}")).await,
        [format!(
            "1 1 option quality call 0.75 1800000000 2026-03-02 3000000 {NOW} open 0 base 3000000 \
             2026-03-02T15:59:00+00:00 6 6 call 110000000 2026-03-19 ABC   260319C00110000 1800000000 3000000 100000000"
        )]
    );
    let cash = "select subreddit || ' ' || name || ' ' || (cash_available_micros / 1000000.0) || ' '
                       || (current_value_micros / 1000000.0) from portfolios where subreddit = 'stocks' order by id";
    assert_eq!(
        fixture.texts(cash).await,
        [
            "stocks stocks_quality 95012.5 100000.0",
            "stocks stocks_consensus 100000.0 100000.0",
            "stocks options_quality 98200.0 100000.0",
            "stocks options_consensus 100000.0 100000.0"
        ]
    );
    assert_eq!(traded(&fixture).await, ["ABC"]);
    assert_eq!(script.asked(), ["quote ABC", "chain ABC 2026-03-16 2026-03-23"]);
    assert_eq!((run.positions_opened, run.exits_triggered), (Some(2), Some(0)));
    assert!(run.warnings.is_none());
    let result = fixture.result(run.id).await;
    assert_eq!((result.positions_opened.len(), result.portfolios.len()), (2, 4));
    let partials = "select count(*) from run_results where kind = 'partial'";
    assert_eq!(fixture.count(partials).await, 1, "published at the end of the phase");
    let phase = &fixture.phases(run.id).await[0];
    assert_eq!((phase.progress_current, phase.progress_total), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearish_signal_buys_puts_only_and_a_consensus_has_portfolios_of_its_own() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script.price("ABC", 100.0).chain("ABC", both("ABC", 3.0, 4.0));
    script.price("XYZ", 100.0).chain("XYZ", both("XYZ", 3.0, 4.0));
    let signals = [("ABC", "quality", "bearish", 0.8), ("XYZ", "consensus", "bullish", 0.7)];
    let run = trade(&fixture, &script, &signals).await;
    assert_eq!(
        opened(&fixture).await,
        [
            "options_quality ABC put 5 2000.0",
            "stocks_consensus XYZ long 37 3700.0",
            "options_consensus XYZ call 6 1800.0"
        ]
    );
    assert!(run.warnings.is_none() && !script.asked().contains(&"quote ABC".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_surest_signal_comes_first_and_confidence_decides_on_the_size_and_on_trading_at_all() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    let signals: Vec<Fired> = [
        ("LOW", 0.4999),
        ("HALF", 0.5),
        ("MID", 0.6),
        ("TIE", 0.6),
        ("SURE", 0.75),
    ]
    .into_iter()
    .map(|(ticker, confidence)| {
        script.price(ticker, 10.0).chain(ticker, Vec::new());
        (ticker, "quality", "bullish", confidence)
    })
    .collect();
    trade(&fixture, &script, &signals).await;
    assert_eq!(
        opened(&fixture).await,
        [
            "stocks_quality SURE long 500 5000.0",
            "stocks_quality MID long 375 3750.0",
            "stocks_quality TIE long 375 3750.0",
            "stocks_quality HALF long 250 2500.0"
        ]
    );
    assert_eq!(traded(&fixture).await, ["HALF", "MID", "TIE", "SURE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_fired_today_in_this_run_and_was_not_traded_is_bought() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    trade(&fixture, &script, &[]).await;
    let tickers = ["MINE", "PAST", "OLD", "DONE", "ELSE"];
    for ticker in tickers {
        script.price(ticker, 10.0);
    }
    let signals = tickers.map(|ticker| (ticker, "quality", "bullish", 0.9));
    let run = queued(&fixture, NOW, &signals).await;
    for (ticker, change) in [
        ("PAST", "run_id = 1"),
        ("OLD", "signal_date = '2026-03-01'"),
        ("DONE", "position_opened = true"),
        ("ELSE", "subreddit = 'wallstreetbets'"),
    ] {
        fixture
            .plant(&format!("update signals set {change} where ticker = '{ticker}'"))
            .await;
    }
    finish(&fixture, &script, &run).await;
    assert_eq!(opened(&fixture).await, ["stocks_quality MINE long 500 5000.0"]);
    let elsewhere = "select count(*) from portfolios where subreddit = 'wallstreetbets'
                     and cash_available_micros = 100000000000";
    assert_eq!(fixture.count(elsewhere).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_bought_while_the_market_is_closed_and_that_is_said_once() {
    for (now, open) in [
        ("2026-03-02T14:29:59+00:00", false),
        ("2026-03-02T14:30:00+00:00", true),
        ("2026-03-02T20:59:59+00:00", true),
        ("2026-03-02T21:00:00+00:00", false),
        ("2026-03-09T20:00:00+00:00", false),
        ("2026-03-07T16:00:00+00:00", false),
        ("2026-11-27T18:00:00+00:00", false),
        ("2026-12-25T16:00:00+00:00", false),
    ] {
        let (fixture, script) = (Fixture::new(&[]).await, Script::new());
        script.price("ABC", 10.0).price("XYZ", 10.0);
        let signals = [
            ("ABC", "quality", "bullish", 0.9),
            ("XYZ", "consensus", "bullish", 0.9),
            ("LOW", "quality", "bullish", 0.3),
        ];
        let run = queued(&fixture, now, &signals).await;
        let run = finish(&fixture, &script, &run).await;
        let expected = json!(["market_hours_skipped", null, { "signals_affected": 2 }]);
        assert_eq!(warnings(&run), if open { vec![] } else { vec![expected] }, "{now}");
        assert_eq!(opened(&fixture).await.len(), if open { 2 } else { 0 }, "{now}");
        assert_eq!(script.asked().is_empty(), !open, "{now}");
        assert_eq!(run.positions_opened, Some(if open { 2 } else { 0 }));
        let valued = format!("select count(*) from portfolios where subreddit = 'stocks' and last_valued_at = '{now}'");
        assert_eq!(fixture.count(&valued).await, 4, "{now}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_market_without_a_qualified_signal_is_not_worth_a_word() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    let run = queued(
        &fixture,
        "2026-03-07T16:00:00+00:00",
        &[("LOW", "quality", "bullish", 0.3)],
    )
    .await;
    assert!(finish(&fixture, &script, &run).await.warnings.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dearer_than_its_size_is_not_bought_and_nobody_is_warned() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script.price("DEAR", 5000.01).chain("DEAR", both("DEAR", 20.01, 20.01));
    script.price("FAIR", 5000.0).chain("FAIR", both("FAIR", 20.0, 20.0));
    let signals = [("DEAR", "quality", "bullish", 0.9), ("FAIR", "quality", "bullish", 0.8)];
    let run = trade(&fixture, &script, &signals).await;
    assert_eq!(
        opened(&fixture).await,
        [
            "stocks_quality FAIR long 1 5000.0",
            "options_quality FAIR call 1 2000.0"
        ]
    );
    assert!(run.warnings.is_none());
    assert_eq!(traded(&fixture).await, ["FAIR"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portfolio_without_the_cash_is_warned_of_and_the_other_buys() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    fixture
        .plant(
            "insert into system_config (key, value, updated_at)
             values ('stock_size_base_pct', '0.6', 'now'), ('stock_size_max_pct', '0.6', 'now')",
        )
        .await;
    for ticker in ["ABC", "XYZ"] {
        script.price(ticker, 700.0).chain(ticker, both(ticker, 3.0, 3.0));
    }
    let signals = [
        ("ABC", "quality", "bullish", 0.9),
        ("XYZ", "quality", "bullish", 0.8),
        ("XYZ", "consensus", "bullish", 0.7),
    ];
    let run = trade(&fixture, &script, &signals).await;
    assert_eq!(
        opened(&fixture).await,
        [
            "stocks_quality ABC long 85 59500.0",
            "options_quality ABC call 6 1800.0",
            "options_quality XYZ call 6 1800.0",
            "stocks_consensus XYZ long 64 44800.0",
            "options_consensus XYZ call 6 1800.0"
        ]
    );
    let facts = json!({ "portfolio": "stocks_quality", "needed": 60_000.0, "available": 40_500.0 });
    assert_eq!(warnings(&run), [json!(["insufficient_cash", "XYZ", facts])]);
    assert_eq!(traded(&fixture).await, ["ABC", "XYZ", "XYZ"]);
}
