//! Somebody holds the database's write lock for 30 s, twice the lease, while a run goes on and a second worker waits.

use std::process::Stdio;

use crate::{Plan, rivals::rivals};

/// Takes the lock, says so, and holds it.
const SCRIPT: &str = "import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1], 30, isolation_level=None)
c.execute('begin immediate')
print('locked', flush=True)
time.sleep(float(sys.argv[2]))";

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let count = plan.trials.div_ceil(50);
    let settings = [("ANALYZE_SAMPLE_LATENCY", "20ms")];
    rivals(plan, "write lock held for 30 s", count, &settings, async |trial| {
        hold(&trial.scene.stack.database(), 30.0)
    })
    .await
}

/// Holds the write lock for so many seconds.
pub(crate) fn hold(database: &std::path::Path, seconds: f64) -> anyhow::Result<()> {
    let mut holder = std::process::Command::new("python3");
    holder.args(["-c", SCRIPT]).arg(database).arg(seconds.to_string());
    let status = holder.stdout(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "python3: {status}");
    Ok(())
}
