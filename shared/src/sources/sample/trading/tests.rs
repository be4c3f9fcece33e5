use proptest::prelude::*;

use super::*;
use crate::market::{calendar::Calendar, money::Micros, option::OptionType};
use crate::sources::sample::{FIRST_DAY, INSTRUMENTS, Market, SAMPLE_SEED};

fn market() -> SampleMarket {
    SampleMarket::new(SAMPLE_SEED, Duration::ZERO)
}

fn daily() -> SampleDaily {
    SampleDaily::new(SAMPLE_SEED, Duration::ZERO)
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn trading_days(count: usize) -> Vec<NaiveDate> {
    let calendar = Calendar::default();
    let days = FIRST_DAY.iter_days();
    days.filter(|day| calendar.is_trading_day(*day)).take(count).collect()
}

/// 11:00 Eastern of a day in winter.
fn eleven(day: NaiveDate) -> DateTime<Utc> {
    instant(&format!("{day}T16:00:00Z"))
}

async fn quote(symbol: &str, now: DateTime<Utc>) -> Result<Option<Quote>, MarketError> {
    let mut quotes = market().quotes(&[symbol.to_owned()], now).await?;
    Ok(quotes.remove(symbol))
}

/// The first day on which the answer is as wanted.
async fn first_day<T>(
    answer: impl AsyncFn(NaiveDate) -> Result<T, MarketError>,
    wanted: impl Fn(&Result<T, MarketError>) -> bool,
) -> NaiveDate {
    for day in trading_days(120) {
        if wanted(&answer(day).await) {
            return day;
        }
    }
    panic!("no such day")
}

fn is_outage<T>(answer: &Result<T, MarketError>) -> bool {
    matches!(answer, Err(MarketError::Outage { attempts: 3, .. }))
}

#[tokio::test]
async fn a_quote_is_the_price_of_the_market() {
    let fine = first_day(|day| quote("TSLA", eleven(day)), |answer| matches!(answer, Ok(Some(_)))).await;
    let now = eleven(fine);
    let quoted = quote("TSLA", now).await.unwrap().unwrap();
    assert_eq!(Some(quoted.price.0), Market::new(SAMPLE_SEED).price("TSLA", now));
    assert_eq!((quoted.at, quoted.delta), (now, None));
}

#[tokio::test]
async fn while_the_exchange_is_closed_the_last_close_is_quoted() {
    let friday = instant("2026-01-16T21:00:00Z");
    let closed = ["2026-01-16T22:00:00Z", "2026-01-19T16:00:00Z", "2026-01-20T14:29:59Z"];
    let market = market();
    let chain = market.chain("MSFT", date("2026-01-30"), date("2026-02-06"), friday);
    let contract = chain.await.unwrap().contracts.swap_remove(0).symbol;
    for symbol in ["MSFT", &contract] {
        let at_close = quote(symbol, friday).await.unwrap().unwrap();
        assert_eq!(at_close.at, friday);
        for now in closed {
            assert_eq!(
                quote(symbol, instant(now)).await.unwrap(),
                Some(at_close),
                "{symbol} {now}"
            );
        }
        let open = quote(symbol, instant("2026-01-20T14:30:00Z")).await.unwrap();
        assert_ne!(open, Some(at_close), "{symbol}");
    }
}

#[tokio::test]
async fn coins_the_index_and_strangers_are_not_quoted() {
    let now = eleven(FIRST_DAY);
    for symbol in ["BTC", "^GSPC", "XYZ", "", "../TSLA", "XYZ   260116C00310000"] {
        assert_eq!(quote(symbol, now).await, Ok(None), "{symbol}");
    }
    for symbol in ["BTC", "^GSPC", "XYZ", "HOOD"] {
        let chain = market().chain(symbol, FIRST_DAY, date("2026-12-31"), now).await;
        assert_eq!(chain, Err(MarketError::Unknown(symbol.to_owned())));
    }
    for symbol in ["BTC", "XYZ"] {
        let unknown = MarketError::Unknown(symbol.to_owned());
        assert_eq!(daily().bars(symbol, FIRST_DAY, FIRST_DAY, now).await, Err(unknown));
    }
    let history = daily().bars("^GSPC", date("2025-12-01"), FIRST_DAY, now).await.unwrap();
    assert!(history.len() >= 20);
}

#[tokio::test]
async fn a_chain_offers_a_strike_on_both_sides_two_to_three_weeks_ahead() {
    for day in trading_days(40).into_iter().step_by(3) {
        let (from, to) = (day + chrono::Days::new(14), day + chrono::Days::new(21));
        for instrument in INSTRUMENTS.iter().filter(|instrument| instrument.has_options()) {
            let Ok(chain) = market().chain(instrument.symbol, from, to, eleven(day)).await else {
                continue;
            };
            for side in [OptionType::Call, OptionType::Put] {
                let eligible = |delta: i64| (150_000..=500_000).contains(&delta.abs());
                let mut offered = chain.contracts.iter().filter(|contract| contract.option_type == side);
                assert!(
                    offered.any(|contract| contract.delta.is_some_and(|delta| eligible(delta.0))),
                    "{} {day} {side:?}",
                    instrument.symbol
                );
            }
        }
    }
}

#[tokio::test]
async fn a_contract_is_quoted_as_its_chain_lists_it() {
    let (market, now) = (market(), eleven(FIRST_DAY));
    for symbol in ["NVDA", "AMC", "SPY"] {
        let chain = market.chain(symbol, FIRST_DAY, date("2026-02-28"), now).await.unwrap();
        let listed = &chain.contracts[chain.contracts.len() / 3];
        let Ok(quotes) = market.quotes(std::slice::from_ref(&listed.symbol), now).await else {
            continue;
        };
        let quote = quotes[&listed.symbol];
        assert_eq!((Some(quote.price), quote.delta), (listed.mark, listed.delta));
        assert_eq!(quote.underlying_price, chain.underlying_price);
    }
}

#[tokio::test]
async fn an_expired_contract_is_unknown_from_the_next_day_on() {
    let contract = "NVDA  260109C00100000";
    let price = |now| async move { quote(contract, instant(now)).await.unwrap().map(|quote| quote.price) };
    let spot = Market::new(SAMPLE_SEED)
        .price("NVDA", instant("2026-01-09T22:00:00Z"))
        .unwrap();
    assert_eq!(price("2026-01-09T22:00:00Z").await, Some(Micros(spot - 100_000_000)));
    assert_eq!(price("2026-01-10T16:00:00Z").await, None);
}

#[tokio::test]
async fn an_outage_of_the_stock_is_one_of_quote_and_candles() {
    let day = first_day(|day| quote("AMD", eleven(day)), is_outage).await;
    assert!(is_outage(&market().candles("AMD", day, eleven(day)).await));
    let batch = ["MSFT".to_owned(), "AMD".to_owned()];
    assert!(is_outage(&market().quotes(&batch, eleven(day)).await));
}

#[tokio::test]
async fn a_day_without_candles_has_its_daily_bar() {
    let evening = |day| instant(&format!("{day}T22:00:00Z"));
    let history = async |day: NaiveDate| market().candles("AMD", day, evening(day)).await;
    let day = first_day(history, |answer| answer.as_ref().is_ok_and(Vec::is_empty)).await;
    assert_eq!(daily().bars("AMD", day, day, evening(day)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn now_and_then_the_daily_bar_is_missing_as_well() {
    let evening = |day| instant(&format!("{day}T22:00:00Z"));
    for symbol in ["TSLA", "GME"] {
        let bar = async |day: NaiveDate| daily().bars(symbol, day, day, evening(day)).await;
        let day = first_day(bar, |answer| answer.as_ref().is_ok_and(Vec::is_empty)).await;
        assert!(is_outage(&quote(symbol, evening(day)).await));
    }
}

#[tokio::test]
async fn chains_and_contracts_fail_by_themselves() {
    let listed = async |day: NaiveDate| market().chain("COIN", day, day, eleven(day)).await;
    first_day(listed, is_outage).await;
    let contract = |day| {
        let friday = super::super::listing::expiration_of_week(&Calendar::default(), day);
        format!("COIN  {}C00260000", friday.format("%y%m%d"))
    };
    let quoted = async |day: NaiveDate| quote(&contract(day), eleven(day)).await;
    let day = first_day(quoted, is_outage).await;
    assert!(!is_outage(&quote("COIN", eleven(day)).await));
}

#[tokio::test]
async fn latency_is_waited_for_at_every_call() {
    let latency = Duration::from_millis(20);
    let (market, daily) = (SampleMarket::new(1, latency), SampleDaily::new(1, latency));
    let (day, started) = (FIRST_DAY, tokio::time::Instant::now());
    let now = eleven(day);
    let _ = market.quotes(&[], now).await;
    let _ = market.candles("TSLA", day, now).await;
    let _ = market.chain("TSLA", day, day, now).await;
    let _ = daily.bars("TSLA", day, day, now).await;
    assert!(started.elapsed() >= latency * 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_is_seen_that_comes_later(minutes in 0_i64..60 * 24 * 60, ahead in 0_u64..5, which in 0..INSTRUMENTS.len()) {
        let now = eleven(FIRST_DAY) + chrono::Duration::minutes(minutes);
        let (symbol, today) = (INSTRUMENTS[which].symbol, eastern_day(now));
        let day = today + chrono::Days::new(ahead);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let candles = market().candles(symbol, day, now).await.unwrap_or_default();
            assert!(candles.iter().all(|candle| candle.end() <= now));
            let bars = daily().bars(symbol, FIRST_DAY, day, now).await.unwrap_or_default();
            let calendar = Calendar::default();
            assert!(bars.iter().all(|bar| calendar.session(bar.date).unwrap().close <= now));
            for quote in market().quotes(&[symbol.to_owned()], now).await.unwrap_or_default().values() {
                assert!(quote.at <= now);
            }
        });
    }
}

#[tokio::test]
async fn candles_and_daily_bar_of_a_day_agree_dips_included() {
    let mut dipped = 0;
    for day in trading_days(30) {
        let evening = instant(&format!("{day}T22:00:00Z"));
        let candles = market().candles("AMD", day, evening).await.unwrap_or_default();
        let bars = daily().bars("AMD", day, day, evening).await.unwrap();
        if let (Some(bar), false) = (bars.first(), candles.is_empty()) {
            assert_eq!(candles.iter().map(|candle| candle.low).min(), Some(bar.low));
            assert_eq!(candles.iter().map(|candle| candle.high).max(), Some(bar.high));
            assert_eq!(candles.last().map(|candle| candle.close), Some(bar.close));
            dipped += usize::from(Market::new(SAMPLE_SEED).bar("AMD", day).unwrap().low > bar.low.0);
        }
    }
    assert!(dipped > 0);
}
