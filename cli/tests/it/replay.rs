//! Days that are lived through again: what is asked, what is told, and how refusals and failures end it.

use std::process::Stdio;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::analyze::{Running, analyze, command, require_service};
use crate::fake::{Fake, error, ok, page};

const JOB: &str = "0198c0de-0000-7000-8000-000000000001";

fn started(run: i64) -> (u16, String) {
    let job = json!({
        "job_id": JOB, "run_id": run, "status": "queued", "progress_percent": 0, "partial_count": 0,
        "result_id": null, "attempt": 0, "queued_at": "2026-01-05T20:00:00.000000Z", "started_at": null,
        "completed_at": null, "updated_at": "2026-01-05T20:00:00.000000Z", "error_code": null,
        "error_message": null, "retryable": null, "retry_hint": null, "cancel_requested_at": null,
        "canceled_at": null, "canceled_by": null, "cancel_reason": null,
    });
    let (_, body) = ok(&json!({"run_id": run, "joined": false, "job": job}));
    (202, body)
}

/// A run that has ended, with a warning.
fn ended(id: i64, status: &str) -> (u16, String) {
    let warning = json!({
        "type": "market_hours_skipped", "message": "closed", "phase": 5, "ticker": null, "context": {},
        "timestamp": "2026-01-05T20:00:02.000000Z",
    });
    ok(&json!({
        "run_id": id, "job_id": JOB, "subreddit": "stocks", "status": status, "current_phase": 7,
        "phase_key": "a", "phase_label": "A", "phase_index": 1, "phase_count": 1, "progress_current": 1,
        "progress_total": 1, "progress_percent": 100, "signals_created": 2, "positions_opened": 1,
        "exits_triggered": 0, "error_code": (status == "failed").then_some("timeout"),
        "error_message": (status == "failed").then_some("too slow"), "retryable": null, "retry_hint": null,
        "warnings": [warning], "attempt": 1, "worker": "none", "eta_seconds": null,
        "queued_at": "2026-01-05T20:00:00.000000Z", "started_at": "2026-01-05T20:00:01.000000Z",
        "completed_at": "2026-01-05T20:00:09.000000Z", "result_id": null, "phases": [],
        "request": {"subreddit": "stocks", "as_of": null, "post_limit": 10, "comments_per_post": 1000,
                    "top_comments": 50},
    }))
}

fn refusal(field: &str) -> (u16, String) {
    let details = json!({"field": field, "constraint": "minimum"});
    error(
        422,
        "VALIDATION_ERROR",
        &format!("{field} lies before the newest run"),
        &details,
    )
}

fn portfolio() -> Value {
    json!({
        "id": 3, "subreddit": "stocks", "name": "stocks_quality", "instrument_type": "stock",
        "signal_type": "quality", "starting_capital": 100_000.0, "current_value": 101_500.0,
        "cash_available": 40_000.0, "open_position_count": 1, "total_pnl": 1500.0, "total_pnl_pct": 1.5,
        "created_at": "2026-01-05T16:00:00.000000Z", "last_valued_at": "2026-01-06T16:00:00.000000Z",
    })
}

/// Points before, on and after the days of the replay.
fn history() -> (u16, String) {
    let point = |run: i64, day: &str, value: f64| json!({"run_id": run, "market_now": format!("{day}T16:00:00.000000Z"), "value": value, "cash": 1.0});
    page(&json!([
        point(1, "2026-01-02", 100_000.0),
        point(2, "2026-01-05", 100_500.0),
        point(3, "2026-01-06", 101_500.0),
        point(4, "2026-01-07", 90_000.0),
    ]))
}

fn asked(fake: &Fake, more: &[&str]) -> Vec<String> {
    let days = [
        "replay",
        "--from",
        "2026-01-03",
        "--to",
        "2026-01-06",
        "--server",
        &fake.url,
    ];
    let line = days.iter().chain(more);
    line.map(|word| (*word).to_owned()).collect()
}

fn run(fake: &Fake, more: &[&str]) -> crate::analyze::Finished {
    let line = asked(fake, more);
    analyze(&line.iter().map(String::as_str).collect::<Vec<_>>())
}

fn summary() -> [(u16, String); 4] {
    [
        page(&json!([portfolio()])),
        history(),
        page(&json!([])),
        page(&json!([])),
    ]
}

#[test]
fn every_weekday_is_a_run_at_eleven_and_the_curve_has_the_days_that_were_asked_for() {
    let mut answers = vec![started(2), ended(2, "completed"), page(&json!([]))];
    answers.extend([started(3), ended(3, "completed"), page(&json!([]))]);
    answers.extend(summary());
    let fake = Fake::new(answers);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("equity.svg");
    let finished = run(&fake, &["--svg", file.to_str().expect("text")]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    for part in [
        "[1/2] 2026-01-05  run 2 of r/stocks completed after 8.0 s",
        "[2/2] 2026-01-06  run 3",
    ] {
        assert!(finished.err.contains(part), "{part} is not in {}", finished.err);
    }
    for part in [
        "101,500.00",
        "2026-01-05 to 2026-01-06",
        "+1.50",
        "market_hours_skipped      2",
        "The curve is drawn in",
    ] {
        assert!(finished.out.contains(part), "{part} is not in {}", finished.out);
    }
    let svg = std::fs::read_to_string(file).expect("a picture");
    assert!(
        svg.contains("<polyline") && svg.matches("<circle").count() == 2,
        "{svg}"
    );
    let requests = fake.requests();
    let bodies: Vec<_> = requests
        .iter()
        .filter(|request| request.starts_with("POST"))
        .map(|request| request.split("\r\n\r\n").nth(1).expect("a body"))
        .collect();
    assert_eq!(
        bodies,
        [
            r#"{"options":{"as_of":"2026-01-05T16:00:00Z"}}"#,
            r#"{"options":{"as_of":"2026-01-06T16:00:00Z"}}"#
        ],
        "the weekend is left out"
    );
}

#[test]
fn a_day_that_is_refused_is_told_and_the_others_are_run() {
    let mut answers = vec![
        refusal("options.as_of"),
        started(3),
        ended(3, "completed"),
        page(&json!([])),
    ];
    answers.extend(summary());
    let fake = Fake::new(answers);
    let finished = run(&fake, &["--json"]);
    assert_eq!(finished.code, Some(1));
    assert!(
        finished
            .complaint()
            .contains("1 day of 2 refused: a day cannot be lived through twice"),
        "{finished:?}"
    );
    let told = finished.json();
    assert!(
        told["days"][0]["refused"]
            .as_str()
            .is_some_and(|why| why.contains("lies before the newest run"))
    );
    assert_eq!(
        (
            &told["days"][0]["run_id"],
            &told["days"][1]["run_id"],
            &told["days"][1]["status"]
        ),
        (&Value::Null, &json!(3), &json!("completed"))
    );
    assert_eq!(told["equity"][0]["points"].as_array().map(Vec::len), Some(2));
    assert_eq!(told["warnings"], json!({"market_hours_skipped": 1}));
}

#[test]
fn days_before_a_newest_run_that_is_known_are_not_asked_for() {
    let details = json!({"field": "options.as_of", "constraint": "minimum"});
    let message = "options.as_of must not lie before 2026-01-07T16:00:00Z, the market time of the newest run";
    let mut answers = vec![error(422, "VALIDATION_ERROR", message, &details)];
    answers.extend(summary());
    let fake = Fake::new(answers);
    let finished = run(&fake, &["--json"]);
    assert!(finished.complaint().contains("2 days of 2 refused"), "{finished:?}");
    let told = finished.json();
    assert_eq!(told["days"][0]["refused"], told["days"][1]["refused"]);
    let posts = fake
        .requests()
        .into_iter()
        .filter(|request| request.starts_with("POST"));
    assert_eq!(posts.count(), 1);
}

#[test]
fn a_reader_that_leaves_ends_the_command_without_a_panic() {
    let fake = Fake::new(vec![refusal("options.as_of")]);
    let line = asked(&fake, &[]);
    let mut command = command(&line.iter().map(String::as_str).collect::<Vec<_>>());
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("analyze starts");
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().expect("an end").code(), Some(1));
}

#[test]
fn an_interrupt_ends_the_days_and_shows_what_stands() {
    let (fake, held) = Fake::holding(summary().into());
    let line = asked(&fake, &[]);
    let running = Running::start(&line.iter().map(String::as_str).collect::<Vec<_>>());
    held.recv().expect("the first day is asked for");
    let finished = running.stop(Signal::INT);
    assert_eq!(finished.code, Some(1));
    assert!(
        finished.complaint().contains("interrupted on 2026-01-05"),
        "{finished:?}"
    );
    assert!(finished.out.contains("Portfolios"), "{finished:?}");
    assert_eq!(fake.requests().len(), 4);
}

#[test]
fn another_refused_value_ends_the_replay_at_once() {
    let fake = Fake::new(vec![refusal("subreddit")]);
    let finished = run(&fake, &["--subreddit", "no-such"]);
    assert_eq!((finished.code, finished.out.as_str()), (Some(1), ""));
    assert!(finished.complaint().contains("field subreddit"), "{finished:?}");
}

#[test]
fn a_run_that_fails_ends_the_replay_and_says_where_to_go_on() {
    let mut answers = vec![started(2), ended(2, "failed"), page(&json!([]))];
    answers.extend(summary());
    let fake = Fake::new(answers);
    let finished = run(&fake, &[]);
    assert_eq!(finished.code, Some(1));
    assert!(finished.err.contains("2026-01-05  run 2 failed"), "{finished:?}");
    assert!(
        finished.err.contains("go on with `analyze replay --from 2026-01-05`"),
        "{finished:?}"
    );
    assert!(finished.out.contains("Portfolios"), "what stands is shown");
}

#[test]
fn a_demo_of_days_draws_its_curve_into_the_kept_folder() {
    require_service();
    let folder = tempfile::tempdir().expect("a folder");
    let keep = folder.path().to_str().expect("text");
    let finished = analyze(&["demo", "--days", "2", "--keep", keep]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(
        finished.err.contains("[2/2] 2026-01-06  run 2 of r/"),
        "{}",
        finished.err
    );
    assert!(
        finished.out.contains("equity.svg") && finished.out.contains("Portfolios"),
        "{}",
        finished.out
    );
    let svg = std::fs::read_to_string(folder.path().join("equity.svg")).expect("a picture");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"), "{svg}");
}

#[test]
fn without_a_folder_the_curve_of_a_demo_stays_in_a_temporary_file() {
    require_service();
    let finished = analyze(&["demo", "--days", "1", "--json"]);
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
    let told = finished.json();
    let path = told["svg"].as_str().expect("a path");
    assert!(std::fs::read_to_string(path).is_ok_and(|svg| svg.starts_with("<svg ")));
    std::fs::remove_file(path).expect("it is there");
}
