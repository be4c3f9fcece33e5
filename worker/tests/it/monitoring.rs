//! Positions under watch, over a scripted market.

mod again;
mod history;
mod outages;

use shared::{
    market::{
        exit::{Exit, ExitReason},
        money::Micros,
    },
    run::{request::RunRequest, state::RunStatus},
    store::{exits, portfolios, positions_read},
};

use worker::sources::Sources;

use crate::world::{EVENING, MONDAY, NOON, World, contexts, monitoring};

const THURSDAY: &str = "2026-03-05T15:00:00+00:00";

/// A position of shares for every rule, and one that none applies to.
async fn plant_shares(world: &World) {
    for (id, ticker, shares, opened) in [
        (1, "STOP", 10, MONDAY),
        (2, "TAKE", 11, MONDAY),
        (3, "TRAIL", 10, MONDAY),
        (4, "EVEN", 10, MONDAY),
        (5, "TIME", 10, THURSDAY),
        (6, "PROMO", 10, THURSDAY),
        (7, "ONE", 1, MONDAY),
        (8, "OLD", 10, MONDAY),
    ] {
        world.shares(id, ticker, shares, opened).await;
    }
    world
        .plant("update positions set stop_loss_price_micros = 100000000, time_extension = 'extended' where id = 4")
        .await;
    world
        .market
        .price("STOP", 95.0)
        .candles("STOP", &[("2026-03-10T14:00:00Z", 95.0, 96.0, 89.0)])
        .price("TAKE", 112.0)
        .candles("TAKE", &[("2026-03-09T18:00:00Z", 110.0, 116.0, 109.0)])
        .price("TRAIL", 100.0)
        .candles(
            "TRAIL",
            &[
                ("2026-03-09T18:00:00Z", 110.0, 120.0, 109.0),
                ("2026-03-10T14:00:00Z", 115.0, 116.0, 111.0),
            ],
        )
        .price("EVEN", 101.0)
        .candles("EVEN", &[("2026-03-10T14:00:00Z", 101.0, 102.0, 99.0)])
        .price("TIME", 104.0)
        .price("PROMO", 106.0)
        .price("ONE", 113.0)
        .candles("ONE", &[("2026-03-10T14:00:00Z", 110.0, 116.0, 109.0)])
        .price("OLD", 101.0)
        .candles(
            "OLD",
            &[
                ("2026-03-09T14:55:00Z", 100.0, 140.0, 50.0),
                ("2026-03-10T15:58:00Z", 100.0, 140.0, 50.0),
            ],
        );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reason_to_sell_shares_is_booked_with_its_price_part_and_profit() {
    let world = World::new().await;
    plant_shares(&world).await;
    let run = world.monitor(NOON).await;
    assert_eq!(
        world.exits().await,
        [
            "1 stop_loss 90.0 10 1.0 -100.0 2026-03-10",
            "2 take_profit 115.0 5 0.4545 75.0 2026-03-09",
            "3 take_profit 115.0 5 0.5 75.0 2026-03-09",
            "3 trailing_stop 111.6 5 1.0 58.0 2026-03-10",
            "4 breakeven_stop 100.0 10 1.0 0.0 2026-03-10",
            "5 time_stop 104.0 10 1.0 40.0 2026-03-10",
        ]
    );
    assert_eq!(run.exits_triggered, Some(6));
    let mut conn = world.fixture.store.read().await.unwrap();
    let find = async |conn: &mut _, id| positions_read::find(conn, id).await.unwrap().unwrap();
    let stop = find(&mut conn, 1).await;
    assert_eq!((stop.hold_days, stop.realized_return_pct), (Some(1), Some(-0.1)));
    let take = find(&mut conn, 2).await;
    assert_eq!(
        (
            take.shares_remaining,
            take.trailing_stop_active,
            take.time_extension.as_str()
        ),
        (Some(6), true, "trailing")
    );
    assert_eq!(take.peak_price, Some(Micros::from_dollars(116)));
    assert_eq!(take.last_price, Some(Micros::from_dollars(112)));
    assert_eq!(take.last_checked_run_id, Some(run.id));
    let trail = find(&mut conn, 3).await;
    assert_eq!(trail.exit_reason.as_deref(), Some("trailing_stop"));
    assert!((trail.realized_return_pct.unwrap() - 0.133).abs() < 1e-12);
    let promo = find(&mut conn, 6).await;
    assert_eq!(
        (promo.stop_loss_price, promo.time_extension.as_str()),
        (Some(Micros::from_dollars(100)), "extended")
    );
    let one = find(&mut conn, 7).await;
    assert_eq!((one.shares_remaining, one.trailing_stop_active), (Some(1), true));
    let old = find(&mut conn, 8).await;
    assert!(old.is_open() && old.peak_price == Some(Micros::from_dollars(100)));
    let open = "select count(*) from positions where status = 'open'";
    assert_eq!(world.fixture.count(open).await, 4);
    // 100,000 less what was paid, and the proceeds.
    assert_eq!(
        world.cash(1).await,
        100_000 - 7_200 + 900 + 575 + 575 + 558 + 1000 + 1040
    );
    let four = portfolios::list(&mut conn, Some("wallstreetbets")).await.unwrap();
    let held = 6 * 112 + 10 * 106 + 113 + 10 * 101;
    assert_eq!(
        four[0].current_value,
        four[0].cash_available + Micros::from_dollars(held)
    );
    let kept = world
        .fixture
        .count(&format!(
            "select count(*) from portfolio_values where run_id = {}",
            run.id
        ))
        .await;
    assert_eq!(kept, 4);
    let value = format!(
        "select value_micros from portfolio_values where run_id = {} and portfolio_id = 1",
        run.id
    );
    assert_eq!(Micros(world.fixture.count(&value).await), four[0].current_value);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reason_to_sell_contracts_is_booked_at_its_premium() {
    let world = World::new().await;
    for (id, ticker, contracts, opened, expiration) in [
        (1, "EXPD", 6, MONDAY, "2026-03-09"),
        (2, "NEAR", 6, MONDAY, "2026-03-12"),
        (3, "HALF", 6, MONDAY, "2026-03-27"),
        (4, "DOUB", 7, MONDAY, "2026-03-27"),
        (5, "PEAK", 6, MONDAY, "2026-03-27"),
        (6, "LONG", 6, "2026-02-27T15:00:00+00:00", "2026-03-27"),
        (7, "STAY", 6, MONDAY, "2026-03-27"),
    ] {
        world.contracts(id, ticker, contracts, opened, expiration).await;
    }
    world
        .plant("update positions set last_price_micros = 400000 where id = 1")
        .await;
    world
        .plant("update positions set peak_premium_micros = 5000000, trailing_stop_active = true where id = 5")
        .await;
    for (contract, premium) in [
        ("NEAR_C", 1.9),
        ("HALF_C", 0.9),
        ("DOUB_C", 5.0),
        ("PEAK_C", 3.0),
        ("LONG_C", 2.5),
        ("STAY_C", 2.6),
    ] {
        world.market.price(contract, premium).underlying(contract, 100.0);
    }
    let run = world.monitor(NOON).await;
    assert_eq!(
        world.exits().await,
        [
            "1 expiration 0.4 6 1.0 -960.0 2026-03-10",
            "2 expiration 1.9 6 1.0 -60.0 2026-03-10",
            "3 stop_loss 1.0 6 1.0 -600.0 2026-03-10",
            "4 take_profit 4.0 3 0.4286 600.0 2026-03-10",
            "5 trailing_stop 3.5 6 1.0 900.0 2026-03-10",
            "6 time_stop 2.5 6 1.0 300.0 2026-03-10",
        ]
    );
    assert!(run.warnings.is_none(), "an expired contract needs no premium: {run:?}");
    assert_eq!(world.market.asked("quotes EXPD_C"), 0);
    assert_eq!(
        world.cash(3).await,
        100_000 - 43 * 200 + 240 + 1140 + 600 + 1200 + 2100 + 1500
    );
    let stay = "select peak_premium_micros + last_price_micros from positions where id = 7";
    assert_eq!(world.fixture.count(stay).await, 5_200_000);
    let doubled = "select contracts_remaining from positions where id = 4 and trailing_stop_active";
    assert_eq!(world.fixture.count(doubled).await, 4);
    let underlyings = "select count(*) from price_history where open_micros = 100000000 and close_micros = 100000000";
    assert_eq!(
        world.fixture.count(underlyings).await,
        6,
        "one price from the quote of the contract"
    );
}

/// Everything of positions and exits that a run may change, but the run.
async fn state(world: &World) -> Vec<String> {
    let positions = "select concat_ws('|', id, status, coalesce(shares_remaining, contracts_remaining),
        stop_loss_price_micros, peak_price_micros, peak_premium_micros, trailing_stop_active, time_extension,
        last_price_micros, last_priced_at, last_checked_at, exit_date, realized_return_pct) from positions order by id";
    let mut state = world.fixture.texts(positions).await;
    state.extend(world.exits().await);
    state.extend(
        world
            .fixture
            .texts("select concat_ws('|', id, current_value_micros, cash_available_micros) from portfolios order by id")
            .await,
    );
    state
}

#[tokio::test(flavor = "multi_thread")]
async fn more_positions_of_a_ticker_than_one_commit_takes_are_each_checked_once() {
    let world = World::new().await;
    for id in 1..=205 {
        world.shares(id, "MANY", 1, MONDAY).await;
        world
            .plant(&format!(
                "update positions set portfolio_id = {} where id = {id}",
                1 + id % 2
            ))
            .await;
    }
    world.market.price("MANY", 89.0).candles(
        "MANY",
        &[
            ("2026-03-10T14:00:00Z", 95.0, 96.0, 89.0),
            ("2026-03-10T14:05:00Z", 89.0, 90.0, 88.0),
        ],
    );
    let run = world.monitor(NOON).await;
    assert_eq!(run.exits_triggered, Some(205));
    assert_eq!(
        world
            .fixture
            .count("select count(distinct position_id) from position_exits")
            .await,
        205
    );
    assert_eq!(world.market.asked("quotes MANY"), 1);
    assert_eq!(world.fixture.phases(run.id).await[0].progress_current, 205);
    assert_eq!(world.cash(1).await + world.cash(2).await, 200_000 - 20_500 + 205 * 90);
}

#[tokio::test(flavor = "multi_thread")]
async fn over_the_days_of_the_sample_everything_is_sold_and_the_books_balance() {
    let world = World::new().await;
    let bound = Sources::bind(&world.fixture.config).await.unwrap();
    let at = "2026-01-05T16:00:00Z".parse().unwrap();
    let symbols = ["TSLA", "NVDA", "GME", "AAPL", "SPY", "AMD"].map(str::to_owned);
    let mut planted = 0;
    for (id, symbol) in (1..).zip(symbols) {
        let quotes = bound
            .market
            .as_ref()
            .unwrap()
            .quotes(std::slice::from_ref(&symbol), at)
            .await;
        let Some(price) = quotes.ok().and_then(|quotes| Some(quotes.get(&symbol)?.price.0)) else {
            continue;
        };
        planted += 1;
        world.shares(id, &symbol, 10, "2026-01-05T16:00:00+00:00").await;
        world
            .plant(&format!(
                "update positions set entry_price_micros = {price}, stop_loss_price_micros = {price} * 9 / 10,
                     take_profit_price_micros = {price} * 115 / 100, peak_price_micros = {price},
                     position_size_micros = {price} * 10, last_price_micros = {price} where id = {id}"
            ))
            .await;
    }
    assert!(planted >= 3);
    world
        .plant(
            "update portfolios set cash_available_micros =
                 100000000000 - (select sum(position_size_micros) from positions) where id = 1",
        )
        .await;
    let worker = world
        .fixture
        .worker(worker::phases::registry().only(&["monitoring", "trust"]));
    for _ in 0..14 {
        let run = world.fixture.submit(&RunRequest::new("wallstreetbets")).await;
        let run = world.fixture.wait_for_end(run.id).await;
        assert_eq!(run.status, RunStatus::Completed, "{run:?}");
        let off = "select count(*) from portfolios as f where f.id = 1 and (f.cash_available_micros <>
                100000000000 - (select sum(position_size_micros) from positions)
                + (select coalesce(sum(exit_price_micros * shares_exited), 0) from position_exits)
            or f.current_value_micros <> f.cash_available_micros
                + (select coalesce(sum(last_price_micros * shares_remaining), 0) from positions where status = 'open'))";
        assert_eq!(world.fixture.count(off).await, 0);
    }
    worker.stop().await;
    let held = "select count(*) from positions where status = 'open'";
    assert_eq!(world.fixture.count(held).await, 0);
    let early = "select count(*) from position_exits as e join positions as p on p.id = e.position_id
                 where e.triggered_at < p.opened_at or e.exit_date < p.entry_date or e.triggered_at > e.created_at";
    assert_eq!(world.fixture.count(early).await, 0);
}
