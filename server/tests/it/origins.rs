//! Pages of other origins: nothing without a word from the operator, and then exactly what was asked for.

use crate::app::{App, send, start, start_with};

const PAGE: &str = "https://ui.example";

async fn preflight(app: &App, origin: &str) -> crate::app::Answer {
    let request = app.request("OPTIONS", "/analyze").header("Origin", origin);
    send(request.header("Access-Control-Request-Method", "POST")).await
}

#[tokio::test]
async fn an_origin_that_is_named_may_ask_read_and_write() {
    let app = start_with(&[("ANALYZE_CORS_ORIGINS", PAGE)]).await;
    let asked = preflight(&app, PAGE).await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (204, PAGE));
    assert!(asked.header("access-control-allow-methods").contains("POST"));
    assert!(asked.header("access-control-allow-headers").contains("Idempotency-Key"));
    let read = send(app.request("GET", "/runs").header("Origin", PAGE)).await;
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, PAGE));
    assert!(read.header("access-control-expose-headers").contains("X-Request-Id"));
    assert_eq!(read.header("vary"), "Origin");
    let written = send(app.request("POST", "/analyze").header("Origin", PAGE)).await;
    assert_eq!(
        (written.status, written.header("access-control-allow-origin")),
        (202, PAGE)
    );
    // An error is readable too: the page has to learn what went wrong.
    let refused = send(app.request("POST", "/analyze").header("Origin", PAGE)).await;
    assert_eq!(
        (refused.status, refused.header("access-control-allow-origin")),
        (409, PAGE)
    );
}

#[tokio::test]
async fn any_other_origin_gets_no_leave_to_read_and_none_to_write() {
    let other = "https://evil.example";
    for app in [start_with(&[("ANALYZE_CORS_ORIGINS", PAGE)]).await, start().await] {
        let asked = preflight(&app, other).await;
        assert_eq!((asked.status, asked.header("access-control-allow-origin")), (405, ""));
        let read = send(app.request("GET", "/runs").header("Origin", other)).await;
        assert_eq!((read.status, read.header("access-control-allow-origin")), (200, ""));
        let written = send(app.request("POST", "/analyze").header("Origin", other)).await;
        assert_eq!((written.status, written.code()), (403, "FORBIDDEN"));
    }
}
