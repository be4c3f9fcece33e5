//! Metrics for Prometheus.

use crate::app::{App, start, start_with};

async fn metrics(app: &App) -> String {
    let response = app.request("GET", "/metrics").send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4");
    response.text().await.expect("text")
}

#[tokio::test]
async fn the_metrics_say_where_the_service_stands() {
    let app = start().await;
    let empty = metrics(&app).await;
    for line in [
        "# TYPE analyze_runs gauge",
        "analyze_queue_oldest_seconds 0",
        "analyze_last_completed_timestamp_seconds 0",
        "analyze_open_positions 0",
        "analyze_workers_live 0",
        "analyze_streams_open 0",
    ] {
        assert!(empty.lines().any(|known| known == line), "{line} in\n{empty}");
    }
    app.post("/analyze").await;
    let _stream = app.request("GET", "/runs/1/stream").send().await.expect("a stream");
    let busy = metrics(&app).await;
    assert!(busy.contains("analyze_runs{status=\"queued\"} 1\n"), "{busy}");
    assert!(busy.contains("analyze_streams_open 1\n"), "{busy}");
}

#[tokio::test]
async fn with_keys_the_metrics_need_one() {
    let key = "r:read:3d0941964aa3ebdcb00ccef58b1bb399f9f898465e9886d5aec7f31090a0fb30";
    let app = start_with(&[("ANALYZE_API_KEYS", key)]).await;
    assert_eq!(app.get("/metrics").await.status, 401);
    let request = app.request("GET", "/metrics").header("X-API-Key", "reader");
    assert_eq!(request.send().await.expect("an answer").status(), 200);
}
