//! Surviving: killed workers, restarted servers, orderly ends.

use e2e::stack::Stack;

const SLOW: (&str, &str) = ("ANALYZE_SAMPLE_LATENCY", "30ms");

#[tokio::test(flavor = "multi_thread")]
async fn a19_a_killed_worker_s_run_is_resumed_by_the_next_one_on_the_host() {
    let stack = Stack::new(&[SLOW]).unwrap();
    let _server = stack.server().await.unwrap();
    let worker = stack.worker().unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    api.wait_until(run, |status| {
        status["phase_key"] == "analysis" && status["progress_current"].as_i64().unwrap_or(0) > 50
    })
    .await
    .unwrap();
    worker.kill().unwrap();
    let _next = stack.worker().unwrap();
    let end = api.wait_for_end(run).await.unwrap();
    assert_eq!(
        (end["status"].as_str(), end["attempt"].as_i64()),
        (Some("completed"), Some(2))
    );
    let phases = api.get(&format!("/runs/{run}")).await.unwrap();
    let crashes: Vec<_> = phases.data()["phases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["crashes"].as_i64())
        .collect();
    assert_eq!(crashes, [0, 0, 1, 0, 0, 0, 0, 0].map(Some));
    let log = std::fs::read_to_string(stack.folder().join("analyze-worker.log")).unwrap();
    for line in [
        "runs of dead workers are recovered",
        "a run whose lease had run out is recovered",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a22_a_restarted_server_does_not_disturb_a_run() {
    let stack = Stack::new(&[SLOW]).unwrap();
    let server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    api.wait_until(run, |status| status["phase_key"] == "analysis")
        .await
        .unwrap();
    server.kill().unwrap();
    let _server = stack.server().await.unwrap();
    let end = stack.api().wait_for_end(run).await.unwrap();
    assert_eq!(
        (end["status"].as_str(), end["attempt"].as_i64()),
        (Some("completed"), Some(1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a23_a_terminated_worker_hands_its_run_over_and_exits_0() {
    let stack = Stack::new(&[SLOW]).unwrap();
    let server = stack.server().await.unwrap();
    let worker = stack.worker().unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    api.wait_until(run, |status| status["phase_key"] == "analysis")
        .await
        .unwrap();
    assert!(worker.terminate().unwrap().success());
    let left = api.get(&format!("/runs/{run}/status")).await.unwrap();
    assert_eq!(
        (&left.data()["worker"], &left.data()["completed_at"]),
        (&"none".into(), &serde_json::Value::Null)
    );
    let _next = stack.worker().unwrap();
    let end = api.wait_for_end(run).await.unwrap();
    assert_eq!(
        (end["status"].as_str(), end["attempt"].as_i64()),
        (Some("completed"), Some(2))
    );
    assert!(server.terminate().unwrap().success());
}
