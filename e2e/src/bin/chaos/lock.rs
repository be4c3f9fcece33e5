//! Somebody holds the database's write lock for 30 s, twice the lease, while a run goes on and a second worker waits.

use std::{process::Stdio, time::Duration};

use crate::{Plan, trials::trials};

/// Takes the lock, says so, and holds it.
const SCRIPT: &str = "import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1], 30, isolation_level=None)
c.execute('begin immediate')
print('locked', flush=True)
time.sleep(float(sys.argv[2]))";

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let mut taken = 0;
    let tally = trials(
        plan,
        plan.trials.div_ceil(50),
        &[("ANALYZE_SAMPLE_LATENCY", "20ms")],
        async |trial| {
            trial.post().await?;
            trial
                .scene
                .api()
                .wait_until(trial.run, |status| status["status"] != "queued")
                .await?;
            let _other = trial.scene.stack.worker()?;
            tokio::time::sleep(trial.dice.span(Duration::from_secs(2))).await;
            hold(&trial.scene.stack.database(), 30.0)?;
            let end = trial.completed().await?;
            taken += usize::from(end["attempt"] != 1);
            Ok(())
        },
    )
    .await?;
    let trials = tally.trials;
    tally.report(plan, &format!("write lock held for 30 s, {trials} trials"));
    plan.table
        .add("of these, runs taken from their live worker", taken.to_string(), "0");
    plan.failed += taken;
    Ok(())
}

/// Holds the write lock for so many seconds.
pub(crate) fn hold(database: &std::path::Path, seconds: f64) -> anyhow::Result<()> {
    let mut holder = std::process::Command::new("python3");
    holder.args(["-c", SCRIPT]).arg(database).arg(seconds.to_string());
    let status = holder.stdout(Stdio::null()).status()?;
    anyhow::ensure!(status.success(), "python3: {status}");
    Ok(())
}
