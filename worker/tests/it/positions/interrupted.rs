//! Stops between two signals, and more than one run a day.

use super::*;

fn market() -> Arc<Script> {
    let script = Script::new();
    script.price("DEAR", 9999.0).chain("DEAR", both("DEAR", 99.0, 99.0));
    for ticker in ["ABC", "XYZ"] {
        script.price(ticker, 10.0).chain(ticker, both(ticker, 3.0, 3.0));
    }
    script
}

const SIGNALS: [Fired; 3] = [
    ("DEAR", "quality", "bullish", 0.9),
    ("ABC", "quality", "bullish", 0.8),
    ("XYZ", "quality", "bullish", 0.7),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_between_two_signals_opens_nothing_twice_and_asks_for_nothing_again() {
    let (fixture, script) = (Fixture::new(&[]).await, market());
    script.hold("XYZ");
    let run = queued(&fixture, NOW, &SIGNALS).await;
    let worker = fixture
        .worker_with(worker::phases::registry().only(&["positions"]), Some(script.clone()))
        .await;
    fixture
        .wait_until(run.id, |_| script.asked().contains(&"quote XYZ".to_owned()))
        .await;
    assert_books(&fixture).await;
    worker.stop().await;
    let half = [
        "stocks_quality ABC long 500 5000.0",
        "options_quality ABC call 6 1800.0",
    ];
    assert_eq!(opened(&fixture).await, half);
    assert_eq!(traded(&fixture).await, ["ABC"]);
    script.release();
    let run = finish(&fixture, &script, &run).await;
    assert_eq!(run.attempt, 2);
    let rest = [
        "stocks_quality XYZ long 375 3750.0",
        "options_quality XYZ call 6 1800.0",
    ];
    assert_eq!(opened(&fixture).await, [half, rest].concat());
    assert_eq!(run.positions_opened, Some(4));
    for ticker in ["DEAR", "ABC"] {
        let calls = script.asked();
        let of_ticker = calls.iter().filter(|call| call.split(' ').nth(1) == Some(ticker));
        assert_eq!(of_ticker.count(), 2, "{ticker}: its quote and its chain, once each");
    }
    let phase = &fixture.phases(run.id).await[0];
    assert_eq!((phase.progress_current, phase.progress_total), (3, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_of_the_day_buys_only_what_the_first_did_not() {
    let (fixture, script) = (Fixture::new(&[]).await, market());
    script.no_price("XYZ").no_chain("XYZ");
    let first = trade(&fixture, &script, &SIGNALS).await;
    assert_eq!(first.positions_opened, Some(2));
    script.price("XYZ", 10.0);
    let run = queued(&fixture, "2026-03-02T17:00:00+00:00", &SIGNALS).await;
    let second = finish(&fixture, &script, &run).await;
    assert_eq!(opened(&fixture).await, ["stocks_quality XYZ long 375 3750.0"]);
    assert_eq!(second.positions_opened, Some(1));
    let run = queued(&fixture, "2026-03-02T18:00:00+00:00", &SIGNALS).await;
    let third = finish(&fixture, &script, &run).await;
    assert_eq!(third.positions_opened, Some(0));
    assert_eq!(fixture.count("select count(*) from positions").await, 3);
}
