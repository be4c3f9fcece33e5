//! The price history that monitoring leaves behind.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn days_between_are_tested_by_their_bars_and_end_up_in_the_history() {
    let world = World::new().await;
    world.shares(1, "GAP", 10, "2026-03-06T15:00:00+00:00").await;
    world
        .market
        .price("GAP", 99.0)
        .candles("GAP", &[("2026-03-10T14:00:00Z", 98.0, 120.0, 98.0)])
        .bars(
            "GAP",
            &[
                ("2026-03-06", 100.0, 100.0, 50.0, 100.0),
                ("2026-03-09", 95.0, 96.0, 85.0, 95.0),
            ],
        );
    world.monitor(NOON).await;
    assert_eq!(world.exits().await, ["1 stop_loss 90.0 10 1.0 -100.0 2026-03-09"]);
    let history = "select concat_ws(' ', date, open_micros / 1000000, high_micros / 1000000, low_micros / 1000000,
                                    close_micros / 1000000) from price_history order by date";
    assert_eq!(
        world.fixture.texts(history).await,
        ["2026-03-09 95 96 85 95", "2026-03-10 98 120 98 99"]
    );
    assert_eq!(world.market.asked("bars GAP 2026-03-07 2026-03-10"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn todays_row_of_the_history_keeps_what_each_run_saw() {
    let world = World::new().await;
    world.shares(1, "DAY", 10, MONDAY).await;
    let morning = ("2026-03-10T13:30:00Z", 100.0, 104.0, 99.0);
    world.market.price("DAY", 103.0).candles("DAY", &[morning]);
    world.monitor(NOON).await;
    world
        .market
        .price("DAY", 105.0)
        .candles("DAY", &[("2026-03-10T17:00:00Z", 103.0, 103.5, 97.0)]);
    world.monitor(EVENING).await;
    let history = "select concat_ws(' ', date, open_micros / 1000000, high_micros / 1000000, low_micros / 1000000,
                                    close_micros / 1000000) from price_history";
    assert_eq!(world.fixture.texts(history).await, ["2026-03-10 100 105 97 105"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_trading_leaves_no_row_however_the_ticker_is_held() {
    const SATURDAY: &str = "2026-03-14T16:00:00+00:00";
    let world = World::new().await;
    world.shares(1, "DAY", 10, "2026-03-13T15:00:00+00:00").await;
    world
        .contracts(2, "OPT", 5, "2026-03-13T15:00:00+00:00", "2026-03-27")
        .await;
    world.market.price("DAY", 103.0).price("OPT", 50.0);
    world
        .market
        .candles("DAY", &[("2026-03-13T17:00:00Z", 101.0, 104.0, 99.0)])
        .bars("DAY", &[("2026-03-13", 100.0, 104.0, 99.0, 103.0)]);
    world.monitor(SATURDAY).await;
    let dates = "select date from price_history where date = '2026-03-14'";
    assert_eq!(world.fixture.texts(dates).await, Vec::<String>::new());
}
