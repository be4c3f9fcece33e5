//! Executing: the registry's phases, progress, events, partial and final results, cancels.

use e2e::stack::Stack;
use serde_json::{Value, json};

const SLOW: (&str, &str) = ("ANALYZE_SAMPLE_LATENCY", "30ms");

/// Phases of the registry.
const PHASES: i64 = 8;

fn types(events: &Value) -> Vec<String> {
    let list = events.as_array().unwrap();
    assert!(
        list.iter().zip(1..).all(|(event, seq)| event["event_seq"] == seq),
        "{list:?}"
    );
    list.iter()
        .map(|event| event["event_type"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a09_status_follows_a_live_run_and_never_goes_back() {
    let stack = Stack::new(&[SLOW]).unwrap();
    let _server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    let mut seen = Vec::new();
    loop {
        let status = api.get(&format!("/runs/{run}/status")).await.unwrap().body["data"].clone();
        let number = |key: &str| status[key].as_i64().unwrap_or(0);
        seen.push((
            number("phase_index"),
            number("progress_current"),
            number("progress_percent"),
        ));
        if !status["completed_at"].is_null() {
            assert_eq!(
                (&status["status"], number("phase_count")),
                (&json!("completed"), PHASES)
            );
            break;
        }
    }
    seen.dedup();
    assert!(seen.len() > 10, "{seen:?}");
    let rising = |pair: &[(i64, i64, i64)]| (pair[0].0, pair[0].1) <= (pair[1].0, pair[1].1) && pair[0].2 <= pair[1].2;
    assert!(seen.windows(2).all(rising), "{seen:?}");
    assert!(
        (1..=PHASES).all(|phase| seen.iter().any(|(index, ..)| *index == phase)),
        "{seen:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_events_stand_in_order_and_partials_lead_to_the_final_result() {
    let stack = Stack::new(&[SLOW, ("ANALYZE_CHUNK", "20")]).unwrap();
    let _server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let api = stack.api();
    let started = api.start().await.unwrap();
    let (run, job) = (
        started.run_id(),
        started.data()["job"]["job_id"].as_str().unwrap().to_owned(),
    );
    let partial = api
        .wait_until(run, |status| status["status"] == "partial")
        .await
        .unwrap();
    let old = partial["result_id"].as_str().unwrap().to_owned();
    let early = api.get(&format!("/analyze/results/{old}")).await.unwrap();
    assert_eq!((early.status, &early.data()["result_kind"]), (200, &json!("partial")));
    api.wait_for_end(run).await.unwrap();
    let latest = api.get(&format!("/analyze/results/{old}")).await.unwrap();
    assert_eq!(latest.data()["result_kind"], "final");
    assert_eq!(latest.data()["requested_result_id"], old.as_str());
    let requested = api
        .get(&format!("/analyze/results/{old}?view=requested"))
        .await
        .unwrap();
    assert_eq!(requested.data()["result_kind"], "partial");
    let events = types(api.get(&format!("/runs/{run}/events?limit=100")).await.unwrap().data());
    let of_job = types(&api.get(&format!("/analyze/jobs/{job}")).await.unwrap().data()["events"]);
    assert_eq!(events, of_job);
    let kinds: Vec<_> = events
        .iter()
        .map(String::as_str)
        .filter(|kind| *kind != "job.partial")
        .collect();
    let phases = ["job.phase_started", "job.phase_completed"].repeat(usize::try_from(PHASES).unwrap());
    let expected = [vec!["job.queued", "job.running"], phases, vec!["job.completed"]].concat();
    assert_eq!(kinds, expected);
    let third = events
        .iter()
        .enumerate()
        .filter(|(_, kind)| *kind == "job.phase_started")
        .nth(2)
        .unwrap()
        .0;
    assert!(
        events[..third].iter().all(|kind| kind != "job.partial"),
        "partials belong to the analysis"
    );
    assert!(
        events.iter().filter(|kind| *kind == "job.partial").count() >= 2,
        "{events:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a17_unknown_names_are_404() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    for path in [
        "/runs/1",
        "/runs/0/status",
        "/runs/abc",
        "/runs/9/events",
        "/runs/9/result",
        "/analyze/jobs/00000000-0000-7000-8000-000000000000",
        "/analyze/jobs/x",
        "/analyze/results/00000000-0000-7000-8000-000000000000",
        "/signals/1",
        "/nothing",
        "/runs/",
    ] {
        let answer = stack.api().get(path).await.unwrap();
        assert_eq!((answer.status, answer.code()), (404, "NOT_FOUND"), "{path}");
        assert!(answer.headers.contains_key("x-request-id"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a18_a_running_run_is_canceled_within_a_unit_and_keeps_its_partials() {
    let stack = Stack::new(&[SLOW, ("ANALYZE_CHUNK", "20")]).unwrap();
    let _server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    api.wait_until(run, |status| status["status"] == "partial")
        .await
        .unwrap();
    let asked = api
        .post(&format!("/runs/{run}/cancel"), json!({"reason": "enough"}))
        .await
        .unwrap();
    assert_eq!((asked.status, &asked.data()["accepted"]), (202, &json!(true)));
    let end = api.wait_for_end(run).await.unwrap();
    assert_eq!(end["status"], "canceled");
    let again = api
        .post(&format!("/runs/{run}/cancel"), json!({"reason": "again"}))
        .await
        .unwrap();
    assert_eq!(
        (again.status, &again.data()["job"]["cancel_reason"]),
        (200, &json!("enough"))
    );
    let result = api.get(&format!("/runs/{run}/result")).await.unwrap();
    assert_eq!((result.status, &result.data()["result_kind"]), (200, &json!("partial")));
    assert_eq!(api.start().await.unwrap().status, 202);
}
