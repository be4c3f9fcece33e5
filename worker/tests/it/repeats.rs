//! A second run over the same comments: what is reused, refreshed, kept.

use serde_json::Value;
use shared::run::request::RunRequest;

use crate::{
    domain::{assert_same, domain},
    fixture::Fixture,
    lines::{comment, lines},
};

/// Forty bulls on GME by ten people, and a few that say nothing.
fn bulls() -> Vec<u8> {
    let mut all: Vec<Value> = (0..40)
        .map(|n| {
            let body = format!("Number {n}: buying $GME calls, so bullish, it will rally");
            comment(&format!("b{n:02}"), "p1", "t3_p1", &format!("user{}", n % 10), n, &body)
        })
        .collect();
    all.push(comment("z1", "p1", "t1_b00", "someone", 5, "an earnings question"));
    lines(&all)
}

const CONSENSUS: &str = "select id || ' ' || created_at || ' ' || position_opened || ' ' || comment_count || ' '
                                || distinct_users || ' ' || prediction
                         from signals where ticker = 'GME' and signal_type = 'consensus'";

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_of_one_mind_in_a_dump_is_a_consensus() {
    let fixture = Fixture::over_dump(&bulls(), &[]).await;
    let (run, result) = fixture.analyse(&RunRequest::new("stocks")).await;
    assert_eq!(
        fixture.texts(CONSENSUS).await,
        ["1 2021-01-28T15:01:01+00:00 0 40 10 bullish"]
    );
    assert_eq!(
        fixture
            .count("select count(*) from signal_comments where signal_id = 1")
            .await,
        40
    );
    assert_eq!((result.signals.len(), run.signals_created), (1, Some(1)));
    assert_eq!(
        (
            result.tickers[0].ticker.as_str(),
            result.tickers[0].mentions,
            result.tickers[0].bullish
        ),
        ("GME", 40, 40)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_reuses_annotations_and_rewrites_the_signals_of_the_day() {
    let fixture = Fixture::over_dump(&bulls(), &[]).await;
    fixture.analyse(&RunRequest::new("stocks")).await;
    fixture
        .plant("update comments set analyzed_at = '2021-01-01T00:00:00+00:00'")
        .await;
    fixture
        .plant(
            "update signals set created_at = '2021-01-28T00:00:00+00:00', position_opened = true,
                    confidence = 0.1, comment_count = 3",
        )
        .await;
    let (run, result) = fixture.analyse(&RunRequest::new("stocks")).await;
    assert_eq!(
        (result.counts.comments_annotated, result.counts.comments_reused),
        (41, 41)
    );
    assert_eq!(
        fixture
            .texts("select distinct analyzed_at || analyzed_run_id from comments")
            .await,
        ["2021-01-01T00:00:00+00:001"]
    );
    assert_eq!(
        fixture.texts(CONSENSUS).await,
        ["1 2021-01-28T00:00:00+00:00 1 40 10 bullish"]
    );
    assert_eq!(fixture.count("select count(*) from signals").await, 1);
    assert_eq!(fixture.count("select run_id from signals").await, run.id.0);
    assert_eq!(fixture.count("select count(*) from signal_comments").await, 40);
    assert_eq!(fixture.count("select count(*) from run_comments").await, 82);
    assert_eq!(
        fixture
            .count("select count(*) from comments where analysis_run_id = 2")
            .await,
        41
    );
    assert_eq!(run.signals_created, Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_refreshes_what_has_no_annotation_and_keeps_what_has_one() {
    let fixture = Fixture::over_dump(&bulls(), &[]).await;
    fixture.analyse(&RunRequest::new("stocks")).await;
    fixture
        .plant(
            "update comments set analyzed_at = null, sentiment = null, ai_confidence = null, sarcasm_detected = null,
                    has_reasoning = null, reasoning_summary = null, analyzed_run_id = null where reddit_id = 'z1'",
        )
        .await;
    let spoil = "update comments set author = 'x', body = 'x', score = 99, depth = 9, prioritization_score = 9,
                        financial_score = 9, author_trust_score = 0.01, parent_chain = '[]', parent_comment_id = null,
                        created_utc = '2000-01-01T00:00:00+00:00'";
    let before = domain(&fixture).await["comments"].clone();
    fixture.plant(spoil).await;
    let (_, result) = fixture.analyse(&RunRequest::new("stocks")).await;
    assert_eq!(result.counts.comments_reused, 40);
    let facts = "select author || '|' || body || '|' || score || '|' || depth || '|' || author_trust_score || '|'
                        || parent_chain || '|' || created_utc || '|' || coalesce(analyzed_run_id, 0)
                 from comments where reddit_id = ";
    let refreshed = fixture.texts(&format!("{facts} 'z1'")).await.remove(0);
    assert!(
        refreshed.starts_with("someone|an earnings question|5|1|0.25|[{\"id\":\"b00\"")
            && refreshed.ends_with("|2021-01-28T15:01:00+00:00|2"),
        "{refreshed}"
    );
    assert_eq!(
        fixture.texts(&format!("{facts} 'b01'")).await,
        ["x|x|99|9|0.01|[]|2000-01-01T00:00:00+00:00|1"]
    );
    assert_eq!(before.len(), 41);
    let parent = "select p.reddit_id from comments as c join comments as p on p.id = c.parent_comment_id";
    assert_eq!(fixture.texts(parent).await, ["b00"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_histories_of_the_same_dump_are_equal() {
    let mut histories = Vec::new();
    for _ in 0..2 {
        let fixture = Fixture::over_dump(&bulls(), &[]).await;
        fixture.analyse(&RunRequest::new("stocks")).await;
        fixture.analyse(&RunRequest::new("stocks")).await;
        histories.push(domain(&fixture).await);
    }
    assert_eq!(histories[0]["comments"].len(), 41);
    assert_same(&histories[0], &histories[1]);
}
