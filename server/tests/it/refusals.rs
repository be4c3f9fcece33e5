use reqwest::Body;
use serde_json::{Value, json};

use crate::app::{send, start, start_with};

#[tokio::test]
async fn every_rule_of_the_body_names_its_field_and_starts_nothing() {
    let app = start().await;
    for (body, field, constraint) in [
        (json!({"x": 1}), "x", "unknown"),
        (json!({"options": {"x": 1}}), "options.x", "unknown"),
        (
            json!({"options": {"async_mode": {}}}),
            "options.async_mode.requested",
            "required",
        ),
        (
            json!({"options": {"async_mode": {"requested": "no"}}}),
            "options.async_mode.requested",
            "type",
        ),
        (json!({"options": {"async_mode": null}}), "options.async_mode", "type"),
        (json!({"options": []}), "options", "type"),
        (json!({"subreddit": null}), "subreddit", "type"),
        (json!({"subreddit": 7}), "subreddit", "type"),
        (json!({"subreddit": "_x"}), "subreddit", "pattern"),
        (json!({"on_conflict": "wait"}), "on_conflict", "enum"),
        (json!({"options": {"post_limit": 0}}), "options.post_limit", "minimum"),
        (json!({"options": {"post_limit": 101}}), "options.post_limit", "maximum"),
        (json!({"options": {"post_limit": 1.5}}), "options.post_limit", "type"),
        (
            json!({"options": {"comments_per_post": 50_001}}),
            "options.comments_per_post",
            "maximum",
        ),
        (
            json!({"options": {"top_comments": 10_001}}),
            "options.top_comments",
            "maximum",
        ),
        (json!({"options": {"as_of": "soon"}}), "options.as_of", "format"),
        (json!({"options": {"as_of": "2099-01-01"}}), "options.as_of", "maximum"),
        (json!([]), "body", "type"),
        (json!(null), "body", "type"),
    ] {
        let answer = app.post_json("/analyze", &body).await;
        assert_eq!(
            (answer.status, answer.code(), answer.refused()),
            (422, "VALIDATION_ERROR", (field, constraint)),
            "{body}"
        );
    }
    assert_eq!(app.get("/runs").await.body["meta"]["total"], 0);
}

#[tokio::test]
async fn every_rule_of_a_parameter_names_its_field() {
    let app = start().await;
    for (path, field, constraint) in [
        ("/runs?limit=0", "query.limit", "minimum"),
        ("/runs?limit=101", "query.limit", "maximum"),
        ("/runs?limit=ten", "query.limit", "type"),
        ("/runs?limit=", "query.limit", "length"),
        ("/runs?limit=1&limit=1", "query.limit", "format"),
        ("/runs?offset=-1", "query.offset", "minimum"),
        ("/runs?status=done", "query.status", "enum"),
        ("/runs?subreddit=a-b", "query.subreddit", "pattern"),
        ("/runs?since=yesterday", "query.since", "format"),
        ("/signals?date_from=2026-02-30", "query.date_from", "format"),
        ("/signals?portfolio_id=0", "query.portfolio_id", "minimum"),
        ("/signals/history", "query.signal_type", "required"),
        ("/signals/history?signal_type=quality&days=91", "query.days", "maximum"),
        ("/runs/1/events?after=-1", "query.after", "minimum"),
        ("/readyz?verbose=perhaps", "query.verbose", "type"),
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.refused()), (422, (field, constraint)), "{path}");
    }
    for (key, constraint) in [("", "length"), ("\"\"", "length")] {
        let answer = send(app.request("POST", "/analyze").header("Idempotency-Key", key)).await;
        assert_eq!(
            (answer.status, answer.refused()),
            (422, ("header.idempotency-key", constraint)),
            "{key:?}"
        );
    }
    assert_eq!(app.get("/runs?unknown=1&unknown=2&other").await.status, 200);
}

#[tokio::test]
async fn what_is_given_twice_is_refused_and_starts_nothing() {
    let app = start().await;
    let post = |path: &str| app.request("POST", path);
    let keys = |request: reqwest::RequestBuilder| {
        request
            .header("Idempotency-Key", "once")
            .header("Idempotency-Key", "twice")
    };
    let reason = json!({"reason": "enough"});
    for request in [keys(post("/analyze")), keys(post("/positions/1/close").json(&reason))] {
        let answer = send(request).await;
        assert_eq!(
            (answer.status, answer.refused()),
            (422, ("header.idempotency-key", "format"))
        );
    }
    for (body, field) in [
        (r#"{"subreddit": "stocks", "subreddit": "stocks"}"#, "subreddit"),
        (
            r#"{"options": {"post_limit": 1, "post_limit": 2}}"#,
            "options.post_limit",
        ),
    ] {
        let request = post("/analyze").header("content-type", "application/json");
        let answer = send(request.body(body)).await;
        assert_eq!((answer.status, answer.refused()), (422, (field, "format")), "{body}");
    }
    let broken = post("/analyze").header("content-type", "application/json");
    let answer = send(broken.body(r#"{"subreddit": "a", "subreddit": "b""#)).await;
    assert_eq!(
        (answer.status, answer.code()),
        (400, "BAD_REQUEST"),
        "syntax comes first"
    );
    assert_eq!(app.get("/runs").await.body["meta"]["total"], 0);
}

#[tokio::test]
async fn a_malformed_preference_is_ignored() {
    let app = start().await;
    let answer = send(app.request("POST", "/analyze").header("Prefer", "wait=soon")).await;
    assert_eq!((answer.status, answer.header("preference-applied")), (202, ""));
}

#[tokio::test]
async fn what_cannot_exist_is_not_found_and_says_so_in_the_envelope() {
    let app = start().await;
    let uuid = "0199d2a4-7c1e-7b3a-9f52-3c8f6f1f0a11";
    let mut paths: Vec<String> = [
        "/runs/1",
        "/runs/0",
        "/runs/abc",
        "/runs/1.0",
        "/runs/01",
        "/runs/99999999999999999999",
        "/runs/",
        "/nowhere",
        "/",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend(
        [
            "/runs/1/status",
            "/runs/1/result",
            "/runs/1/events",
            "/signals/1",
            "/signals/1/comments",
        ]
        .map(str::to_owned),
    );
    paths.extend(["/analyze/jobs/abc", "/analyze/results/abc", "/signals?portfolio_id=999"].map(str::to_owned));
    paths.extend([
        format!("/analyze/jobs/{uuid}"),
        format!("/analyze/results/{uuid}"),
        "/docs/".to_owned(),
    ]);
    for path in paths {
        let answer = app.get(&path).await;
        assert_eq!((answer.status, answer.code()), (404, "NOT_FOUND"), "{path}");
        assert_eq!(
            answer.body["meta"]["request_id"],
            answer.header("x-request-id"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_unknown_id_is_not_found_only_once_the_body_is_right() {
    let app = start().await;
    let long = json!({"reason": "x".repeat(501)});
    for path in ["/runs/9/cancel", "/runs/abc/cancel", "/analyze/jobs/abc/cancel"] {
        assert_eq!(
            app.post_json(path, &long).await.refused(),
            ("reason", "length"),
            "{path}"
        );
        assert_eq!(app.post_json(path, &json!({"reason": "x"})).await.status, 404, "{path}");
        assert_eq!(app.post(path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_method_a_path_does_not_know_is_405_with_the_ones_it_knows() {
    let app = start().await;
    for (method, path, allow) in [
        ("GET", "/analyze", "POST"),
        ("OPTIONS", "/analyze", "POST"),
        ("DELETE", "/runs/1", "GET, HEAD"),
        ("POST", "/signals/history", "GET, HEAD"),
        ("PUT", "/docs", "GET, HEAD"),
        ("POST", "/openapi.json", "GET, HEAD"),
        ("BREW", "/runs", "GET, HEAD"),
    ] {
        let answer = send(app.request(method, path)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (405, "METHOD_NOT_ALLOWED"),
            "{method} {path}"
        );
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
    let head = send(app.request("HEAD", "/runs")).await;
    assert_eq!((head.status, head.body), (200, Value::Null));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_chunked_or_not() {
    let app = start().await;
    let large = || format!("{{\"subreddit\": \"{}\"}}", "a".repeat(70_000));
    let post = || {
        app.request("POST", "/analyze")
            .header("content-type", "application/json")
    };
    let plain = send(post().body(large())).await;
    assert_eq!((plain.status, plain.code()), (413, "PAYLOAD_TOO_LARGE"));
    let pieces = futures::stream::iter(
        large()
            .into_bytes()
            .chunks(8_000)
            .map(|part| Ok::<_, std::io::Error>(part.to_vec()))
            .collect::<Vec<_>>(),
    );
    let chunked = send(post().body(Body::wrap_stream(pieces))).await;
    assert_eq!((chunked.status, chunked.code()), (413, "PAYLOAD_TOO_LARGE"));
}

#[tokio::test]
async fn a_body_of_another_kind_is_refused_and_an_empty_one_is_not() {
    let app = start().await;
    let post =
        |kind: &str, body: &'static str| send(app.request("POST", "/analyze").header("content-type", kind).body(body));
    assert_eq!(post("text/plain", "{}").await.code(), "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(send(app.request("POST", "/analyze").body("{}")).await.status, 415);
    let encoded = app
        .request("POST", "/analyze")
        .header("content-encoding", "gzip")
        .json(&json!({}));
    assert_eq!(send(encoded).await.status, 415);
    for broken in ["{", "nope", " "] {
        assert_eq!(
            post("application/json", broken).await.code(),
            "BAD_REQUEST",
            "{broken:?}"
        );
    }
    assert_eq!(post("text/plain", "").await.status, 202);
    assert_eq!(post("Application/JSON; charset=utf-8", "{}").await.status, 409);
}

#[tokio::test]
async fn a_usable_request_id_is_echoed_on_every_kind_of_answer() {
    let app = start().await;
    for path in ["/livez", "/runs/1", "/nowhere", "/runs?limit=0", "/docs"] {
        let response = app
            .request("GET", path)
            .header("X-Request-Id", "job:1_a.b-C")
            .send()
            .await
            .expect("an answer");
        assert_eq!(response.headers()["x-request-id"], "job:1_a.b-C", "{path}");
    }
    let replaced = send(app.request("GET", "/livez").header("X-Request-Id", "not usable")).await;
    assert_eq!(replaced.header("x-request-id").len(), 36);
}

#[tokio::test]
async fn with_keys_even_an_unknown_path_is_a_401_first() {
    let writer = "w:write:b93006774cbdd4b299389a03ac3d88c3a76b460d538795bc12718011a909fba5";
    let app = start_with(&[("ANALYZE_API_KEYS", writer)]).await;
    for path in ["/runs", "/nowhere"] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (401, "Bearer"),
            "{path}"
        );
    }
    assert_eq!(app.get("/livez").await.status, 200);
    let with_key = |path: &str| send(app.request("POST", path).bearer_auth("writer"));
    assert_eq!(with_key("/nowhere").await.status, 404);
    assert_eq!(with_key("/analyze").await.status, 202);
    assert_eq!(with_key("/runs/1/cancel").await.body["data"]["job"]["canceled_by"], "w");
}

#[tokio::test]
async fn a_foreign_host_or_origin_is_refused() {
    let app = start().await;
    assert_eq!(
        send(app.request("GET", "/runs").header("host", "evil.example"))
            .await
            .code(),
        "FORBIDDEN"
    );
    let write = app.request("POST", "/analyze").header("origin", "http://evil.example");
    assert_eq!(send(write).await.code(), "FORBIDDEN");
    assert_eq!(app.get("/runs").await.body["meta"]["total"], 0);
}

#[tokio::test]
async fn while_somebody_holds_the_database_writes_are_busy_and_reads_go_on() {
    let app = start_with(&[("ANALYZE_BUSY_TIMEOUT", "200ms")]).await;
    let held = app.store.begin().await.expect("the write lock");
    let write = app.post("/analyze").await;
    assert_eq!((write.status, write.code()), (503, "DATABASE_BUSY"));
    assert!(!write.header("retry-after").is_empty());
    assert_eq!(app.get("/runs").await.body["meta"]["total"], 0);
    drop(held);
    assert_eq!(app.post("/analyze").await.status, 202);
}
