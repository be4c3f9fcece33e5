use chrono::TimeDelta;
use serde_json::{Value, json};
use server::runs::shown::Shown;
use shared::{run::ids::RunId, store::overview};

use crate::app::start;

#[tokio::test]
async fn lists_are_paged_newest_first_with_the_true_total() {
    let app = start().await;
    for id in 1..=3 {
        app.post("/analyze").await;
        app.post(&format!("/runs/{id}/cancel")).await;
    }
    let page = app.get("/runs?limit=2").await.body;
    assert_eq!(page["meta"]["total"], 3);
    let ids: Vec<_> = page["data"]
        .as_array()
        .expect("runs")
        .iter()
        .map(|run| run["run_id"].clone())
        .collect();
    assert_eq!(ids, [json!(3), json!(2)]);
    let beyond = app.get("/runs?offset=10").await.body;
    assert_eq!((&beyond["data"], &beyond["meta"]["total"]), (&json!([]), &json!(3)));
    assert_eq!(app.get("/runs?status=completed").await.body["meta"]["total"], 0);
    assert_eq!(
        app.get("/runs?status=canceled&subreddit=WallStreetBets").await.body["meta"]["total"],
        3
    );
    assert_eq!(
        app.get("/runs?since=2099-01-01T00:00:00Z").await.body["meta"]["total"],
        0
    );
    assert_eq!(
        app.get("/runs?since=2020-01-01T01:00:00%2B01:00").await.body["meta"]["total"],
        3
    );
}

#[tokio::test]
async fn events_are_read_behind_the_last_one_seen() {
    let app = start().await;
    let job = app.post("/analyze").await.body["data"]["job"]["job_id"].clone();
    app.post("/runs/1/cancel").await;
    let rest = app.get("/runs/1/events?after=1&limit=5").await.body;
    assert_eq!(rest["data"][0]["event_type"], "job.canceled");
    assert_eq!(rest["data"][0]["actor"], "api");
    let meta = &rest["meta"];
    assert_eq!(
        (&meta["total"], &meta["limit"], &meta["after"], &meta["last_seq"]),
        (&json!(2), &json!(5), &json!(1), &json!(2))
    );
    let detail = app
        .get(&format!("/analyze/jobs/{}", job.as_str().expect("a job_id")))
        .await
        .body;
    assert_eq!(
        (
            &detail["data"]["events_total"],
            &detail["data"]["events"][0]["event_type"]
        ),
        (&json!(2), &json!("job.queued"))
    );
    assert_eq!(detail["data"]["job"]["run_id"], 1);
}

#[tokio::test]
async fn the_service_says_where_it_stands() {
    let app = start().await;
    app.post("/analyze").await;
    let status = app.get("/status").await.body;
    assert_eq!(
        (&status["data"]["phase"], &status["data"]["active_run_id"]),
        (&json!("paper_trading"), &json!(1))
    );
    assert_eq!(status["data"]["queue"]["queued"], 1);
    assert_eq!(
        app.get("/readyz?verbose=true").await.body["data"]["checks"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    assert_eq!(app.get("/livez").await.body["data"]["checks"], json!(null));
}

#[tokio::test]
async fn the_document_and_its_page_come_from_the_server() {
    let app = start().await;
    let json = app.get("/openapi.json").await.body;
    assert_eq!(json, server::document::build());
    for (path, kind) in [
        ("/openapi.yaml", "application/yaml"),
        ("/docs", "text/html; charset=utf-8"),
        ("/docs/ui.js", "text/javascript; charset=utf-8"),
        ("/docs/ui.css", "text/css; charset=utf-8"),
        ("/docs/start.js", "text/javascript; charset=utf-8"),
    ] {
        let response = app.request("GET", path).send().await.expect("an answer");
        assert_eq!(
            (
                response.status().as_u16(),
                response.headers()["content-type"].to_str().expect("text")
            ),
            (200, kind),
            "{path}"
        );
        assert!(
            response.headers()["content-security-policy"]
                .to_str()
                .expect("text")
                .contains("default-src 'self'")
        );
    }
}

#[tokio::test]
async fn a_status_written_out_before_is_written_anew_when_time_has_changed_it() {
    let app = start().await;
    app.post("/analyze").await;
    app.claim(1).await;
    let mut conn = app.store.read().await.expect("a connection");
    let view = overview::run_view(&mut conn, RunId(1))
        .await
        .expect("read")
        .expect("a run");
    let (run, now) = (Shown::new(view), shared::clock::now());
    let at = |later| serde_json::from_str::<Value>(&run.status(now + later).expect("readable")).expect("JSON");
    assert_eq!(at(TimeDelta::zero())["worker"], "live");
    assert_eq!(at(TimeDelta::hours(1))["worker"], "stale");
    assert_eq!(at(TimeDelta::zero())["worker"], "live");
}
