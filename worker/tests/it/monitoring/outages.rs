//! What the market does not answer, and what stands in for it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn without_quotes_todays_bar_stands_in_and_without_that_the_ticker_is_skipped() {
    let world = World::new().await;
    for (id, ticker) in [(1, "BAR"), (2, "GONE"), (3, "LATE"), (4, "FINE")] {
        world.shares(id, ticker, 10, MONDAY).await;
    }
    world.contracts(5, "OPTS", 2, MONDAY, "2026-03-27").await;
    world.contracts(6, "FINE", 2, MONDAY, "2026-03-27").await;
    world
        .market
        .quotes_out("BAR")
        .candles_out("BAR")
        .bars("BAR", &[("2026-03-10", 99.0, 101.0, 85.0, 97.0)])
        .quotes_out("GONE")
        .candles_out("LATE")
        .price("LATE", 99.0)
        .price("FINE", 101.0)
        .quotes_out("OPTS_C")
        .quotes_out("FINE_C")
        .price("OPTS", 55.0);
    let run = world.monitor(EVENING).await;
    assert_eq!(world.exits().await, ["1 stop_loss 90.0 10 1.0 -100.0 2026-03-10"]);
    let stock =
        |ticker: &str, fallback: &str| format!(r#"{{"ticker":"{ticker}","attempts":3,"fallback":"{fallback}"}}"#);
    let option = |ticker: &str, id: i64| format!(r#"{{"ticker":"{ticker}","position_id":{id}}}"#);
    assert_eq!(
        contexts(&run),
        [
            stock("BAR", "daily_bar"),
            option("FINE", 6),
            stock("GONE", "none"),
            stock("LATE", "none"),
            option("OPTS", 5)
        ]
    );
    let warning = &run.parsed_warnings().unwrap()[0];
    assert_eq!((warning.phase, warning.ticker.as_deref()), (6, Some("BAR")));
    let skipped = "select count(*) from positions where id in (2, 5, 6) and last_checked_at is null
                   and last_priced_at < '2026-03-10'";
    assert_eq!(world.fixture.count(skipped).await, 3);
    let history: Vec<String> = world
        .fixture
        .texts(
            "select concat_ws(' ', ticker, date, open_micros / 1000000, high_micros / 1000000, low_micros / 1000000,
                              close_micros / 1000000) from price_history order by ticker, date",
        )
        .await;
    assert_eq!(
        history,
        [
            "BAR 2026-03-10 99 101 85 97",
            "FINE 2026-03-10 101 101 101 101",
            "LATE 2026-03-10 99 99 99 99",
            "OPTS 2026-03-10 55 55 55 55"
        ]
    );
    // The candles that were out are tested once they are there.
    world
        .market
        .recover()
        .candles("LATE", &[("2026-03-10T15:00:00Z", 99.0, 99.0, 89.0)])
        .price("GONE", 100.0)
        .price("OPTS_C", 2.0)
        .price("FINE_C", 2.0);
    let later = world.monitor("2026-03-10T21:30:00+00:00").await;
    assert!(later.warnings.is_none());
    assert_eq!(world.exits().await[1], "3 stop_loss 90.0 10 1.0 -100.0 2026-03-10");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_refused_login_the_market_is_asked_no_more() {
    let world = World::new().await;
    for (id, ticker) in [(1, "AAA"), (2, "BBB")] {
        world.shares(id, ticker, 10, MONDAY).await;
    }
    world.prediction(1, "CCC", "2026-03-27").await;
    world.market.log_out();
    let run = world.monitor(NOON).await;
    let asked: Vec<_> = world
        .market
        .calls()
        .into_iter()
        .filter(|call| !call.starts_with("bars"))
        .collect();
    assert_eq!(asked, ["quotes AAA"]);
    assert_eq!(
        contexts(&run),
        [
            r#"{"ticker":"AAA","attempts":1,"fallback":"none"}"#,
            r#"{"ticker":"BBB","attempts":0,"fallback":"none"}"#,
            r#"{"ticker":"CCC","predictions_affected":1}"#
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_market_everything_is_left_alone_and_the_values_are_recorded() {
    let world = World::new().await;
    world.contracts(1, "OLD", 6, MONDAY, "2026-03-09").await;
    let before = state(&world).await;
    let id = world.submit(NOON).await;
    let worker = world.worker(monitoring(), false).await;
    let run = world.fixture.wait_for_end(id).await;
    worker.stop().await;
    assert_eq!(state(&world).await, before);
    assert!(run.warnings.is_none() && world.market.calls().is_empty());
    let kept = format!("select count(*) from portfolio_values where run_id = {id}");
    assert_eq!(world.fixture.count(&kept).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_from_before_the_opening_sells_nothing_and_is_no_outage() {
    let world = World::new().await;
    world.shares(1, "OLD", 10, MONDAY).await;
    world.contracts(2, "OLD", 2, MONDAY, "2026-03-27").await;
    world.prediction(1, "OLD", "2026-03-27").await;
    let before_all = "2026-03-08T15:00:00Z";
    for symbol in ["OLD", "OLD_C"] {
        world.market.price(symbol, 0.5).quoted_at(symbol, before_all);
    }
    let run = world.monitor(NOON).await;
    assert!(world.exits().await.is_empty() && run.warnings.is_none());
    let touched = "select count(*) from positions where last_price_micros = 500000
                   union all select count(*) from prediction_outcomes";
    assert_eq!(
        world
            .fixture
            .texts(&touched.replace("count(*)", "'' || count(*)"))
            .await,
        ["0", "0"]
    );
    for symbol in ["OLD", "OLD_C"] {
        world.market.quoted_at(symbol, NOON);
    }
    world.monitor(NOON).await;
    assert_eq!(world.exits().await, ["2 stop_loss 1.0 2 1.0 -200.0 2026-03-10"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_that_nobody_quotes_any_more_is_no_outage() {
    let world = World::new().await;
    world.shares(1, "GONE", 10, MONDAY).await;
    let run = world.monitor(NOON).await;
    assert!(run.warnings.is_none() && world.exits().await.is_empty());
}
