//! What the market does not answer: a quote, a chain, a strike, or anything at all.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_costs_its_leg_and_no_other() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script.no_price("DARK").chain("DARK", both("DARK", 3.0, 3.0));
    script.price("BARE", 100.0).no_chain("BARE");
    script.logged_out("GONE").no_price("GONE");
    let signals = [
        ("DARK", "quality", "bullish", 0.9),
        ("BARE", "quality", "bullish", 0.8),
        ("GONE", "quality", "bullish", 0.7),
    ];
    let run = trade(&fixture, &script, &signals).await;
    assert_eq!(
        opened(&fixture).await,
        [
            "options_quality DARK call 6 1800.0",
            "stocks_quality BARE long 50 5000.0"
        ]
    );
    let stock = |ticker: &str| json!(["schwab_stock_unavailable", ticker, { "ticker": ticker, "attempts": ATTEMPTS, "fallback": "none" }]);
    let options = |ticker: &str| json!(["schwab_options_unavailable", ticker, { "ticker": ticker }]);
    assert_eq!(
        warnings(&run),
        [stock("DARK"), options("BARE"), stock("GONE"), options("GONE")]
    );
    assert_eq!(traded(&fixture).await, ["DARK", "BARE"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_quotes_and_a_chain_without_a_strike_are_no_outages() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script.price("ABC", 100.0);
    script.chain("ABC", vec![contract("ABC", Call, 110, "0.90", Some(3.0))]);
    script.chain_at("COIN", None, both("COIN", 3.0, 3.0));
    let signals = [
        ("BTC", "quality", "bullish", 0.9),
        ("ABC", "quality", "bullish", 0.8),
        ("COIN", "quality", "bearish", 0.7),
    ];
    let run = trade(&fixture, &script, &signals).await;
    assert_eq!(
        opened(&fixture).await,
        ["stocks_quality ABC long 50 5000.0", "options_quality COIN put 6 1800.0"]
    );
    assert!(run.warnings.is_none());
    assert_eq!(traded(&fixture).await, ["ABC", "COIN"]);
    let blind = "select count(*) from positions where ticker = 'COIN' and underlying_price_at_entry_micros is null";
    assert_eq!(fixture.count(blind).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quote_of_the_stock_stands_in_for_an_underlying_price_that_the_chain_lacks() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    script.price("ABC", 104.0).chain_at("ABC", None, both("ABC", 3.0, 3.0));
    trade(&fixture, &script, &[("ABC", "quality", "bullish", 0.9)]).await;
    let known = "select underlying_price_at_entry_micros from positions where instrument_type = 'option'";
    assert_eq!(fixture.count(known).await, 104_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_market_nothing_is_bought_and_nobody_is_warned() {
    let fixture = Fixture::new(&[]).await;
    let run = queued(
        &fixture,
        "2026-03-07T16:00:00+00:00",
        &[("ABC", "quality", "bullish", 0.9)],
    )
    .await;
    let worker = fixture
        .worker_with(worker::phases::registry().only(&["positions"]), None)
        .await;
    let run = fixture.wait_for_end(run.id).await;
    worker.stop().await;
    assert_eq!((run.status, run.warnings.as_deref()), (RunStatus::Completed, None));
    assert_eq!(run.positions_opened, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coin_has_no_leg_whatever_a_feed_lists_under_its_name() {
    let (fixture, script) = (Fixture::new(&[]).await, Script::new());
    for ticker in ["BTC", "ETH"] {
        script.price(ticker, 50.0).chain(ticker, both(ticker, 3.0, 3.0));
    }
    let signals = [("BTC", "quality", "bullish", 0.9), ("ETH", "consensus", "bearish", 0.9)];
    let run = trade(&fixture, &script, &signals).await;
    assert!(opened(&fixture).await.is_empty() && run.warnings.is_none());
}
