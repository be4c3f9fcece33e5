//! Booking exits, and what portfolios are worth after them.

use shared::{
    market::{
        exit::{Exit, ExitReason},
        money::Micros,
    },
    run::ids::RunId,
    store::{
        StoreError,
        exits::{self, BookedExit},
        portfolios, positions_read, runs, summary, trades,
    },
};

use crate::fixture::{Fixture, MARKET_NOW, instant};

const DAY: &str = "2026-01-05";
const AT: &str = "2026-01-05T16:00:00+00:00";

/// A run with seven shares of ABC at 100 in portfolio 1 and three contracts at 2 in portfolio 3, paid for.
async fn holding() -> (Fixture, RunId) {
    let fixture = Fixture::new().await;
    let run = fixture.running("stocks").await.run().id;
    for (signal, ticker) in [(1, "ABC"), (2, "XYZ")] {
        fixture
            .execute(&format!(
                "insert into signals (id, subreddit, signal_date, created_at, updated_at, ticker, signal_type,
                     sentiment_score, prediction, confidence, comment_count, has_reasoning, prior_7d_mentions,
                     distinct_users, run_id)
                 values ({signal}, 'stocks', '{DAY}', '{AT}', '{AT}', '{ticker}', 'quality', 0.5, 'bullish', 0.7, 3,
                         true, 0, 3, {run})"
            ))
            .await
            .unwrap();
    }
    let columns = "id, portfolio_id, signal_id, run_id, ticker, signal_type, confidence, entry_date, opened_at, status";
    for insert in [
        format!(
            "insert into positions ({columns}, instrument_type, direction, position_size_micros, entry_price_micros,
                 shares, shares_remaining, last_price_micros)
             values (1, 1, 1, {run}, 'ABC', 'quality', 0.7, '{DAY}', '{AT}', 'open', 'stock', 'long', 700000000,
                     100000000, 7, 7, 100000000)"
        ),
        format!(
            "insert into positions ({columns}, instrument_type, direction, position_size_micros, entry_price_micros,
                 option_type, contracts, contracts_remaining, last_price_micros)
             values (2, 3, 2, {run}, 'XYZ', 'quality', 0.7, '{DAY}', '{AT}', 'open', 'option', 'call', 600000000,
                     2000000, 'call', 3, 3, 2000000)"
        ),
        "update portfolios set cash_available_micros = cash_available_micros - 700000000 where id = 1".to_owned(),
        "update portfolios set cash_available_micros = cash_available_micros - 600000000 where id = 3".to_owned(),
    ] {
        fixture.execute(&insert).await.unwrap();
    }
    (fixture, run)
}

fn exit(units: i64, price: i64, day: &str) -> Exit {
    Exit {
        reason: ExitReason::TimeStop,
        price: Micros::from_dollars(price),
        units,
        date: day.parse().unwrap(),
        triggered_at: instant("2026-01-05T15:35:00Z"),
    }
}

async fn book(fixture: &Fixture, position: i64, run: RunId, exit: &Exit) -> Result<BookedExit, StoreError> {
    let mut tx = fixture.store.begin().await?;
    let booked = exits::book(&mut tx, position, Some(run), exit, None).await?;
    tx.commit().await?;
    Ok(booked)
}

async fn cash(fixture: &Fixture, portfolio: i64) -> i64 {
    fixture
        .count(&format!(
            "select cash_available_micros / 1000000 from portfolios where id = {portfolio}"
        ))
        .await
}

#[tokio::test]
async fn a_partial_exit_credits_its_proceeds_and_leaves_the_rest() {
    let (fixture, run) = holding().await;
    let booked = book(&fixture, 1, run, &exit(2, 110, "2026-01-07")).await.unwrap();
    assert_eq!((booked.portfolio_id, booked.remaining, booked.is_full()), (1, 5, false));
    assert_eq!(
        (booked.realized_pnl, booked.proceeds),
        (Micros::from_dollars(20), Micros::from_dollars(220))
    );
    assert!((booked.quantity_pct - 2.0 / 7.0).abs() < 1e-15);
    assert_eq!(cash(&fixture, 1).await, 100_000 - 700 + 220);
    let mut conn = fixture.store.read().await.unwrap();
    let row = positions_read::find(&mut conn, 1).await.unwrap().unwrap();
    assert_eq!(
        (
            row.is_open(),
            row.shares_remaining,
            row.exit_date,
            row.realized_return_pct
        ),
        (true, Some(5), None, None)
    );
    let exits = positions_read::exits_of(&mut conn, 1).await.unwrap();
    assert_eq!(
        (exits[0].shares_exited, exits[0].contracts_exited, exits[0].run_id),
        (Some(2), None, Some(run))
    );
    assert_eq!(exits[0].created_at, instant(MARKET_NOW), "dated by the market clock");
}

#[tokio::test]
async fn the_last_exit_closes_with_the_return_of_all_of_them() {
    let (fixture, run) = holding().await;
    book(&fixture, 2, run, &exit(1, 4, "2026-01-07")).await.unwrap();
    let last = book(&fixture, 2, run, &exit(2, 1, "2026-01-09")).await.unwrap();
    assert!(last.is_full());
    assert_eq!(
        last.realized_pnl,
        Micros::from_dollars(-200),
        "a hundred shares a contract"
    );
    let mut conn = fixture.store.read().await.unwrap();
    let row = positions_read::find(&mut conn, 2).await.unwrap().unwrap();
    assert_eq!((row.status.as_str(), row.contracts_remaining), ("closed", Some(0)));
    assert_eq!(
        (row.exit_date, row.exit_reason.as_deref(), row.hold_days),
        ("2026-01-09".parse().ok(), Some("time_stop"), Some(4))
    );
    assert_eq!(row.realized_return_pct, Some(0.0), "plus 200 and minus 200 of 600");
    assert_eq!(cash(&fixture, 3).await, 100_000 - 600 + 400 + 200);
}

#[tokio::test]
async fn a_position_that_cost_nothing_returns_nothing() {
    let (fixture, run) = holding().await;
    fixture
        .execute("update positions set position_size_micros = 0 where id = 1")
        .await
        .unwrap();
    book(&fixture, 1, run, &exit(7, 110, DAY)).await.unwrap();
    let mut conn = fixture.store.read().await.unwrap();
    let row = positions_read::find(&mut conn, 1).await.unwrap().unwrap();
    assert_eq!((row.realized_return_pct, row.hold_days), (Some(0.0), Some(0)));
}

#[tokio::test]
async fn what_is_not_held_cannot_be_sold_and_nothing_changes() {
    let (fixture, run) = holding().await;
    book(&fixture, 2, run, &exit(3, 1, DAY)).await.unwrap();
    let before = fixture.rows().await;
    for (position, units) in [(1, 8), (1, 0), (1, -1), (2, 1), (99, 1)] {
        let refused = book(&fixture, position, run, &exit(units, 110, DAY)).await;
        assert!(
            matches!(refused, Err(StoreError::NotHeld { position: p, units: u }) if (p, u) == (position, units)),
            "{refused:?}"
        );
    }
    assert!(before == fixture.rows().await);
}

#[tokio::test]
async fn a_portfolio_is_worth_its_cash_and_what_it_holds() {
    let (fixture, run) = holding().await;
    let mut tx = fixture.store.begin().await.unwrap();
    exits::note_price(&mut tx, 2, Micros::from_dollars(3), instant("2026-01-06T16:00:00Z"))
        .await
        .unwrap();
    exits::note_price(&mut tx, 2, Micros::from_dollars(9), instant("2026-01-05T16:00:00Z"))
        .await
        .unwrap();
    let value = portfolios::revalue(&mut tx, 3, instant(MARKET_NOW)).await.unwrap();
    assert_eq!(
        value,
        Some(Micros::from_dollars(100_000 - 600 + 900)),
        "the newer price counts"
    );
    assert_eq!(
        portfolios::revalue(&mut tx, 99, instant(MARKET_NOW)).await.unwrap(),
        None
    );
    for _ in 0..2 {
        portfolios::record_values(&mut tx, run, "wallstreetbets").await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut conn = fixture.store.read().await.unwrap();
    let points = portfolios::history(&mut conn, 3).await.unwrap();
    assert_eq!(points.len(), 1);
    assert_eq!(
        (points[0].market_now, points[0].cash),
        (instant(MARKET_NOW), Micros::from_dollars(99_400))
    );
}

#[tokio::test]
async fn a_subreddit_gets_its_four_portfolios_once() {
    let fixture = Fixture::new().await;
    for _ in 0..2 {
        let mut tx = fixture.store.begin().await.unwrap();
        for name in ["stocks", "wallstreetbets"] {
            portfolios::ensure_four(&mut tx, name, instant(MARKET_NOW))
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }
    let mut conn = fixture.store.read().await.unwrap();
    let own = portfolios::list(&mut conn, Some("stocks")).await.unwrap();
    let seeded = portfolios::list(&mut conn, Some("wallstreetbets")).await.unwrap();
    let shape = |all: &[portfolios::Portfolio]| -> Vec<_> {
        all.iter()
            .map(|one| {
                (
                    one.name.clone(),
                    one.instrument_type.clone(),
                    one.signal_type.clone(),
                    one.current_value,
                )
            })
            .collect()
    };
    assert_eq!(shape(&own), shape(&seeded));
    assert_eq!(own.len(), 4);
    assert_eq!(own[0].cash_available, portfolios::STARTING_CAPITAL);
}

#[tokio::test]
async fn the_portfolios_of_the_schema_begin_with_the_first_run_on_the_market_clock() {
    let fixture = Fixture::new().await;
    let run = fixture.submit("wallstreetbets").await.id;
    let later = instant(MARKET_NOW) + chrono::TimeDelta::days(1);
    for now in [instant(MARKET_NOW), later] {
        let mut tx = fixture.store.begin().await.unwrap();
        portfolios::ensure_four(&mut tx, "wallstreetbets", now).await.unwrap();
        portfolios::record_values(&mut tx, run, "wallstreetbets").await.unwrap();
        tx.commit().await.unwrap();
        let begun = fixture.texts("select distinct created_at from portfolios").await;
        assert_eq!(begun.len(), 1, "{begun:?}");
        assert_eq!(instant(&begun[0]), instant(MARKET_NOW));
    }
}

#[tokio::test]
async fn the_result_of_a_run_shows_what_it_traded() {
    let (fixture, run) = holding().await;
    book(&fixture, 1, run, &exit(7, 110, "2026-01-07")).await.unwrap();
    let mut tx = fixture.store.begin().await.unwrap();
    exits::book(&mut tx, 2, None, &exit(1, 4, "2026-01-07"), Some("by hand"))
        .await
        .unwrap();
    runs::count_trades(&mut tx, run).await.unwrap();
    tx.commit().await.unwrap();
    let stored = fixture.run(run).await;
    assert_eq!((stored.positions_opened, stored.exits_triggered), (Some(2), Some(1)));
    let result = summary::build(&fixture.store, &stored).await.unwrap();
    let opened: Vec<_> = result
        .positions_opened
        .iter()
        .map(|one| {
            (
                one.id,
                one.portfolio.as_str(),
                one.quantity,
                one.entry_price,
                one.position_size,
            )
        })
        .collect();
    assert_eq!(
        opened,
        [
            (1, "stocks_quality", 7, 100.0, 700.0),
            (2, "options_quality", 3, 2.0, 600.0)
        ]
    );
    let exits: Vec<_> = result
        .exits
        .iter()
        .map(|one| (one.position_id, one.quantity, one.exit_price, one.realized_pnl))
        .collect();
    assert_eq!(exits, [(1, 7, 110.0, 70.0)], "what is closed by hand belongs to no run");
    let mut conn = fixture.store.read().await.unwrap();
    let none = trades::predictions(&mut conn, run, "stocks").await.unwrap();
    assert_eq!(none, result.predictions);
}
