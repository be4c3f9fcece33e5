//! Upkeep: what has passed its retention goes, and runs that nobody will resume are failed.

use std::path::Path;

use e2e::{process::command, stack::Stack};

/// `analyze-worker prune` over the stack's database, with payloads of results kept for as long as asked.
fn prune(database: &Path, kept: &str, args: &[&str]) -> String {
    let output = command("analyze-worker")
        .unwrap()
        .arg("--database")
        .arg(format!("sqlite://{}", database.display()))
        .args(["--set", &format!("ANALYZE_RETAIN_RESULTS={kept}"), "prune"])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_pruned_result_is_gone_and_a_dry_run_has_said_so() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    api.wait_for_end(run).await.unwrap();
    let path = format!("/runs/{run}/result");
    let one = "         1  payloads of final results";
    assert!(prune(&stack.database(), "90d", &["--dry-run"]).starts_with("would go:\n         0  payloads"));
    assert!(prune(&stack.database(), "0", &["--dry-run"]).contains(one));
    assert_eq!(api.get(&path).await.unwrap().status, 200);
    let gone = prune(&stack.database(), "0", &[]);
    assert!(gone.starts_with("gone:\n") && gone.contains(one), "{gone}");
    let pruned = api.get(&path).await.unwrap();
    assert_eq!((pruned.status, pruned.code()), (410, "GONE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a21_a_run_whose_only_worker_is_gone_for_good_is_failed_by_the_server() {
    let settings = [
        ("ANALYZE_SAMPLE_LATENCY", "50ms"),
        ("ANALYZE_ORPHAN_TTL", "1s"),
        ("ANALYZE_LEASE", "1s"),
        ("ANALYZE_LEASE_RENEW", "300ms"),
    ];
    let stack = Stack::new(&settings).unwrap();
    let _server = stack.server().await.unwrap();
    let worker = stack.worker().unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    api.wait_until(run, |status| status["phase_key"] == "analysis")
        .await
        .unwrap();
    worker.kill().unwrap();
    // A worker counts as there for half a minute after its last sign of life.
    let ended = api.wait_for_end(run).await.unwrap();
    assert_eq!(
        (&ended["status"], &ended["error_code"]),
        (&"failed".into(), &"orphaned".into())
    );
    assert_eq!(ended["error_message"], "Recovered from unexpected shutdown");
    assert_eq!(api.start().await.unwrap().status, 202);
}
