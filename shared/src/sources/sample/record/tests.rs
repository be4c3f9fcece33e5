use super::*;
use crate::market::calendar::Calendar;
use crate::sources::market::{DailySource, MarketSource};
use crate::sources::recorded::{RecordedDaily, RecordedMarket};
use crate::sources::sample::{SAMPLE_SEED, SampleDaily, SampleMarket};

/// A recording of the days and the sample itself.
struct Both {
    _folder: tempfile::TempDir,
    recorded: (RecordedMarket, RecordedDaily),
    sample: (SampleMarket, SampleDaily),
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn both(from: &str, to: &str) -> Both {
    let folder = tempfile::tempdir().unwrap();
    record(SAMPLE_SEED, folder.path(), date(from), date(to)).unwrap();
    let prompt = std::time::Duration::ZERO;
    Both {
        recorded: (
            RecordedMarket::open("ANALYZE_MARKET", folder.path(), Calendar::default()).unwrap(),
            RecordedDaily::open("ANALYZE_DAILY", folder.path(), Calendar::default()).unwrap(),
        ),
        sample: (
            SampleMarket::new(SAMPLE_SEED, prompt),
            SampleDaily::new(SAMPLE_SEED, prompt),
        ),
        _folder: folder,
    }
}

impl Both {
    async fn answer_alike_about(&self, symbol: &str, now: DateTime<Utc>) {
        let (recorded, sample) = (&self.recorded.0, &self.sample.0);
        let today = now.date_naive();
        let asked = [symbol.to_owned()];
        assert_eq!(
            recorded.quotes(&asked, now).await,
            sample.quotes(&asked, now).await,
            "{symbol} {now}"
        );
        let candles = recorded.candles(symbol, today, now).await;
        assert_eq!(candles, sample.candles(symbol, today, now).await, "{symbol} {now}");
        let (from, to) = (today + Days::new(14), today + Days::new(21));
        let chain = recorded.chain(symbol, from, to, now).await;
        assert_eq!(chain, sample.chain(symbol, from, to, now).await, "{symbol} {now}");
        let from = today - Days::new(60);
        let bars = self.recorded.1.bars(symbol, from, today, now).await;
        assert_eq!(
            bars,
            self.sample.1.bars(symbol, from, today, now).await,
            "{symbol} {now}"
        );
        let contracts = chain.into_iter().flat_map(|chain| chain.contracts);
        let asked: Vec<_> = contracts
            .filter(|contract| contract.delta.is_some_and(|delta| BOUGHT_AT.contains(&delta.0.abs())))
            .map(|contract| contract.symbol)
            .collect();
        assert_eq!(
            recorded.quotes(&asked, now).await,
            sample.quotes(&asked, now).await,
            "{asked:?}"
        );
    }
}

#[tokio::test]
async fn a_recording_answers_as_the_sample_does() {
    let both = both("2026-01-12", "2026-01-13");
    for day in ["2026-01-12", "2026-01-13"] {
        for symbol in ["TSLA", "AMC", "META", "SPY", "HOOD", "BTC", "^GSPC", "NIO"] {
            both.answer_alike_about(symbol, cutoff(date(day))).await;
        }
    }
}

#[tokio::test]
async fn planted_outages_are_recorded() {
    let day = date("2026-01-08");
    let answers = Answers::new(SAMPLE_SEED);
    let out: Vec<_> = INSTRUMENTS
        .iter()
        .map(|instrument| instrument.symbol)
        .filter(|symbol| {
            answers.chain(symbol, cutoff(day))["error"] == 503 || answers.history(symbol, day)["error"] == 503
        })
        .collect();
    assert!(!out.is_empty());
    let both = both("2026-01-08", "2026-01-08");
    for symbol in out {
        both.answer_alike_about(symbol, cutoff(day)).await;
    }
}

#[tokio::test]
async fn a_contract_is_quoted_until_it_expires() {
    let both = both("2026-01-22", "2026-01-23");
    let bought = cutoff(date("2026-01-06"));
    let sample = &both.sample.0;
    let chain = sample
        .chain("MSFT", date("2026-01-23"), date("2026-01-23"), bought)
        .await
        .unwrap();
    let held = chain
        .contracts
        .into_iter()
        .find(|one| one.delta.is_some_and(|delta| BOUGHT_AT.contains(&delta.0.abs())));
    let asked = [held.unwrap().symbol];
    for day in ["2026-01-22", "2026-01-23"] {
        let now = cutoff(date(day));
        assert_eq!(
            both.recorded.0.quotes(&asked, now).await,
            sample.quotes(&asked, now).await
        );
    }
}

#[test]
fn days_without_trading_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [
        ("2026-01-10", "2026-01-11"),
        ("2026-01-09", "2026-01-05"),
        ("2020-01-01", "2020-02-01"),
    ] {
        let error = record(SAMPLE_SEED, folder.path(), date(from), date(to)).unwrap_err();
        assert!(error.to_string().contains("2025-01-02"), "{error}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_shortened_day_is_recorded_at_its_own_close() {
    let recorder = Recorder {
        dir: Path::new("."),
        answers: Answers::new(SAMPLE_SEED),
        held: BTreeSet::new(),
        recorded: Recorded::default(),
    };
    let times = |day: &str| -> Vec<String> {
        let instants = recorder.instants(date(day)).into_iter();
        instants.map(|(_, time)| time.format("%H%M").to_string()).collect()
    };
    assert_eq!(times("2026-01-05"), ["1100", "1600"]);
    assert_eq!(times("2026-11-27"), ["1100", "1300"]);
}

#[test]
fn a_recording_of_earlier_days_keeps_the_bars_of_the_later_ones() {
    let folder = tempfile::tempdir().unwrap();
    let last = || {
        let text = fs::read_to_string(folder.path().join("daily/META.json")).unwrap();
        let bars = wire::daily_bars(&wire::document(&text).unwrap()).unwrap();
        bars.last().unwrap().date
    };
    record(SAMPLE_SEED, folder.path(), date("2026-01-07"), date("2026-01-08")).unwrap();
    assert_eq!(last(), date("2026-01-08"));
    record(SAMPLE_SEED, folder.path(), date("2026-01-05"), date("2026-01-06")).unwrap();
    assert_eq!(last(), date("2026-01-08"));
}
