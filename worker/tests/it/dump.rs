//! The real phases over dumps with everything that dumps have in them.

use serde_json::{Value, json};
use shared::run::{request::RunRequest, result::Counts, state::RunStatus};
use tokio_util::sync::CancellationToken;
use worker::{phases, service};

use crate::{
    fixture::Fixture,
    lines::{START, comment, lines},
};

/// What the test expects of a comment: id, hits and words by hand, score, replies, depth, parent, chain.
type Expected = (
    &'static str,
    (f64, f64),
    (f64, f64),
    u32,
    Option<&'static str>,
    &'static [&'static str],
);

const TEN_PLAIN: &str = "one two three four five six seven eight nine ten";

/// Words of the body with one term among twenty.
fn twenty(term: &str) -> String {
    format!("{TEN_PLAIN} {TEN_PLAIN}").replacen("one", term, 1)
}

pub(crate) fn odd_dump() -> Vec<u8> {
    let with = |mut line: Value, field: &str, value: Value| {
        line[field] = value;
        line
    };
    let submission = json!({
        "id": "p1", "title": "TSLA &amp; friends", "selftext": "a\nb", "author": "op", "score": 77,
        "num_comments": 999,
        "created_utc": START, "subreddit": "Stocks", "url": "https://i.redd.it/x.png", "permalink": "/r/x",
        "media": null
    });
    let values = [
        submission,
        comment("c1", "p1", "t3_p1", "ann", 100, &twenty("CALLS")),
        with(
            comment("c2", "p1", "t1_c1", "bob", 0, "no terms at all"),
            "score",
            Value::Null,
        ),
        with(
            comment("c3", "p1", "t1_c2", "[deleted]", 9, "to the moon 🚀🚀"),
            "created_utc",
            json!((START + 5).to_string()),
        ),
        comment("c4", "p1", "t1_c1", "mod", 1, "[removed]"),
        comment("c5", "p1", "t1_c4", "cid", -50, "implied volatility crush"),
        comment("c6", "p1", "t1_zzz", "dan", 3, &format!("{} dd", twenty("x"))),
        comment("c7", "p1", "t3_p1", "eve", 2, &"long ".repeat(20_000)),
        comment("c8", "p1", "t1_c1", "fay", 4, "AT&amp;T &lt;3 &quot;puts&quot;"),
        comment("c1", "p1", "t3_p1", "ann", 5, "a repeat that loses"),
        with(
            comment("x1", "p1", "t3_p1", "gus", 4, "elsewhere"),
            "subreddit",
            json!("options"),
        ),
        with(
            comment("late", "p1", "t3_p1", "gus", 4, "too late"),
            "created_utc",
            json!(START + 36_000),
        ),
        comment("s1", "p2", "t3_p2", "hal", 7, &twenty("squeeze")),
        comment("s2", "p2", "t1_s1", "ida", 7, "yes"),
    ];
    let mut dump = b"{\nnot json\n[]\n\xff\xfe\n{\"id\":\"half\n\n".to_vec();
    dump.extend(lines(&values));
    dump.extend(b"{\"id\": \"cut");
    dump
}

const EXPECTED: [Expected; 9] = [
    ("c1", (1.0, 20.0), (100.0, 3.0), 0, None, &[]),
    ("c2", (0.0, 4.0), (0.0, 1.0), 1, Some("c1"), &["c1"]),
    ("c3", (0.0, 4.0), (9.0, 0.0), 2, Some("c2"), &["c2", "c1"]),
    ("c5", (1.0, 3.0), (-50.0, 0.0), 2, None, &[]),
    ("c6", (1.0, 21.0), (3.0, 0.0), 1, None, &[]),
    ("c7", (20_000.0, 20_000.0), (2.0, 0.0), 0, None, &[]),
    ("c8", (1.0, 3.0), (4.0, 0.0), 1, Some("c1"), &["c1"]),
    ("s1", (1.0, 20.0), (7.0, 1.0), 0, None, &[]),
    ("s2", (0.0, 1.0), (7.0, 0.0), 1, Some("s1"), &["s1"]),
];

type Stored = (String, Option<String>, i64, f64, f64, f64, String);

/// The scores as the specification words them, from counts made by hand.
fn expected_scores(expected: &Expected, trust: f64, most: f64) -> [f64; 3] {
    let (_, (hits, words), (score, replies), depth, ..) = *expected;
    let financial = (hits / words * 10.0).min(1.0);
    let engagement = (score.max(0.0) + 1.0).ln() * replies / most;
    let penalty = (0.05 * f64::from(depth)).min(0.3);
    let priority = (0.4 * financial + 0.3 * trust + 0.3 * engagement - penalty).max(0.0);
    [financial, trust, priority]
}

fn as_of() -> RunRequest {
    RunRequest {
        as_of: chrono::DateTime::from_timestamp(START + 36_000, 0),
        ..RunRequest::new("stocks")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_with_every_oddity_gives_the_rows_that_were_counted_by_hand() {
    let fixture = Fixture::over_dump(&odd_dump(), &[]).await;
    fixture
        .plant(
            "insert into authors (username, first_seen, last_active, trust_score)
             values ('ann', '2021-01-01T00:00:00+00:00', '2021-01-01T00:00:00+00:00', 0.9)",
        )
        .await;
    let (run, result) = fixture.analyse(&as_of()).await;
    assert_eq!(
        result.counts,
        Counts {
            posts: 2,
            comments_fetched: 9,
            comments_selected: 9,
            comments_annotated: 9,
            comments_reused: 0
        }
    );
    assert_eq!(run.market_now.unwrap().timestamp(), START + 36_000);
    let stored: Vec<Stored> = fixture
        .rows(
            "select c.reddit_id, p.reddit_id, c.depth, c.financial_score, c.author_trust_score, c.prioritization_score,
                    c.parent_chain from comments as c left join comments as p on p.id = c.parent_comment_id order by 1",
        )
        .await;
    assert_eq!(stored.len(), EXPECTED.len());
    let most = 101_f64.ln() * 3.0;
    for (row, expected) in stored.iter().zip(&EXPECTED) {
        let (id, _, _, depth, parent, chain) = *expected;
        assert_eq!(
            (row.0.as_str(), row.1.as_deref(), row.2),
            (id, parent, i64::from(depth))
        );
        let scores = expected_scores(expected, if id == "c1" { 0.9 } else { 0.5 }, most);
        for (stored, expected) in [row.3, row.4, row.5].iter().zip(scores) {
            assert!((stored - expected).abs() < 1e-12, "{id}: {row:?} {scores:?}");
        }
        let ancestors: Vec<Value> = serde_json::from_str(&row.6).unwrap();
        let ids: Vec<_> = ancestors.iter().map(|a| a["id"].as_str().unwrap()).collect();
        assert_eq!(ids, chain, "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_posts_and_chains_of_a_dump_are_stored_decoded() {
    let fixture = Fixture::over_dump(&odd_dump(), &[]).await;
    fixture.analyse(&as_of()).await;
    let posts = fixture
        .texts(
            "select reddit_id || '|' || subreddit || '|' || title || '|' || selftext || '|' || upvotes || '|'
                    || total_comments || '|' || coalesce(image_url, '-') from reddit_posts order by reddit_id",
        )
        .await;
    assert_eq!(
        posts,
        [
            "p1|stocks|TSLA & friends|a\nb|77|8|https://i.redd.it/x.png",
            "p2|stocks|||0|2|-"
        ]
    );
    let bodies = fixture
        .texts("select body from comments where reddit_id in ('c3', 'c8') order by reddit_id")
        .await;
    assert_eq!(bodies, ["to the moon 🚀🚀", "AT&T <3 \"puts\""]);
    assert_eq!(
        fixture
            .count("select length(body) from comments where reddit_id = 'c7'")
            .await,
        100_000
    );
    let facts = fixture
        .texts(
            "select author || '|' || score || '|' || created_utc from comments where reddit_id in ('c2', 'c3')
             order by reddit_id",
        )
        .await;
    assert_eq!(
        facts,
        [
            "bob|0|2021-01-28T15:01:00+00:00",
            "[deleted]|9|2021-01-28T15:00:05+00:00"
        ]
    );
    let chain = fixture
        .texts("select parent_chain from comments where reddit_id = 'c3'")
        .await;
    let chain: Value = serde_json::from_str(&chain[0]).unwrap();
    let parent = json!({"id": "c2", "body": "no terms at all", "depth": 1, "author": "bob"});
    assert_eq!((&chain[0], &chain[1]["depth"]), (&parent, &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_as_of_is_frozen_one_second_after_the_newest_comment() {
    let fixture = Fixture::over_dump(&odd_dump(), &[]).await;
    let (run, result) = fixture.analyse(&RunRequest::new("stocks")).await;
    assert_eq!(run.market_now.unwrap().timestamp(), START + 36_001);
    assert_eq!(result.counts.comments_fetched, 10);
    assert_eq!(
        fixture.texts("select distinct analyzed_at from comments").await,
        ["2021-01-29T01:00:01+00:00"]
    );
    assert_eq!(
        fixture
            .texts("select value from system_config where key = 'system_start_date'")
            .await,
        ["2021-01-29"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_the_request_choose_the_hottest_posts_and_the_best_comments() {
    let mut all = Vec::new();
    for post in 1..=5 {
        for number in 0..post * 4 {
            let (id, name) = (format!("q{post}{number:02}"), format!("post{post}"));
            all.push(comment(&id, &name, &format!("t3_{name}"), "ann", number, "short text"));
        }
    }
    let fixture = Fixture::over_dump(&lines(&all), &[]).await;
    let request = RunRequest {
        post_limit: 2,
        comments_per_post: 10,
        top_comments: 3,
        ..RunRequest::new("stocks")
    };
    let (_, result) = fixture.analyse(&request).await;
    assert_eq!(
        (
            result.counts.posts,
            result.counts.comments_fetched,
            result.counts.comments_selected
        ),
        (2, 20, 6)
    );
    let stored = fixture.texts("select reddit_id from comments order by reddit_id").await;
    assert_eq!(stored, ["q413", "q414", "q415", "q517", "q518", "q519"]);
    assert_eq!(
        fixture.texts("select reddit_id from reddit_posts order by 1").await,
        ["post4", "post5"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_without_that_subreddit_completes_with_zeros() {
    let fixture = Fixture::over_dump(&odd_dump(), &[]).await;
    let (run, result) = fixture.analyse(&RunRequest::new("nobody")).await;
    assert_eq!(result.counts, Counts::default());
    assert!(result.tickers.is_empty() && result.signals.is_empty());
    assert_eq!((run.signals_created, run.progress_percent), (Some(0), 100));
    for table in ["reddit_posts", "comments", "run_comments", "comment_tickers", "signals"] {
        assert_eq!(
            fixture.count(&format!("select count(*) from {table}")).await,
            0,
            "{table}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_in_which_nothing_parses_stops_the_worker_and_says_what_was_expected() {
    let fixture = Fixture::over_dump(b"nothing\n{}\n[1,2]\n", &[]).await;
    let error = service::run(&fixture.config, phases::registry(), CancellationToken::new())
        .await
        .unwrap_err()
        .to_string();
    for word in ["dump.ndjson", "3 lines could not be read", "link_id"] {
        assert!(error.contains(word), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_lives_with_the_data_and_is_missing_fails_the_run_and_is_named() {
    let fixture = Fixture::over_dump(&odd_dump(), &[]).await;
    fixture
        .plant("delete from system_config where key = 'trust_default_accuracy'")
        .await;
    let worker = fixture.worker(phases::registry());
    let run = fixture.submit(&RunRequest::new("stocks")).await;
    let run = fixture.wait_for_end(run.id).await;
    assert_eq!(
        (run.status, run.error_code.as_deref()),
        (RunStatus::Failed, Some("config_error"))
    );
    assert!(
        run.error_message
            .unwrap()
            .contains("`trust_default_accuracy` is missing")
    );
    worker.stop().await;
}
