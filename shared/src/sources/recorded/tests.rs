use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::market::money::Micros;

const SETTING: &str = "ANALYZE_MARKET";
const CONTRACT: &str = "XYZ   260123C00100000";

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn price(last: f64) -> Value {
    json!({ "assetMainType": "EQUITY", "quote": { "lastPrice": last } })
}

/// A folder with these documents.
fn folder(documents: &[(&str, Value)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, document) in documents {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, document.to_string()).unwrap();
    }
    folder
}

fn market(folder: &TempDir) -> RecordedMarket {
    RecordedMarket::open(SETTING, folder.path(), Calendar::default()).unwrap()
}

/// Monday with two sets; in the second one thing is out and another unknown. Nothing on Tuesday.
fn monday() -> TempDir {
    let sets = json!([
        { "at": "2026-01-05T21:00:00Z", "quotes": { "XYZ": price(11.0), "OUT": { "error": 503 }, "GONE": { "error": 404 } } },
        { "at": "2026-01-05T16:00:00Z", "quotes": { "XYZ": price(10.0), "ABC": price(20.0), "OUT": price(30.0), "GONE": price(40.0),
            CONTRACT: { "quote": { "mark": 2.5, "delta": 0.3, "underlyingPrice": 10.0 } } } },
    ]);
    folder(&[("quotes/2026-01-05.json", sets)])
}

async fn quote(folder: &TempDir, symbol: &str, now: &str) -> Result<Option<Micros>, MarketError> {
    let quotes = market(folder).quotes(&[symbol.to_owned()], instant(now)).await?;
    Ok(quotes.get(symbol).map(|quote| quote.price))
}

fn is_outage<T>(answer: &Result<T, MarketError>) -> bool {
    matches!(answer, Err(MarketError::Outage { attempts: 3, .. }))
}

#[tokio::test]
async fn the_newest_quote_at_or_before_now_is_seen() {
    let folder = monday();
    let of = async |symbol, now| quote(&folder, symbol, now).await.unwrap().map(Micros::dollars);
    assert_eq!(of("XYZ", "2026-01-05T16:00:00Z").await, Some(10.0));
    assert_eq!(of("XYZ", "2026-01-05T20:59:59Z").await, Some(10.0));
    assert_eq!(of("XYZ", "2026-01-05T21:00:00Z").await, Some(11.0));
    assert_eq!(of("ABC", "2026-01-05T21:00:00Z").await, Some(20.0));
    assert_eq!(of(CONTRACT, "2026-01-05T21:00:00Z").await, Some(2.5));
    assert_eq!(of("../XYZ", "2026-01-05T21:00:00Z").await, None);
}

#[tokio::test]
async fn an_entry_may_be_an_outage_or_unknown() {
    let folder = monday();
    assert!(is_outage(&quote(&folder, "OUT", "2026-01-05T22:00:00Z").await));
    assert_eq!(quote(&folder, "GONE", "2026-01-05T22:00:00Z").await, Ok(None));
    assert!(quote(&folder, "OUT", "2026-01-05T16:30:00Z").await.unwrap().is_some());
}

#[tokio::test]
async fn a_session_that_was_not_recorded_is_an_outage_and_the_night_before_is_not() {
    let folder = monday();
    assert!(quote(&folder, "XYZ", "2026-01-06T14:29:59Z").await.unwrap().is_some());
    assert!(is_outage(&quote(&folder, "XYZ", "2026-01-06T14:30:00Z").await));
    assert!(is_outage(&quote(&folder, "XYZ", "2026-01-05T15:59:59Z").await));
    assert!(is_outage(&quote(&folder, "XYZ", "2026-01-05T13:00:00Z").await));
}

#[tokio::test]
async fn a_weekend_sees_the_quotes_of_friday() {
    let folder = folder(&[(
        "quotes/2026-01-09.json",
        json!([{ "at": "2026-01-09T21:00:00Z", "quotes": { "XYZ": price(9.0) } }]),
    )]);
    assert!(quote(&folder, "XYZ", "2026-01-11T16:00:00Z").await.unwrap().is_some());
}

#[tokio::test]
async fn candles_are_seen_when_they_have_ended() {
    let candle = |datetime: i64| json!({ "open": 1, "high": 2, "low": 1, "close": 2, "datetime": datetime });
    let opening = instant("2026-01-05T14:30:00Z").timestamp_millis();
    let history = json!({ "candles": [candle(opening), candle(opening + 300_000)], "empty": false });
    let folder = folder(&[
        ("pricehistory/XYZ/2026-01-05.json", history),
        ("pricehistory/OUT/2026-01-05.json", json!({ "error": 503 })),
    ]);
    let of = async |symbol, now| market(&folder).candles(symbol, date("2026-01-05"), instant(now)).await;
    let count = async |now| of("XYZ", now).await.unwrap().len();
    assert_eq!(count("2026-01-05T14:34:59Z").await, 0);
    assert_eq!(count("2026-01-05T14:35:00Z").await, 1);
    assert_eq!(count("2026-01-05T22:00:00Z").await, 2);
    assert!(is_outage(&of("OUT", "2026-01-05T16:00:00Z").await));
    assert!(is_outage(&of("ABC", "2026-01-05T16:00:00Z").await));
    let weekend = market(&folder)
        .candles("ABC", date("2026-01-10"), instant("2026-01-12T16:00:00Z"))
        .await;
    assert_eq!(weekend, Ok(Vec::new()));
}

#[tokio::test]
async fn the_newest_chain_at_or_before_now_is_seen() {
    let chain = |price: f64| {
        json!({ "underlyingPrice": price, "putExpDateMap": {},
                "callExpDateMap": { "2026-01-16:11": { "9.0": [{ "mark": 1 }] }, "2026-01-23:18": { "9.0": [{ "mark": 1 }] } } })
    };
    let folder = folder(&[
        ("chains/XYZ/2026-01-05.json", chain(10.0)),
        ("chains/XYZ/2026-01-05T1100.json", chain(11.0)),
        ("chains/XYZ/2026-01-06T1100.json", json!({ "error": 503 })),
        ("chains/GONE/2026-01-05.json", json!({ "error": 404 })),
    ]);
    let of = async |symbol, now| {
        market(&folder)
            .chain(symbol, date("2026-01-20"), date("2026-01-23"), instant(now))
            .await
    };
    let underlying = async |now| of("XYZ", now).await.unwrap().underlying_price.map(Micros::dollars);
    assert_eq!(underlying("2026-01-05T15:59:59Z").await, Some(10.0));
    assert_eq!(underlying("2026-01-05T16:00:00Z").await, Some(11.0));
    assert_eq!(underlying("2026-01-06T15:59:00Z").await, Some(11.0));
    assert_eq!(of("XYZ", "2026-01-05T16:00:00Z").await.unwrap().contracts.len(), 1);
    assert!(is_outage(&of("XYZ", "2026-01-06T16:00:00Z").await));
    assert!(is_outage(&of("XYZ", "2026-01-04T16:00:00Z").await));
    assert!(is_outage(&of("XYZ", "2026-01-20T16:00:00Z").await));
    assert!(is_outage(&of("ABC", "2026-01-05T16:00:00Z").await));
    assert_eq!(
        of("GONE", "2026-01-05T16:00:00Z").await,
        Err(MarketError::Unknown("GONE".to_owned()))
    );
}

#[tokio::test]
async fn a_bar_is_seen_after_its_day_has_closed() {
    let prices = json!([10, 11]);
    let quote = json!([{ "open": prices, "high": prices, "low": prices, "close": prices }]);
    let days = json!([1_767_623_400, 1_767_709_800]);
    let chart =
        json!({ "chart": { "result": [{ "timestamp": days, "indicators": { "quote": quote } }], "error": null } });
    let folder = folder(&[("daily/^GSPC.json", chart)]);
    let daily = RecordedDaily::open("ANALYZE_DAILY", folder.path(), Calendar::default()).unwrap();
    let count = async |now| {
        daily
            .bars("^GSPC", date("2026-01-05"), date("2026-01-31"), instant(now))
            .await
            .unwrap()
            .len()
    };
    assert_eq!(count("2026-01-05T20:59:59Z").await, 0);
    assert_eq!(count("2026-01-05T21:00:00Z").await, 1);
    assert_eq!(count("2026-01-06T21:00:00Z").await, 2);
    let missing = daily
        .bars(
            "XYZ",
            date("2026-01-05"),
            date("2026-01-05"),
            instant("2026-01-06T16:00:00Z"),
        )
        .await;
    assert!(is_outage(&missing));
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_an_outage_that_names_it() {
    let folder = folder(&[
        ("quotes/2026-01-05.json", json!({ "at": 1 })),
        ("chains/XYZ/2026-01-05.json", json!("?")),
    ]);
    std::fs::create_dir_all(folder.path().join("pricehistory/XYZ")).unwrap();
    std::fs::write(
        folder.path().join("pricehistory/XYZ/2026-01-05.json"),
        b"{\"candles\": [",
    )
    .unwrap();
    let (market, day, now) = (market(&folder), date("2026-01-05"), instant("2026-01-05T16:00:00Z"));
    for error in [
        market.quotes(&["XYZ".to_owned()], now).await.unwrap_err(),
        market.candles("XYZ", day, now).await.unwrap_err(),
        market.chain("XYZ", day, day, now).await.unwrap_err(),
    ] {
        assert!(error.to_string().contains("2026-01-05.json: not "), "{error}");
    }
}

#[test]
fn a_folder_without_a_recording_is_refused_with_cause_and_remedy() {
    let empty = tempfile::tempdir().unwrap();
    let file = empty.path().join("file");
    std::fs::write(&file, "").unwrap();
    for (path, cause) in [
        (empty.path().join("none"), "no such folder"),
        (file, "not a folder"),
        (empty.path().to_owned(), "none of quotes/, pricehistory/, chains/"),
    ] {
        let error = RecordedMarket::open(SETTING, path, Calendar::default())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(cause) && error.contains("analyze-worker record"),
            "{error}"
        );
        assert!(
            error.starts_with("ANALYZE_MARKET=recorded:") && !error.contains('\n'),
            "{error}"
        );
    }
    assert!(RecordedDaily::open("ANALYZE_DAILY", empty.path(), Calendar::default()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_quote_is_seen_that_was_recorded_later(minutes in 0_i64..60 * 24 * 3) {
        let folder = monday();
        let now = instant("2026-01-05T05:00:00Z") + Duration::minutes(minutes);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let quotes = runtime.block_on(market(&folder).quotes(&["XYZ".to_owned(), "ABC".to_owned()], now));
        prop_assert!(quotes.unwrap_or_default().values().all(|quote| quote.at <= now));
    }
}

#[tokio::test]
async fn a_day_that_was_not_traded_after_all_has_the_quotes_of_the_day_before() {
    let folder = monday();
    let tuesday = "2026-01-06T16:00:00Z";
    assert!(is_outage(&quote(&folder, "XYZ", tuesday).await));
    let closed = Calendar::with_overrides("2026-01-06 closed".parse().unwrap());
    let market = RecordedMarket::open(SETTING, folder.path(), closed).unwrap();
    let quotes = market.quotes(&["XYZ".to_owned()], instant(tuesday)).await.unwrap();
    assert_eq!(quotes["XYZ"].price, Micros::from_dollars(11));
}
