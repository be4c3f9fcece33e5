//! What goes right: answers as they came, and runs until they end.

use serde_json::{Value, json};

use crate::analyze::analyze;
use crate::fake::{Fake, error, ok, page};

/// A run, with a field this build does not know.
fn run(status: &str, percent: i64) -> Value {
    let ended = matches!(status, "completed" | "failed").then_some("2026-01-05T20:00:09.000000Z");
    json!({
        "run_id": 7, "job_id": "0198c0de-0000-7000-8000-000000000001", "subreddit": "stocks", "status": status,
        "current_phase": 1, "phase_key": "a", "phase_label": "A", "phase_index": 1, "phase_count": 1,
        "progress_current": 1, "progress_total": 2, "progress_percent": percent, "signals_created": null,
        "positions_opened": null, "exits_triggered": null, "error_code": (status == "failed").then_some("timeout"),
        "error_message": (status == "failed").then_some("Pipeline exceeded 60-minute timeout"),
        "retryable": null, "retry_hint": null, "warnings": null, "attempt": 1, "worker": "live",
        "eta_seconds": null, "queued_at": "2026-01-05T20:00:00.000000Z",
        "started_at": "2026-01-05T20:00:01.000000Z", "completed_at": ended, "result_id": null, "from_the_future": 1,
        "request": {"subreddit": "stocks", "as_of": null, "post_limit": 10, "comments_per_post": 1000,
                    "top_comments": 50},
        "phases": [],
    })
}

#[test]
fn json_is_the_data_as_it_came_with_fields_nobody_knows() {
    let data = run("running", 5);
    let fake = Fake::new(vec![ok(&data)]);
    let finished = analyze(&["status", "7", "--json", "--server", &fake.url]);
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
    assert_eq!(finished.out, format!("{data:#}\n"));
}

#[test]
fn a_watch_is_a_line_of_json_a_change_and_survives_a_server_that_is_away() {
    let away = || error(503, "NOT_READY", "the server is about to stop", &Value::Null);
    let answers = vec![
        ok(&run("running", 5)),
        page(&json!([])),
        away(),
        ok(&run("running", 5)),
        page(&json!([])),
        ok(&run("completed", 100)),
        page(&json!([])),
    ];
    let fake = Fake::new(answers);
    let finished = analyze(&["watch", "7", "--json", "--server", &fake.url]);
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
    let lines = finished
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let percents: Vec<_> = lines.map(|line| line["progress_percent"].clone()).collect();
    assert_eq!(percents, [5, 100]);
}

#[test]
fn a_watch_of_a_failed_run_says_why_and_ends_with_one() {
    let fake = Fake::new(vec![ok(&run("failed", 40)), page(&json!([]))]);
    let finished = analyze(&["watch", "7", "--server", &fake.url]);
    assert_eq!(finished.code, Some(1));
    let expected = "run 7 failed after 8.0 s: Pipeline exceeded 60-minute timeout (timeout)\n";
    assert_eq!(finished.out, expected);
}

#[test]
fn a_job_leads_to_its_run() {
    let job = "0198c0de-0000-7000-8000-000000000001";
    let not_found = || error(404, "NOT_FOUND", "there is no such job", &Value::Null);
    let fake = Fake::new(vec![not_found()]);
    let finished = analyze(&["watch", job, "--server", &fake.url]);
    assert_eq!(finished.code, Some(1));
    assert!(finished.complaint().contains("there is no such job"), "{finished:?}");
    assert!(fake.requests()[0].starts_with(&format!("GET /analyze/jobs/{job} ")));
}
