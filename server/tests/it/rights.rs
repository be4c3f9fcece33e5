//! Keys: what is open, what needs one, and what a key that may only read cannot do; over every documented operation.

use serde_json::{Value, json};

use crate::app::{App, send, start_with};

/// SHA-256 of `writer`, which may write, and of `reader`, which may not.
const KEYS: &str = "w:write:b93006774cbdd4b299389a03ac3d88c3a76b460d538795bc12718011a909fba5,\
                    r:read:3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30";
/// Open without a key.
const OPEN: [&str; 4] = ["/livez", "/readyz", "/openapi.json", "/openapi.yaml"];

/// Every documented operation as a method and a path that can be asked for.
fn operations() -> Vec<(String, String)> {
    let document = server::document::build();
    let paths = document["paths"].as_object().expect("paths").clone();
    let of_path = |(path, item): (String, Value)| {
        let methods: Vec<_> = item.as_object().expect("operations").keys().cloned().collect();
        let path = path.replace("{job_id}", ID).replace("{result_id}", ID);
        let parts = path
            .split('/')
            .map(|part| if part.starts_with('{') { "1" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        methods
            .into_iter()
            .map(move |method| (method.to_uppercase(), path.clone()))
    };
    paths.into_iter().flat_map(of_path).collect()
}

const ID: &str = "0199d2a4-7c1e-7b3a-9f52-3c8f6f1f0a11";

async fn start() -> App {
    start_with(&[("ANALYZE_API_KEYS", KEYS), ("ANALYZE_RATE_LIMIT", "off")]).await
}

#[tokio::test]
async fn with_keys_everything_but_health_and_document_is_401_without_one() {
    let app = start().await;
    let mut closed = 0;
    for (method, path) in operations() {
        let answer = app.request(&method, &path).send().await.expect("an answer");
        if OPEN.contains(&path.as_str()) {
            assert_eq!(answer.status(), 200, "{method} {path}");
            continue;
        }
        assert_eq!(answer.headers()["www-authenticate"], "Bearer", "{method} {path}");
        let answer = crate::app::Answer::read(answer).await;
        assert_eq!((answer.status, answer.code()), (401, "UNAUTHORIZED"), "{method} {path}");
        closed += 1;
    }
    assert!(closed > 25, "{closed}");
    for path in [
        "/",
        "/nowhere",
        "/runs/",
        "/livez/",
        "/docsx",
        "/openapi.jsonx",
        "/LIVEZ",
        "/docs%2f",
    ] {
        assert_eq!(app.get(path).await.status, 401, "{path}");
    }
    assert_eq!(
        app.request("GET", "/docs").send().await.expect("an answer").status(),
        200
    );
    assert_eq!(app.get("/docs/nowhere").await.status, 404);
}

#[tokio::test]
async fn a_key_that_may_read_reads_everything_and_writes_nothing() {
    let app = start().await;
    for (method, path) in operations()
        .into_iter()
        .filter(|(_, path)| !OPEN.contains(&path.as_str()))
    {
        let answer = app.request(&method, &path).bearer_auth("reader").send().await;
        let status = answer.expect("an answer").status().as_u16();
        if method == "GET" {
            // 404 and 422: what is asked for is not there.
            assert!([200, 404, 422].contains(&status), "{method} {path}: {status}");
        } else {
            assert_eq!(status, 403, "{method} {path}");
        }
    }
    let unknown = send(app.request("DELETE", "/nowhere").bearer_auth("reader")).await;
    assert_eq!((unknown.status, unknown.code()), (403, "FORBIDDEN"));
    assert_eq!(
        send(app.request("GET", "/runs").bearer_auth("writer")).await.body["meta"]["total"],
        0
    );
}

#[tokio::test]
async fn keys_are_taken_from_two_headers_and_nowhere_else_and_must_not_contradict() {
    let app = start().await;
    let ask = |headers: &[(&'static str, &'static str)]| {
        let request = app.request("GET", "/runs");
        let request = headers
            .iter()
            .fold(request, |request, (name, value)| request.header(*name, *value));
        async { send(request).await.status }
    };
    assert_eq!(ask(&[("X-API-Key", "reader")]).await, 200);
    assert_eq!(ask(&[("Authorization", "bearer reader")]).await, 200);
    assert_eq!(
        ask(&[("Authorization", "Bearer reader"), ("X-API-Key", "reader")]).await,
        200
    );
    for headers in [
        &[("Authorization", "Bearer reader"), ("X-API-Key", "writer")][..],
        &[("X-API-Key", "reader"), ("X-API-Key", "writer")],
        &[("Authorization", "Basic cmVhZGVy")],
        &[("Authorization", "reader")],
        &[("Authorization", "Bearer ")],
        &[("X-API-Key", "")],
        &[("X-API-Key", "Reader")],
        // The hash is no key.
        &[(
            "X-API-Key",
            "3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30",
        )],
        &[("Cookie", "X-API-Key=reader")],
    ] {
        assert_eq!(ask(headers).await, 401, "{headers:?}");
    }
    assert_eq!(app.get("/runs?api_key=reader&access_token=reader").await.status, 401);
}

#[tokio::test]
async fn what_is_wrong_is_told_in_the_order_of_the_checks() {
    let app = start_with(&[("ANALYZE_API_KEYS", KEYS), ("ANALYZE_RATE_LIMIT", "20/3600s")]).await;
    let large = "x".repeat(70_000);
    let ask = |key: &'static str, method: &str, path: &str, kind: &'static str, body: &str| {
        let request = app.request(method, path).header("X-API-Key", key);
        let request = request.header("Idempotency-Key", "\"").header("Content-Type", kind);
        let request = request.body(body.to_owned());
        async move { send(request).await.status }
    };
    let plain = "text/plain";
    assert_eq!(ask("nobody", "POST", "/nowhere", plain, &large).await, 401);
    assert_eq!(ask("reader", "POST", "/nowhere", plain, &large).await, 403);
    assert_eq!(ask("writer", "POST", "/nowhere", plain, &large).await, 404);
    assert_eq!(ask("writer", "DELETE", "/analyze", plain, &large).await, 405);
    assert_eq!(ask("writer", "POST", "/analyze", plain, &large).await, 413);
    assert_eq!(ask("writer", "POST", "/analyze", plain, "{").await, 415);
    // Two writes an allowance of a tenth of 20: the rate comes before the size.
    assert_eq!(ask("writer", "POST", "/analyze", plain, &large).await, 429);
}

#[tokio::test]
async fn syntax_comes_before_shape_and_shape_before_conflict() {
    let app = crate::app::start().await;
    assert_eq!(app.post("/analyze").await.status, 202);
    let ask = |key: &'static str, kind: &'static str, body: &'static str| {
        let request = app.request("POST", "/analyze").header("Idempotency-Key", key);
        async move { send(request.header("Content-Type", kind).body(body)).await }
    };
    assert_eq!(ask("\"", "text/plain", "{").await.status, 415);
    assert_eq!(ask("\"", "application/json", "{").await.status, 400);
    assert_eq!(
        ask("\"", "application/json", r#"{"x": 1}"#).await.refused(),
        ("x", "unknown")
    );
    assert_eq!(
        ask("\"", "application/json", "{}").await.refused(),
        ("header.idempotency-key", "pattern")
    );
    assert_eq!(
        ask("k", "application/json", "{}").await.code(),
        "ANALYSIS_ALREADY_RUNNING"
    );
    let foreign = app.request("POST", "/nowhere").header("Host", "evil.example");
    assert_eq!(send(foreign.json(&json!({}))).await.status, 403);
}
