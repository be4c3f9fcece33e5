use std::time::{Duration, Instant};

use serde_json::json;
use shared::doorbell::Bell;
use shared::run::result::{AnalysisResult, Counts, PredictionCounts};
use shared::run::warning::{Warning, WarningType};
use shared::store::phases::{self, PhaseHead};

use crate::app::{App, send, start};

fn result() -> AnalysisResult {
    AnalysisResult {
        subreddit: "wallstreetbets".into(),
        market_now: shared::clock::now(),
        counts: Counts::default(),
        tickers: Vec::new(),
        signals: Vec::new(),
        positions_opened: Vec::new(),
        exits: Vec::new(),
        predictions: PredictionCounts::default(),
        portfolios: Vec::new(),
        warnings_count: 0,
        model_usage: None,
    }
}

/// Waits until a run with that id is there: looks again whenever somebody has committed.
async fn queued(app: &App, id: i64) {
    let bell = Bell::open(&app.store, Duration::from_millis(100)).expect("a bell");
    let mut commits = bell.listen();
    while app.get(&format!("/runs/{id}")).await.status == 404 {
        commits.wait(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn whoever_waits_gets_the_result_with_a_200_as_soon_as_it_is_there() {
    let app = start().await;
    let begun = Instant::now();
    let request = json!({"options": {"async_mode": {"requested": false}}});
    let worker = async {
        queued(&app, 1).await;
        app.claim(1).await.complete(&result(), 0).await.expect("completed");
    };
    let (answer, ()) = tokio::join!(app.post_json("/analyze", &request), worker);
    assert_eq!(
        (answer.status, &answer.body["data"]["job"]["status"]),
        (200, &json!("completed"))
    );
    assert_eq!(answer.body["data"]["result"]["result_kind"], "final");
    assert!(begun.elapsed() < Duration::from_secs(5));
    let by_run = app.get("/runs/1/result").await;
    assert_eq!(by_run.body["data"], answer.body["data"]["result"]);
    assert!(by_run.body["data"]["result"].get("model_usage").is_none());
}

#[tokio::test]
async fn a_wait_that_ends_first_is_a_202_with_the_run_as_it_is() {
    let app = start().await;
    let answer = send(app.request("POST", "/analyze").header("Prefer", "wait=1")).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, "wait=1"));
}

#[tokio::test]
async fn a_status_that_is_known_is_a_304_until_it_changes() {
    let app = start().await;
    app.post("/analyze").await;
    let first = app.get("/runs/1/status").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("W/\""));
    let ask = || send(app.request("GET", "/runs/1/status").header("If-None-Match", &tag));
    let known = ask().await;
    assert_eq!((known.status, known.header("etag")), (304, tag.as_str()));
    let _held = app.claim(1).await;
    let changed = ask().await;
    assert_eq!((changed.status, &changed.body["data"]["worker"]), (200, &json!("live")));
}

#[tokio::test]
async fn a_status_is_waited_for_until_the_next_change() {
    let app = start().await;
    app.post("/analyze").await;
    // One answer later the wait, which was sent before it, has begun; if not, its answer comes at once and is the same.
    let cancel = async {
        app.get("/runs/1/status").await;
        app.post("/runs/1/cancel").await;
    };
    let wait = send(app.request("GET", "/runs/1/status").header("Prefer", "wait=10"));
    let begun = Instant::now();
    let (answer, ()) = tokio::join!(wait, cancel);
    assert_eq!(
        (answer.status, &answer.body["data"]["status"]),
        (200, &json!("canceled"))
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(
        (answer.header("preference-applied"), answer.header("retry-after")),
        ("wait=10", "")
    );
}

#[tokio::test]
async fn warnings_show_on_their_phase_while_the_run_goes_on() {
    let app = start().await;
    app.post("/analyze").await;
    let mut run = app.claim(1).await;
    let head = PhaseHead {
        key: "analysis",
        position: 1,
        number: 3,
        label: "Analyzing comments",
    };
    let warning = Warning {
        kind: WarningType::ImageAnalysisFailed,
        message: "no picture".into(),
        phase: 3,
        timestamp: shared::clock::now(),
        ticker: None,
        context: serde_json::Map::new(),
    };
    let mut unit = run.begin_frozen(shared::clock::now()).await.expect("the claim holds");
    run.lay_out(&mut unit, &[head]).await.expect("laid out");
    phases::add_warnings(&mut unit, "analysis", &[warning])
        .await
        .expect("added");
    run.start_phase(unit, &head).await.expect("started");
    let body = app.get("/runs/1").await.body;
    let phase = &body["data"]["phases"][0];
    assert_eq!(
        (&phase["status"], &phase["warnings"][0]["type"]),
        (&json!("running"), &json!("image_analysis_failed"))
    );
    assert_eq!(phase["warnings"][0]["ticker"], json!(null));
    assert_eq!(
        (&body["data"]["phase_index"], &body["data"]["phase_count"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(body["data"]["warnings"], json!(null));
}

#[tokio::test]
async fn an_old_partial_leads_to_the_newest_word_unless_it_is_asked_for() {
    let app = start().await;
    app.post("/analyze").await;
    let run = app.claim(1).await;
    let old = run.publish(&result()).await.expect("published");
    let path = format!("/analyze/results/{old}");
    assert_eq!(app.get(&path).await.body["data"]["result_kind"], "partial");
    let last = run.complete(&result(), 0).await.expect("completed");
    let shown = app.get(&path).await.body;
    assert_eq!(
        (&shown["data"]["result_id"], &shown["data"]["requested_result_id"]),
        (&json!(last), &json!(old))
    );
    let asked = app.get(&format!("{path}?view=requested")).await.body;
    assert_eq!(
        (&asked["data"]["result_id"], &asked["data"]["result_seq"]),
        (&json!(old), &json!(1))
    );
}

#[tokio::test]
async fn whoever_waits_is_answered_when_the_server_stops() {
    let mut app = start().await;
    let stop = async {
        queued(&app, 1).await;
        app.closing.cancel();
    };
    let begun = Instant::now();
    let (answer, ()) = tokio::join!(send(app.request("POST", "/analyze").header("Prefer", "wait=100")), stop);
    assert_eq!(answer.status, 202);
    let stopped = app.stopped.take().expect("a server");
    stopped.await.expect("no panic").expect("an orderly end");
    assert!(begun.elapsed() < Duration::from_secs(10));
}
