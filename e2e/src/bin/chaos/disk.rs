//! The disk fills up while a run goes on, and is freed again.
//!
//! On a tmpfs of its own, which takes the right to mount one; without it the theme says so and is not run.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use e2e::{oracle, stack::Stack};
use serde_json::json;

use crate::{Plan, scene::Scene};

const SETTINGS: [(&str, &str); 3] = [
    ("ANALYZE_SAMPLE_LATENCY", "20ms"),
    ("ANALYZE_LEASE", "2s"),
    ("ANALYZE_LEASE_RENEW", "500ms"),
];

/// A small file system over a folder; unmounted when dropped.
struct Small(PathBuf);

impl Small {
    /// `None` when that is not allowed here.
    fn mount(folder: &Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m", "chaos"]).arg(folder);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then(|| Self(folder.to_path_buf()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let (what, promise) = ("disk full during a run", "the run ends, the database is sound");
    let stack = Stack::new(&SETTINGS)?;
    let Some(small) = Small::mount(stack.folder()) else {
        plan.table
            .add(what, "NOT RUN: a tmpfs cannot be mounted here".into(), promise);
        return Ok(());
    };
    let scene = Scene::over(stack).await?;
    let filled = fill(&scene).await;
    let judged = oracle::judge(&scene.stack, None).and_then(|findings| findings.ensure_clean());
    let log = fs::read_to_string(scene.stack.folder().join("analyze-worker.log"))?;
    drop(small);
    if filled.is_err() {
        let lines: Vec<_> = log.lines().rev().take(20).collect();
        eprintln!("the worker said last, newest first:\n{}", lines.join("\n"));
    }
    plan.table.add(what, filled?, promise);
    judged
}

/// Fills the disk, asks for another run, and frees it; what happened in words.
async fn fill(scene: &Scene) -> anyhow::Result<String> {
    let run = scene.post().await?;
    scene
        .api()
        .wait_until(run, |status| status["phase_key"] == "analysis")
        .await?;
    let ballast = scene.stack.folder().join("ballast");
    let mut file = fs::File::create(&ballast)?;
    let mut block = 1 << 20;
    while block > 0 {
        if file.write_all(&vec![0; block]).is_err() {
            block /= 2;
        }
    }
    drop(file);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let during = scene.api().get(&format!("/runs/{run}/status")).await?;
    let refused = scene
        .api()
        .post("/analyze", json!({ "options": { "post_limit": 1 } }))
        .await?;
    anyhow::ensure!(matches!(refused.status, 409 | 500 | 503 | 507), "{}", refused.body);
    fs::remove_file(&ballast)?;
    let end = scene.api().wait_for_end(run).await?;
    let status = end["status"].as_str().unwrap_or_default();
    anyhow::ensure!(
        status == "completed" || (status == "failed" && end["error_code"] == "database_error"),
        "{end}"
    );
    let next = scene.post().await?;
    let next = scene.api().wait_for_end(next).await?;
    anyhow::ensure!(next["status"] == "completed", "{next}");
    Ok(format!(
        "{} while full; POST {} {}; then {status} {} in attempt {}; the next run completed",
        during.data()["status"].as_str().unwrap_or_default(),
        refused.status,
        refused.code(),
        end["error_code"].as_str().unwrap_or_default(),
        end["attempt"]
    ))
}
