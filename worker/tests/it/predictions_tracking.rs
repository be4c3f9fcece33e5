//! Predictions under watch, over a scripted market.

use shared::run::request::RunRequest;

use crate::world::{MONDAY, NOON, World, contexts, monitoring};

const WEDNESDAY: &str = "2026-03-11T16:00:00+00:00";
const FAR: &str = "2026-03-27";

/// Predictions as `id status remaining premium peak return correct`.
async fn predictions(world: &World) -> Vec<String> {
    world
        .fixture
        .texts(
            "select concat_ws(' ', id, status, coalesce(contracts_remaining, '-'),
                              coalesce(current_premium_micros / 1000000.0, '-'),
                              coalesce(peak_premium_micros / 1000000.0, '-'),
                              coalesce(simulated_return_pct, '-'), coalesce(is_correct, '-')) from predictions order by id",
        )
        .await
}

async fn simulated(world: &World) -> Vec<String> {
    world
        .fixture
        .texts(
            "select concat_ws(' ', prediction_id, exit_reason, exit_premium_micros / 1000000.0, contracts_exited,
                              round(quantity_pct, 2), simulated_pnl_micros / 1000000.0, exit_date)
             from prediction_exits order by prediction_id, id",
        )
        .await
}

async fn outcomes(world: &World) -> Vec<String> {
    world
        .fixture
        .texts(
            "select concat_ws(' ', prediction_id, day_offset, premium_micros / 1000000.0,
                              coalesce(underlying_price_micros / 1000000.0, '-'))
             from prediction_outcomes order by prediction_id, day_offset",
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn predictions_follow_the_cascade_of_contracts_until_nothing_is_left() {
    let world = World::new().await;
    for (id, ticker) in [(1, "DOUB"), (2, "HALF"), (3, "STAY"), (4, "ZERO")] {
        world.prediction(id, ticker, FAR).await;
    }
    world
        .market
        .price("DOUB_C", 5.0)
        .underlying("DOUB_C", 120.0)
        .price("HALF_C", 0.9)
        .price("STAY_C", 2.2)
        .price("ZERO_C", 0.0);
    let cash = [world.cash(1).await, world.cash(3).await];
    world.monitor(NOON).await;
    assert_eq!(
        predictions(&world).await,
        [
            "1 tracking 3 5.0 5.0 - -",
            "2 resolved 0 0.9 2.0 -0.5 0",
            "3 tracking 5 2.2 2.2 - -",
            "4 resolved 0 0.0 2.0 -0.5 0"
        ]
    );
    world.market.price("DOUB_C", 3.0).price("STAY_C", 2.1);
    world.monitor(WEDNESDAY).await;
    assert_eq!(
        simulated(&world).await,
        [
            "1 take_profit 4.0 2 0.4 400.0 2026-03-10",
            "1 trailing_stop 3.5 3 1.0 450.0 2026-03-11",
            "2 stop_loss 1.0 5 1.0 -500.0 2026-03-10",
            "4 stop_loss 1.0 5 1.0 -500.0 2026-03-10"
        ]
    );
    assert_eq!(predictions(&world).await[0], "1 resolved 0 3.0 5.0 0.85 1");
    assert_eq!(
        outcomes(&world).await,
        [
            "1 1 5.0 120.0",
            "1 2 3.0 120.0",
            "2 1 0.9 -",
            "3 1 2.2 -",
            "3 2 2.1 -",
            "4 1 0.0 -"
        ]
    );
    let resolved = format!("select count(*) from predictions where resolved_at = '{WEDNESDAY}'");
    assert_eq!(world.fixture.count(&resolved).await, 1, "on the market clock");
    assert_eq!([world.cash(1).await, world.cash(3).await], cash);
    assert_eq!(world.fixture.count("select count(*) from position_exits").await, 0);
    assert_eq!(
        world.market.asked("quotes HALF_C"),
        1,
        "resolved ones are not asked for"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_premium_of_a_day_wins() {
    let world = World::new().await;
    world.prediction(1, "ABC", FAR).await;
    world.market.price("ABC_C", 2.2).underlying("ABC_C", 99.0);
    world.monitor(NOON).await;
    world.market.price("ABC_C", 2.4);
    world.monitor("2026-03-10T18:00:00+00:00").await;
    assert_eq!(outcomes(&world).await, ["1 1 2.4 99.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_premium_the_stale_one_stays_and_one_warning_counts_the_predictions() {
    let world = World::new().await;
    world.prediction(1, "GONE", FAR).await;
    world.prediction(2, "GONE", FAR).await;
    world.prediction(3, "PAST", "2026-03-09").await;
    world.prediction(4, "NONE", FAR).await;
    world
        .plant(
            "update predictions set status = 'expired', strike_price_micros = null, expiration_date = null,
                 contract_symbol = null, entry_premium_micros = null, contracts = null, contracts_remaining = null,
                 current_premium_micros = null, peak_premium_micros = null where id = 4",
        )
        .await;
    world
        .plant("update predictions set current_premium_micros = 300000 where id = 3")
        .await;
    world.market.quotes_out("GONE_C");
    let run = world.monitor(NOON).await;
    assert_eq!(
        predictions(&world).await,
        [
            "1 tracking 5 2.0 2.0 - -",
            "2 tracking 5 2.0 2.0 - -",
            "3 resolved 0 0.3 2.0 -0.85 0",
            "4 expired - - - - -"
        ]
    );
    assert_eq!(simulated(&world).await, ["3 expiration 0.3 5 1.0 -850.0 2026-03-10"]);
    assert!(outcomes(&world).await.is_empty());
    assert_eq!(contexts(&run), [r#"{"ticker":"GONE","predictions_affected":2}"#]);
    assert_eq!(world.market.asked("quotes GONE_C"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_premium_of_a_held_contract_serves_its_predictions_too() {
    let world = World::new().await;
    world.contracts(1, "ABC", 2, MONDAY, FAR).await;
    world.contracts(2, "OUT", 2, MONDAY, FAR).await;
    world.prediction(1, "ABC", FAR).await;
    world.prediction(2, "OUT", FAR).await;
    world.market.price("ABC_C", 2.3).quotes_out("OUT_C");
    let run = world.monitor(NOON).await;
    assert_eq!(predictions(&world).await[0], "1 tracking 5 2.3 2.3 - -");
    assert_eq!(
        (world.market.asked("quotes ABC_C"), world.market.asked("quotes OUT_C")),
        (1, 1)
    );
    assert_eq!(
        contexts(&run),
        [
            r#"{"ticker":"OUT","position_id":2}"#,
            r#"{"ticker":"OUT","predictions_affected":1}"#
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_of_a_person_outlives_the_resolution() {
    let world = World::new().await;
    world.prediction(1, "WRONG", FAR).await;
    world
        .plant("update predictions set hitl_override = 'correct', is_correct = true")
        .await;
    world.market.price("WRONG_C", 0.1);
    world.monitor(NOON).await;
    assert_eq!(predictions(&world).await, ["1 resolved 0 0.1 2.0 -0.5 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn predictions_of_another_subreddit_are_none_of_a_runs_business() {
    let world = World::new().await;
    world.prediction(1, "ABC", FAR).await;
    let request = RunRequest {
        as_of: Some(MONDAY.parse().unwrap()),
        ..RunRequest::new("stocks")
    };
    let elsewhere = world.fixture.submit(&request).await.id;
    let worker = world.worker(monitoring(), true).await;
    world.fixture.wait_for_end(elsewhere).await;
    worker.stop().await;
    world
        .plant(&format!("update predictions set analysis_run_id = {elsewhere}"))
        .await;
    world.market.price("ABC_C", 0.1);
    world.monitor(NOON).await;
    assert_eq!(predictions(&world).await, ["1 tracking 5 2.0 2.0 - -"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_stopped_between_two_tickers_goes_on_behind_the_first() {
    let world = World::new().await;
    world.prediction(1, "AAA", FAR).await;
    world.prediction(2, "BBB", FAR).await;
    world.market.price("AAA_C", 5.0).price("BBB_C", 5.0);
    let gate = world.market.gate("BBB_C");
    let worker = world.worker(monitoring(), true).await;
    let id = world.submit(NOON).await;
    world
        .fixture
        .wait_until(id, |run| run.progress_current == Some(1))
        .await;
    worker.stop().await;
    assert_eq!(simulated(&world).await, ["1 take_profit 4.0 2 0.4 400.0 2026-03-10"]);
    gate.add_permits(10);
    let worker = world.worker(monitoring(), true).await;
    let run = world.fixture.wait_for_end(id).await;
    worker.stop().await;
    assert_eq!(run.attempt, 2);
    assert_eq!(simulated(&world).await.len(), 2);
    assert_eq!(world.market.asked("quotes AAA_C"), 1);
    assert_eq!(world.fixture.phases(id).await[0].progress_total, 2);
}
