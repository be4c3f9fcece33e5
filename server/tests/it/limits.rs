//! The limit on writes of a key.

use crate::app::{Answer, App, send, start_with};

/// SHA-256 of `writer` and of `reader`, both allowed to write.
const KEYS: &str = "w:write:b93006774cbdd4b299389a03ac3d88c3a76b460d538795bc12718011a909fba5,\
                    r:write:3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30";

async fn ask(app: &App, method: &str, path: &str, key: &str) -> Answer {
    send(app.request(method, path).header("X-API-Key", key)).await
}

#[tokio::test]
async fn writes_beyond_the_limit_are_refused_and_everything_else_goes_on() {
    let settings = [("ANALYZE_API_KEYS", KEYS), ("ANALYZE_RATE_LIMIT", "10/60s")];
    let app = start_with(&settings).await;
    assert_eq!(ask(&app, "POST", "/analyze", "writer").await.status, 202);
    let refused = ask(&app, "POST", "/analyze", "writer").await;
    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"));
    let wait: u64 = refused.header("retry-after").parse().expect("seconds");
    assert!((1..=6).contains(&wait), "{wait}");
    assert_eq!(ask(&app, "GET", "/runs", "writer").await.status, 200);
    assert_eq!(ask(&app, "POST", "/nowhere", "writer").await.status, 404);
    assert_eq!(ask(&app, "DELETE", "/analyze", "writer").await.status, 405);
    assert_eq!(ask(&app, "POST", "/analyze", "nobody").await.status, 401);
    // Another key has its own allowance; the run of the first one is in its way.
    assert_eq!(ask(&app, "POST", "/analyze", "reader").await.status, 409);
    assert_eq!(ask(&app, "POST", "/runs/1/cancel", "writer").await.status, 200);
}

#[tokio::test]
async fn without_keys_nothing_is_limited() {
    let app = start_with(&[]).await;
    app.post("/analyze").await;
    for _ in 0..100 {
        assert_eq!(app.post("/analyze").await.status, 409);
    }
}
