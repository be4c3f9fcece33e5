//! Submitting: accepted at once, exactly one at a time, waiting on request.

use e2e::{
    load::{self, Connection},
    stack::Stack,
};
use reqwest::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a01_a_run_is_accepted_without_any_worker() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let answer = stack.api().start().await.unwrap();
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert!(answer.run_id() > 0 && answer.data()["job"]["status"] == "queued");
    assert!(answer.body["meta"]["timestamp"].is_string() && answer.body["meta"]["version"].is_string());
    assert_eq!(answer.headers["location"], format!("/runs/{}", answer.run_id()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_a_thousand_parallel_posts_give_exactly_one_202() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let base = stack.api().base().to_owned();
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let base = base.clone();
            tokio::spawn(async move {
                let mut connection = Connection::open(&base).await.unwrap();
                let mut statuses = Vec::new();
                for _ in 0..20 {
                    statuses.push(connection.call(&load::post("/analyze", "{}")).await.unwrap());
                }
                statuses
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.extend(task.await.unwrap());
    }
    let count = |status: u16| statuses.iter().filter(|s| **s == status).count();
    assert_eq!((count(202), count(409)), (1, 999));
    let runs = stack.api().get("/runs").await.unwrap();
    assert_eq!(runs.body["meta"]["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a03_a_conflict_names_the_active_run_and_changes_nothing() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let api = stack.api();
    let first = api.start().await.unwrap();
    let events = api.get("/runs/1/events").await.unwrap();
    let second = api.start().await.unwrap();
    assert_eq!((second.status, second.code()), (409, "ANALYSIS_ALREADY_RUNNING"));
    let active = &second.body["error"]["details"]["active_run"];
    assert_eq!(
        (&active["run_id"], &active["worker"]),
        (&json!(first.run_id()), &json!("none"))
    );
    assert!(second.headers.contains_key("retry-after"));
    let after = api.get("/runs/1/events").await.unwrap();
    assert_eq!(after.data(), events.data());
}

#[tokio::test(flavor = "multi_thread")]
async fn a04_the_conflict_ends_with_the_run_however_it_ended() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let api = stack.api();
    let queued = api.start().await.unwrap().run_id();
    let canceled = api.post(&format!("/runs/{queued}/cancel"), json!({})).await.unwrap();
    assert_eq!(
        (canceled.status, &canceled.data()["job"]["status"]),
        (200, &json!("canceled"))
    );
    let _worker = stack.worker().unwrap();
    let completed = api.start().await.unwrap();
    assert_eq!(completed.status, 202);
    assert_eq!(
        api.wait_for_end(completed.run_id()).await.unwrap()["status"],
        "completed"
    );
    assert_eq!(api.start().await.unwrap().status, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_a_synchronous_request_answers_200_with_the_result() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let api = stack.api();
    let answer = api
        .post("/analyze", json!({"options": {"async_mode": {"requested": false}}}))
        .await
        .unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.data()["job"]["status"], "completed");
    assert_eq!(answer.data()["result"]["result_kind"], "final");
    let preferred = api
        .send(Method::POST, "/analyze", &[("prefer", "wait=30")], Some(json!({})))
        .await
        .unwrap();
    assert_eq!(
        (preferred.status, &preferred.headers["preference-applied"]),
        (200, &"wait=30".parse().unwrap())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a05_a_synchronous_request_answers_202_when_its_time_is_over() {
    let stack = Stack::new(&[("ANALYZE_SYNC_MAX", "100ms")]).unwrap();
    let _server = stack.server().await.unwrap();
    let api = stack.api();
    let answer = api
        .post("/analyze", json!({"options": {"async_mode": {"requested": false}}}))
        .await
        .unwrap();
    assert_eq!(
        (answer.status, &answer.data()["job"]["status"]),
        (202, &json!("queued"))
    );
    let refused = api
        .post("/analyze", json!({"options": {"async_mode": {"requested": "no"}}}))
        .await
        .unwrap();
    assert_eq!((refused.status, refused.code()), (422, "VALIDATION_ERROR"));
    assert_eq!(
        refused.body["error"]["details"]["field"],
        "options.async_mode.requested"
    );
    assert_eq!(api.get("/runs").await.unwrap().body["meta"]["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_makes_one_run_however_often_it_is_sent() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let api = stack.api();
    let send = |body| api.send(Method::POST, "/analyze", &[("idempotency-key", "nightly")], Some(body));
    let first = send(json!({})).await.unwrap();
    let again = send(json!({"subreddit": "WallStreetBets"})).await.unwrap();
    assert_eq!((first.status, again.status, again.run_id()), (202, 202, first.run_id()));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let other = send(json!({"subreddit": "stocks"})).await.unwrap();
    assert_eq!(
        (other.status, &other.body["error"]["details"]["constraint"]),
        (422, &json!("conflict"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_that_arrives_while_the_first_request_waits_waits_too() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let send = |headers: &'static [(&'static str, &'static str)]| {
        let api = stack.api();
        tokio::spawn(async move {
            api.send(Method::POST, "/analyze", headers, Some(json!({})))
                .await
                .unwrap()
        })
    };
    let first = send(&[("idempotency-key", "nightly"), ("prefer", "wait=60")]);
    while stack.api().get("/runs").await.unwrap().body["meta"]["total"] != 1 {}
    let repeat = send(&[("idempotency-key", "nightly")]);
    let _worker = stack.worker().unwrap();
    let (first, repeat) = (first.await.unwrap(), repeat.await.unwrap());
    assert_eq!((first.status, repeat.status), (200, 200), "{}", repeat.body);
    assert_eq!(repeat.headers["idempotency-replayed"], "true");
}
