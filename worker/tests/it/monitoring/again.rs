//! What was checked already, is new, was closed by hand or was cut short: nothing is done twice.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_in_the_same_minute_changes_nothing() {
    let world = World::new().await;
    world.shares(1, "TAKE", 11, MONDAY).await;
    world.contracts(2, "DOUB", 7, MONDAY, "2026-03-27").await;
    world
        .market
        .price("TAKE", 112.0)
        .candles("TAKE", &[("2026-03-10T14:00:00Z", 110.0, 116.0, 109.0)])
        .price("DOUB_C", 5.0);
    let first = world.monitor(NOON).await;
    let before = state(&world).await;
    let second = world.monitor(NOON).await;
    assert_eq!((first.exits_triggered, second.exits_triggered), (Some(2), Some(0)));
    assert_eq!(state(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_of_this_very_run_is_not_tested_against_what_was_before() {
    let world = World::new().await;
    world.shares(1, "NEW", 10, NOON).await;
    world
        .market
        .price("NEW", 100.0)
        .candles("NEW", &[("2026-03-10T14:00:00Z", 100.0, 140.0, 50.0)])
        .bars("NEW", &[("2026-03-10", 100.0, 140.0, 50.0, 100.0)]);
    world.monitor(NOON).await;
    assert!(world.exits().await.is_empty());
    let peak = "select peak_price_micros from positions where id = 1";
    assert_eq!(world.fixture.count(peak).await, 100_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_by_hand_while_prices_are_on_their_way_is_left_alone() {
    let world = World::new().await;
    world.shares(1, "ABC", 10, MONDAY).await;
    world.shares(2, "ABC", 11, MONDAY).await;
    world
        .market
        .price("ABC", 112.0)
        .candles("ABC", &[("2026-03-10T14:00:00Z", 110.0, 116.0, 109.0)]);
    let gate = world.market.gate("ABC");
    let worker = world.worker(monitoring(), true).await;
    let id = world.submit(NOON).await;
    world
        .fixture
        .wait_until(id, |_| world.market.asked("quotes ABC") == 1)
        .await;
    let by_hand = |units| Exit {
        reason: ExitReason::Manual,
        price: Micros::from_dollars(111),
        units,
        date: "2026-03-10".parse().unwrap(),
        triggered_at: NOON.parse().unwrap(),
    };
    let mut tx = world.fixture.store.begin().await.unwrap();
    exits::book(&mut tx, 1, None, &by_hand(10), Some("enough"))
        .await
        .unwrap();
    exits::book(&mut tx, 2, None, &by_hand(5), Some("half")).await.unwrap();
    tx.commit().await.unwrap();
    gate.add_permits(10);
    world.fixture.wait_for_end(id).await;
    worker.stop().await;
    assert_eq!(
        world.exits().await,
        [
            "1 manual 111.0 10 1.0 110.0 2026-03-10",
            "2 manual 111.0 5 0.4545 55.0 2026-03-10",
            "2 take_profit 115.0 3 0.5 45.0 2026-03-10",
        ]
    );
    assert_eq!(world.fixture.run(id).await.exits_triggered, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stopped_between_units_goes_on_without_repeating_any() {
    let world = World::new().await;
    world.shares(1, "AAA", 10, MONDAY).await;
    world.shares(2, "BBB", 10, MONDAY).await;
    for ticker in ["AAA", "BBB"] {
        world
            .market
            .price(ticker, 112.0)
            .candles(ticker, &[("2026-03-10T14:00:00Z", 110.0, 116.0, 109.0)]);
    }
    let gate = world.market.gate("BBB");
    let worker = world.worker(monitoring(), true).await;
    let id = world.submit(NOON).await;
    world
        .fixture
        .wait_until(id, |run| {
            run.progress_current == Some(1) && run.progress_total == Some(2)
        })
        .await;
    worker.stop().await;
    assert_eq!(world.exits().await, ["1 take_profit 115.0 5 0.5 75.0 2026-03-10"]);
    gate.add_permits(10);
    let worker = world.worker(monitoring(), true).await;
    let run = world.fixture.wait_for_end(id).await;
    worker.stop().await;
    assert_eq!((run.attempt, run.exits_triggered), (2, Some(2)));
    assert_eq!(world.exits().await.len(), 2);
    assert_eq!(world.market.asked("quotes AAA"), 1);
    assert_eq!(world.fixture.phases(id).await[0].progress_total, 2);
}
