use serde_json::json;

use crate::app::{send, start, start_with};

#[tokio::test]
async fn a_run_is_accepted_without_any_worker() {
    let app = start().await;
    let answer = app.post("/analyze").await;
    assert_eq!(answer.status, 202);
    let data = &answer.body["data"];
    assert_eq!(data["run_id"], 1);
    assert_eq!(data["joined"], false);
    assert_eq!(data["job"]["status"], "queued");
    assert!(data["job"].as_object().expect("a job").contains_key("result_id"));
    assert!(data.get("result").is_none());
    assert_eq!(answer.header("location"), "/runs/1");
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(answer.body["meta"]["request_id"], answer.header("x-request-id"));
    assert!(
        answer.body["meta"]["timestamp"]
            .as_str()
            .expect("a time")
            .ends_with('Z')
    );
}

#[tokio::test]
async fn a_second_run_is_refused_with_the_one_that_is_active() {
    let app = start().await;
    let first = app.post("/analyze").await;
    let second = app.post_json("/analyze", &json!({"subreddit": "stocks"})).await;
    assert_eq!((second.status, second.code()), (409, "ANALYSIS_ALREADY_RUNNING"));
    let active = &second.body["error"]["details"]["active_run"];
    assert_eq!(active["run_id"], 1);
    assert_eq!(active["job_id"], first.body["data"]["job"]["job_id"]);
    assert_eq!(
        (&active["status"], &active["worker"]),
        (&json!("queued"), &json!("none"))
    );
    assert_eq!(active["started_at"], json!(null));
    assert!(!second.header("retry-after").is_empty());
    assert_eq!(app.get("/runs").await.body["meta"]["total"], 1);
}

#[tokio::test]
async fn subreddits_go_side_by_side_when_the_single_flight_is_theirs() {
    let app = start_with(&[("ANALYZE_SINGLE_FLIGHT", "subreddit")]).await;
    assert_eq!(
        app.post_json("/analyze", &json!({"subreddit": "stocks"})).await.status,
        202
    );
    assert_eq!(
        app.post_json("/analyze", &json!({"subreddit": "Options"})).await.status,
        202
    );
    assert_eq!(
        app.post_json("/analyze", &json!({"subreddit": "STOCKS"})).await.status,
        409
    );
}

#[tokio::test]
async fn an_equal_active_run_is_joined_and_another_is_not() {
    let app = start().await;
    let first = app.post("/analyze").await;
    let joined = app
        .post_json(
            "/analyze",
            &json!({"on_conflict": "join", "options": {"post_limit": 10}}),
        )
        .await;
    assert_eq!((joined.status, &joined.body["data"]["joined"]), (202, &json!(true)));
    assert_eq!(joined.run_id(), first.run_id());
    let other = app
        .post_json(
            "/analyze",
            &json!({"on_conflict": "join", "options": {"post_limit": 11}}),
        )
        .await;
    assert_eq!(other.status, 409);
}

#[tokio::test]
async fn a_repeated_key_leads_to_the_same_run_even_after_its_end() {
    let app = start().await;
    let post = |key: &str, body: serde_json::Value| {
        send(
            app.request("POST", "/analyze")
                .header("Idempotency-Key", key)
                .json(&body),
        )
    };
    let first = post("\"k 1\"", json!({})).await;
    let again = post(
        "k 1",
        json!({"subreddit": "WallStreetBets", "options": {"async_mode": {"requested": true}}}),
    )
    .await;
    assert_eq!((again.status, again.header("idempotency-replayed")), (202, "true"));
    assert_eq!(again.run_id(), first.run_id());
    app.post("/runs/1/cancel").await;
    let ended = post("k 1", json!({})).await;
    assert_eq!(
        (ended.status, &ended.body["data"]["job"]["status"]),
        (200, &json!("canceled"))
    );
    let mismatch = post("k 1", json!({"subreddit": "stocks"})).await;
    assert_eq!(
        (mismatch.status, mismatch.refused()),
        (422, ("header.idempotency-key", "conflict"))
    );
    assert_eq!(app.get("/runs").await.body["meta"]["total"], 1);
}

#[tokio::test]
async fn a_key_that_met_a_conflict_is_not_spent() {
    let app = start().await;
    app.post("/analyze").await;
    let post = || send(app.request("POST", "/analyze").header("Idempotency-Key", "later"));
    assert_eq!(post().await.status, 409);
    app.post("/runs/1/cancel").await;
    let answer = post().await;
    assert_eq!(
        (answer.status, answer.run_id(), answer.header("idempotency-replayed")),
        (202, 2, "")
    );
}

#[tokio::test]
async fn fifty_requests_at_once_start_one_run() {
    let app = start().await;
    let requests = (0..50).map(|_| app.post("/analyze"));
    let statuses: Vec<_> = futures::future::join_all(requests)
        .await
        .iter()
        .map(|answer| answer.status)
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 202).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 409).count(),
        49,
        "{statuses:?}"
    );
}

#[tokio::test]
async fn canceling_frees_the_single_flight_and_repeats_change_nothing() {
    let app = start().await;
    let job = app.post("/analyze").await.body["data"]["job"]["job_id"].clone();
    let path = format!("/analyze/jobs/{}/cancel", job.as_str().expect("a job_id"));
    let first = app.post_json(&path, &json!({"reason": "enough"})).await;
    assert_eq!((first.status, &first.body["data"]["accepted"]), (200, &json!(true)));
    assert_eq!(first.body["data"]["job"]["cancel_reason"], "enough");
    assert_eq!(first.body["data"]["job"]["canceled_by"], "anonymous");
    let again = app.post_json("/runs/1/cancel", &json!({"reason": "other"})).await;
    assert_eq!(
        (again.status, &again.body["data"]["job"]["cancel_reason"]),
        (200, &json!("enough"))
    );
    assert_eq!(app.get("/runs/1/events").await.body["meta"]["total"], 2);
    assert_eq!(app.post("/analyze").await.status, 202);
}

#[tokio::test]
async fn a_run_in_work_is_asked_to_stop() {
    let app = start().await;
    app.post("/analyze").await;
    let _held = app.claim(1).await;
    let asked = app.post("/runs/1/cancel").await;
    assert_eq!((asked.status, &asked.body["data"]["accepted"]), (202, &json!(true)));
    assert_eq!(asked.body["data"]["job"]["status"], "running");
    assert_ne!(asked.body["data"]["job"]["cancel_requested_at"], json!(null));
}
