//! The signals of a sample day against the rules computed anew from the stored rows.

use std::collections::{BTreeMap, BTreeSet};

use shared::run::request::RunRequest;

use crate::fixture::Fixture;

#[derive(sqlx::FromRow)]
struct Mention {
    ticker: String,
    sentiment: String,
    author: String,
    has_reasoning: bool,
    sarcasm_detected: bool,
    ai_confidence: f64,
    author_trust_score: f64,
}

/// Direction, confidence, sentiment score, comments, users.
type Verdict = (String, f64, f64, i64, i64);

fn users(rows: &[&Mention]) -> usize {
    let known = rows
        .iter()
        .map(|m| m.author.as_str())
        .filter(|author| *author != "[deleted]");
    known.collect::<BTreeSet<_>>().len()
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn float(count: usize) -> f64 {
    count as f64
}

fn verdict(rows: &[&Mention], direction: &str, volume: f64, align: f64) -> Verdict {
    let count = float(rows.len());
    let ai = rows.iter().map(|m| m.ai_confidence).sum::<f64>() / count;
    let trust = rows.iter().map(|m| m.author_trust_score).sum::<f64>() / count;
    let signs = rows.iter().map(|m| match m.sentiment.as_str() {
        "bullish" => m.ai_confidence,
        "bearish" => -m.ai_confidence,
        _ => 0.0,
    });
    (
        direction.to_owned(),
        0.25 * volume.min(1.0) + 0.25 * align + 0.30 * ai + 0.20 * trust,
        signs.sum::<f64>() / count,
        i64::try_from(rows.len()).unwrap(),
        i64::try_from(users(rows)).unwrap(),
    )
}

fn quality(mentions: &[Mention]) -> Option<Verdict> {
    let rows: Vec<_> = mentions
        .iter()
        .filter(|m| m.has_reasoning && !m.sarcasm_detected && m.ai_confidence >= 0.6 - 1e-9)
        .collect();
    let one_way = ["bullish", "bearish"]
        .into_iter()
        .find(|way| !rows.is_empty() && rows.iter().all(|m| m.sentiment == *way))?;
    (users(&rows) >= 2).then(|| verdict(&rows, one_way, float(users(&rows)) / 6.0, 1.0))
}

fn consensus(mentions: &[Mention]) -> Option<Verdict> {
    let rows: Vec<_> = mentions.iter().filter(|m| m.sentiment != "neutral").collect();
    let bulls = rows.iter().filter(|m| m.sentiment == "bullish").count();
    let (way, most) = if bulls * 2 > rows.len() {
        ("bullish", bulls)
    } else {
        ("bearish", rows.len() - bulls)
    };
    let alignment = float(most) / float(rows.len().max(1));
    (rows.len() >= 30 && users(&rows) >= 8 && alignment >= 0.7 - 1e-9).then(|| {
        let align = ((alignment - 0.7) / 0.3).clamp(0.0, 1.0);
        verdict(&rows, way, float(rows.len()) / 90.0, align)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_signals_of_a_day_are_those_that_the_rules_make_of_its_comments() {
    let fixture = Fixture::new(&[]).await;
    let (run, _) = fixture.analyse(&RunRequest::new("wallstreetbets")).await;
    let rows: Vec<Mention> = fixture
        .rows(
            "select t.ticker, t.sentiment, c.author, c.has_reasoning, c.sarcasm_detected, c.ai_confidence,
                    c.author_trust_score
             from comment_tickers as t join comments as c on c.id = t.comment_id where c.analysis_run_id = 1",
        )
        .await;
    let mut tickers = BTreeMap::<String, Vec<Mention>>::new();
    for row in rows {
        tickers.entry(row.ticker.clone()).or_default().push(row);
    }
    let mut expected = BTreeMap::new();
    for (ticker, mentions) in &tickers {
        for (kind, verdict) in [("quality", quality(mentions)), ("consensus", consensus(mentions))] {
            if let Some(verdict) = verdict {
                expected.insert((ticker.clone(), kind.to_owned()), verdict);
            }
        }
    }
    let stored: Vec<(String, String, String, f64, f64, i64, i64)> = fixture
        .rows(
            "select ticker, signal_type, prediction, confidence, sentiment_score, comment_count, distinct_users
             from signals order by ticker, signal_type desc",
        )
        .await;
    assert!(stored.len() > 2 && run.signals_created == i64::try_from(stored.len()).ok());
    let names: BTreeSet<_> = stored.iter().map(|s| (s.0.clone(), s.1.clone())).collect();
    assert_eq!(names, expected.keys().cloned().collect());
    for (ticker, kind, direction, confidence, score, comments, users) in stored {
        let (way, expected_confidence, expected_score, rows, authors) = &expected[&(ticker.clone(), kind)];
        assert_eq!((&direction, comments, users), (way, *rows, *authors), "{ticker}");
        assert!((confidence - expected_confidence).abs() < 1e-9, "{ticker}");
        assert!((score - expected_score).abs() < 1e-9, "{ticker}");
    }
}
