//! What goes wrong is one line with its remedy, and an exit code.

use std::net::TcpListener;

use serde_json::{Value, json};

use crate::analyze::{analyze, command};
use crate::fake::{Fake, error};

#[test]
fn without_a_server_the_url_and_the_remedy_are_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let finished = analyze(&["overview", "--server", &url, "--json"]);
    assert_eq!((finished.code, finished.out.as_str()), (Some(1), ""));
    let line = finished.complaint();
    assert!(line.starts_with(&format!("analyze: no server at {url} (")), "{line}");
    assert!(line.contains("start one with `make up`"), "{line}");
}

#[test]
fn a_taken_single_flight_names_the_run_that_has_it() {
    let job = "0198c0de-0000-7000-8000-000000000001";
    let active = json!({"run_id": 12, "job_id": job, "subreddit": "stocks", "status": "partial",
                        "phase_label": "Analyzing comments", "progress_percent": 43, "started_at": null,
                        "worker": "live"});
    let details = json!({"field": null, "constraint": null, "active_run": active});
    let fake = Fake::new(vec![error(
        409,
        "ANALYSIS_ALREADY_RUNNING",
        "run 12 is partial",
        &details,
    )]);
    let finished = analyze(&["start", "--server", &fake.url]);
    assert_eq!(finished.code, Some(1));
    let line = finished.complaint();
    assert!(
        line.contains("run 12") && line.contains(job) && line.contains("analyze watch 12"),
        "{line}"
    );
}

#[test]
fn a_refused_value_is_named_with_its_rule() {
    let details = json!({"field": "options.post_limit", "constraint": "maximum"});
    let message = "options.post_limit must be at most 100";
    let fake = Fake::new(vec![error(422, "VALIDATION_ERROR", message, &details)]);
    let finished = analyze(&["start", "--posts", "101", "--server", &fake.url]);
    assert_eq!(finished.code, Some(1));
    assert!(
        finished
            .complaint()
            .ends_with("(field options.post_limit, constraint maximum)"),
        "{finished:?}"
    );
    let request = fake.requests().remove(0);
    assert!(request.starts_with("POST /analyze "), "{request}");
    assert!(request.ends_with(r#"{"options":{"post_limit":101}}"#), "{request}");
}

#[test]
fn the_key_is_sent_and_when_it_is_refused_the_flag_is_named() {
    let fake = Fake::new(vec![error(401, "UNAUTHORIZED", "this key is unknown", &Value::Null)]);
    let output = command(&["runs", "--server", &fake.url])
        .env("JOBS_API_KEY", "s3cret")
        .output();
    let output = output.expect("analyze runs");
    let line = String::from_utf8(output.stderr).expect("text");
    assert!(line.contains("this key is unknown") && line.contains("--key"), "{line}");
    assert!(!line.contains("s3cret"), "{line}");
    let request = fake.requests().remove(0).to_ascii_lowercase();
    assert!(request.contains("authorization: bearer s3cret"), "{request}");
}

#[test]
fn a_server_of_another_kind_is_recognised() {
    for answer in [
        (200, "<html>".to_owned()),
        (200, "{}".to_owned()),
        (418, "{}".to_owned()),
    ] {
        let fake = Fake::new(vec![answer]);
        let finished = analyze(&["overview", "--server", &fake.url]);
        assert_eq!(finished.code, Some(1));
        assert!(finished.complaint().contains("is it the right server"), "{finished:?}");
    }
}

#[test]
fn wrong_usage_ends_with_two_and_asks_nobody() {
    for arguments in [&["status", "zero"][..], &["start", "--wait", "--watch"], &["fly"], &[]] {
        assert_eq!(analyze(arguments).code, Some(2), "{arguments:?}");
    }
}
