//! Portfolios whose ten slots are taken.

use shared::market::exit::{Exit, ExitReason};
use shared::store::{exits, portfolios};

use super::*;
use crate::script::{dollars, quoted_at};

const SURE: Fired = ("NEW", "quality", "bullish", 0.75);

/// Fills a portfolio of an earlier run with ten positions `H1`..`H10` at $1,000 each: ten shares at 100, or a contract
/// at 10. All have a confidence of 0.8, the fourth one of 0.6.
async fn fill(fixture: &Fixture, script: &Arc<Script>, portfolio: &str) {
    trade(fixture, script, &[]).await;
    for number in 1..=10 {
        let confidence = if number == 4 { 0.6 } else { 0.8 };
        fixture
            .plant(&format!(
                "insert into signals (id, subreddit, signal_date, created_at, updated_at, ticker, signal_type,
                     sentiment_score, prediction, confidence, comment_count, has_reasoning, prior_7d_mentions,
                     distinct_users, run_id, position_opened)
                 values ({number}, 'stocks', '2026-02-27', '{NOW}', '{NOW}', 'H{number}', 'quality', 0.5, 'bullish',
                         {confidence}, 3, true, 0, 3, 1, true)"
            ))
            .await;
        let (kind, price, units) = if portfolio.starts_with("stocks") {
            ("'stock', 'long'", 100_000_000, "10, 10, null, null, null")
        } else {
            ("'option', 'call'", 10_000_000, "null, null, 1, 1, 'H4 CALL'")
        };
        fixture
            .plant(&format!(
                "insert into positions (id, portfolio_id, signal_id, run_id, ticker, signal_type, confidence,
                     position_size_micros, entry_date, opened_at, status, instrument_type, direction,
                     entry_price_micros, last_price_micros, last_priced_at, shares, shares_remaining, contracts,
                     contracts_remaining, contract_symbol)
                 select {number}, id, {number}, 1, 'H{number}', 'quality', {confidence}, 1000000000, '2026-02-27',
                        '2026-02-27T16:00:00+00:00', 'open', {kind}, {price}, {price}, '2026-02-27T15:59:00+00:00', {units}
                 from portfolios where subreddit = 'stocks' and name = '{portfolio}'"
            ))
            .await;
    }
    fixture
        .plant(&format!(
            "update portfolios set cash_available_micros = cash_available_micros - 10000000000
             where subreddit = 'stocks' and name = '{portfolio}'"
        ))
        .await;
}

async fn crowd(portfolio: &str) -> (Fixture, Arc<Script>) {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    fill(&fixture, &script, portfolio).await;
    script.price("NEW", 50.0);
    (fixture, script)
}

/// Position, exit price, reason, fraction, units, profit, day, time of the quote, run, and time of the booking.
async fn exited(fixture: &Fixture) -> Vec<String> {
    fixture
        .texts(
            "select position_id || ' ' || exit_price_micros || ' ' || exit_reason || ' ' || quantity_pct || ' '
                    || coalesce(shares_exited, '-') || ' ' || coalesce(contracts_exited, '-') || ' '
                    || realized_pnl_micros || ' ' || exit_date || ' ' || triggered_at || ' ' || run_id || ' '
                    || created_at
             from position_exits order by id",
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_weakest_holding_gives_way_at_its_current_price() {
    let (fixture, script) = crowd("stocks_quality").await;
    fixture
        .plant("update positions set shares_remaining = 6, position_size_micros = 600000000, shares = 6 where id = 4")
        .await;
    fixture
        .plant("update portfolios set cash_available_micros = cash_available_micros + 400000000 where id = 5")
        .await;
    script.price("H4", 104.0);
    let run = trade(&fixture, &script, &[SURE]).await;
    assert_eq!(opened(&fixture).await, ["stocks_quality NEW long 100 5000.0"]);
    assert_eq!(
        exited(&fixture).await,
        [format!(
            "4 104000000 replaced 1.0 6 - 24000000 2026-03-02 2026-03-02T15:59:00+00:00 2 {NOW}"
        )]
    );
    let closed = "select status || ' ' || exit_reason || ' ' || exit_date || ' ' || hold_days || ' '
                         || round(realized_return_pct, 9) || ' ' || shares_remaining || ' ' || last_price_micros
                  from positions where id = 4";
    assert_eq!(
        fixture.texts(closed).await,
        ["closed replaced 2026-03-02 3 0.04 0 104000000"]
    );
    assert_eq!(
        fixture
            .count("select count(*) from positions where status = 'open'")
            .await,
        10
    );
    assert_eq!((run.positions_opened, run.exits_triggered), (Some(1), Some(0)));
    assert_eq!(fixture.result(run.id).await.exits.len(), 1);
    assert!(run.warnings.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_gives_way_at_its_premium() {
    let (fixture, script) = crowd("options_quality").await;
    script.chain("NEW", both("NEW", 3.0, 3.0)).price("H4 CALL", 2.0);
    trade(&fixture, &script, &[SURE]).await;
    assert_eq!(
        opened(&fixture).await,
        [
            "stocks_quality NEW long 100 5000.0",
            "options_quality NEW call 6 1800.0"
        ]
    );
    assert_eq!(
        exited(&fixture).await,
        [format!(
            "4 2000000 replaced 1.0 - 1 -800000000 2026-03-02 2026-03-02T15:59:00+00:00 2 {NOW}"
        )]
    );
}

/// What was opened in a full portfolio whose weakest holding costs this much; nothing is sold.
async fn turned_away(price: f64, signal: Fired) -> (Run, Vec<String>) {
    let (fixture, script) = crowd("stocks_quality").await;
    script.price("H4", price);
    let run = trade(&fixture, &script, &[signal]).await;
    assert_eq!(opened(&fixture).await, [""; 0]);
    assert_eq!(exited(&fixture).await, [""; 0]);
    assert_eq!(
        fixture
            .texts("select ticker from signals where position_opened and run_id = 2")
            .await,
        [""; 0]
    );
    (run, script.asked())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holding_that_gains_stays_and_so_does_one_that_is_hardly_weaker() {
    let (run, _) = turned_away(105.01, SURE).await;
    assert!(run.warnings.is_none());
    let (run, asked) = turned_away(100.0, ("NEW", "quality", "bullish", 0.7)).await;
    assert!(run.warnings.is_none());
    assert!(!asked.contains(&"quote H4".to_owned()), "nobody needs its price");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holding_without_a_price_stays() {
    for (portfolio, quoted, out) in [
        ("stocks_quality", "H4", false),
        ("stocks_quality", "H4", true),
        ("options_quality", "H4 CALL", true),
    ] {
        let (fixture, script) = crowd(portfolio).await;
        let stocks = portfolio == "stocks_quality";
        if !stocks {
            script.chain("NEW", both("NEW", 3.0, 3.0));
        }
        if out {
            script.no_price(quoted);
        }
        let signal = if stocks {
            SURE
        } else {
            ("NEW", "quality", "bullish", 0.95)
        };
        let run = trade(&fixture, &script, &[signal]).await;
        assert_eq!(exited(&fixture).await, [""; 0]);
        assert_eq!(opened(&fixture).await.len(), usize::from(!stocks), "{portfolio}");
        assert!(script.asked().contains(&format!("quote {quoted}")));
        let expected = match (stocks, out) {
            (_, false) => vec![],
            (true, true) => vec![json!([
                "schwab_stock_unavailable",
                "H4",
                { "ticker": "H4", "attempts": ATTEMPTS, "fallback": "none" }
            ])],
            (false, true) => vec![json!(["schwab_options_unavailable", "H4", { "ticker": "H4", "position_id": 4 }])],
        };
        assert_eq!(warnings(&run), expected, "{portfolio}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_that_cannot_be_paid_sells_nothing() {
    let (fixture, script) = crowd("stocks_quality").await;
    fixture
        .plant("update positions set last_price_micros = 10000000000 where id = 1")
        .await;
    script.price("H4", 90.0);
    let run = trade(&fixture, &script, &[SURE]).await;
    assert_eq!(
        opened(&fixture).await.len(),
        1,
        "a value of 189,000 still leaves cash for a twentieth"
    );
    assert!(run.warnings.is_none());

    let (fixture, script) = crowd("stocks_quality").await;
    fixture
        .plant("update positions set last_price_micros = 200000000000 where id = 1")
        .await;
    script.price("H4", 90.0);
    let run = trade(&fixture, &script, &[SURE]).await;
    let facts = json!({ "portfolio": "stocks_quality", "needed": 104_950.0, "available": 90_900.0 });
    assert_eq!(warnings(&run), [json!(["insufficient_cash", "NEW", facts])]);
    assert!(exited(&fixture).await.is_empty() && opened(&fixture).await.is_empty());
}

/// Waits until the phase asks for the price of the weakest holding, changes something, and lets it go on.
async fn meanwhile(fixture: &Fixture, script: &Arc<Script>, change: impl AsyncFnOnce(&Fixture)) -> Run {
    script.price("H4", 100.0).hold("H4");
    let run = queued(fixture, NOW, &[SURE]).await;
    let worker = fixture
        .worker_with(worker::phases::registry().only(&["positions"]), Some(script.clone()))
        .await;
    script.until_waiting(1).await;
    fixture
        .wait_until(run.id, |_| script.asked().contains(&"quote H4".to_owned()))
        .await;
    change(fixture).await;
    script.release();
    let run = fixture.wait_for_end(run.id).await;
    worker.stop().await;
    assert_books(fixture).await;
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_somebody_frees_meanwhile_is_taken_without_selling() {
    let (fixture, script) = crowd("stocks_quality").await;
    let close = async |fixture: &Fixture| {
        let exit = Exit {
            reason: ExitReason::Manual,
            price: dollars(101.0),
            units: 10,
            date: "2026-03-02".parse().unwrap(),
            triggered_at: quoted_at(),
        };
        let mut tx = fixture.store.begin().await.unwrap();
        let booked = exits::book(&mut tx, 4, None, &exit, Some("by hand")).await.unwrap();
        portfolios::revalue(&mut tx, booked.portfolio_id, quoted_at())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    meanwhile(&fixture, &script, close).await;
    assert_eq!(opened(&fixture).await, ["stocks_quality NEW long 100 5000.0"]);
    assert_eq!(
        fixture.texts("select exit_reason from position_exits").await,
        ["manual"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_of_one_holding_does_not_sell_another() {
    let (fixture, script) = crowd("stocks_quality").await;
    let weaken = async |fixture: &Fixture| {
        fixture
            .plant("update positions set confidence = 0.1 where id = 7")
            .await;
    };
    meanwhile(&fixture, &script, weaken).await;
    assert!(opened(&fixture).await.is_empty() && exited(&fixture).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leg_that_the_books_refuse_takes_back_its_sale_and_leaves_the_other_leg_alone() {
    let (fixture, script) = crowd("stocks_quality").await;
    script.price("H4", 100.0).chain("NEW", both("NEW", 3.0, 3.0));
    let run = queued(&fixture, NOW, &[SURE]).await;
    fixture
        .plant("update positions set signal_id = (select id from signals where ticker = 'NEW') where id = 9")
        .await;
    let run = finish(&fixture, &script, &run).await;
    assert_eq!(opened(&fixture).await, ["options_quality NEW call 6 1800.0"]);
    assert!(exited(&fixture).await.is_empty() && run.warnings.is_none());
    let untouched = "select count(*) from positions where status = 'open' and shares_remaining = 10";
    assert_eq!(fixture.count(untouched).await, 10);
}
