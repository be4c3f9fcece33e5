//! A disk without room: the run fails with a clear error once a write goes through, and the database stays sound.

use e2e::{disk::Disk, stack::Stack};
use serde_json::json;

const SETTINGS: [(&str, &str); 4] = [
    ("ANALYZE_SAMPLE_LATENCY", "30ms"),
    ("ANALYZE_SINGLE_FLIGHT", "subreddit"),
    // The lease ends while the disk is full; the run must not be resumed for all that.
    ("ANALYZE_LEASE", "2s"),
    ("ANALYZE_LEASE_RENEW", "500ms"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a24_a_full_disk_fails_the_run_and_leaves_the_database_sound() {
    let disk = Disk::small().unwrap();
    let word = if disk.is_mounted() {
        "is full"
    } else {
        "does not take writes"
    };
    fails_and_recovers(&disk, word).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a24_a_disk_that_refuses_writes_fails_the_run_and_leaves_the_database_sound() {
    fails_and_recovers(&Disk::limited().unwrap(), "does not take writes").await;
}

async fn fails_and_recovers(disk: &Disk, word: &str) {
    let stack = Stack::on(disk, &SETTINGS).unwrap();
    let server = stack.server().await.unwrap();
    let worker = stack.worker().unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    api.wait_until(run, |status| {
        status["phase_key"] == "analysis" && status["progress_current"].as_i64().unwrap_or(0) > 5
    })
    .await
    .unwrap();
    disk.fill(&[&server, &worker]).unwrap();
    worker
        .logged("its end is stored once the disk takes writes")
        .await
        .unwrap();

    let status = api.get(&format!("/runs/{run}/status")).await.unwrap();
    assert_eq!(status.status, 200, "reads go on");
    assert!(status.data()["completed_at"].is_null(), "{}", status.body);
    let refused = api.post("/analyze", json!({"subreddit": "options"})).await.unwrap();
    assert_eq!(
        (refused.status, refused.code()),
        (500, "DATABASE_ERROR"),
        "{}",
        refused.body
    );
    let message = refused.body["error"]["message"].as_str().unwrap();
    assert!(
        message.contains("disk") && message.contains("nothing changed"),
        "{message}"
    );
    assert!(!message.contains("analyze.db"), "{message}");
    assert_eq!(stack.texts("select count(*) from analysis_runs").unwrap(), ["1"]);
    worker.logged("lease not renewed").await.unwrap();

    disk.make_room(&[&server, &worker]).unwrap();
    let end = api.wait_for_end(run).await.unwrap();
    let failed = api.get(&format!("/runs/{run}")).await.unwrap();
    assert_eq!(
        (end["status"].as_str(), end["attempt"].as_i64()),
        (Some("failed"), Some(1))
    );
    assert_eq!(failed.data()["error_code"], "database_error", "{}", failed.body);
    let message = failed.data()["error_message"].as_str().unwrap();
    let database = stack.database().display().to_string();
    assert!(message.contains(word) && message.contains(&database), "{message}");

    let next = api.start().await.unwrap().run_id();
    let end = api.wait_for_end(next).await.unwrap();
    assert_eq!(end["status"], "completed", "the worker goes on");
    assert!(worker.terminate().unwrap().success());
    assert_eq!(stack.texts("pragma integrity_check").unwrap(), ["ok"]);
    assert_eq!(stack.texts("pragma foreign_key_check").unwrap(), [""; 0]);
}
