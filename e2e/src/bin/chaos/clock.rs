//! The clock is stepped by an hour while a run goes on, forward and back, with a second worker waiting for its chance.

use std::time::Duration;

use crate::{Plan, trials::trials};

const HOUR: i64 = 3600;

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("clock");
    let path = file.display().to_string();
    let settings = [
        ("ANALYZE_FAULT_CLOCK", path.as_str()),
        ("ANALYZE_LEASE", "2s"),
        ("ANALYZE_LEASE_RENEW", "500ms"),
        ("ANALYZE_SAMPLE_LATENCY", "8ms"),
    ];
    let mut taken = 0;
    let tally = trials(plan, plan.trials.div_ceil(4), &settings, async |trial| {
        std::fs::write(&file, "0")?;
        trial.post().await?;
        trial
            .scene
            .api()
            .wait_until(trial.run, |status| status["status"] != "queued")
            .await?;
        let _other = trial.scene.stack.worker()?;
        tokio::time::sleep(trial.dice.span(Duration::from_secs(2))).await;
        let step = if trial.number.is_multiple_of(2) { HOUR } else { -HOUR };
        std::fs::write(&file, step.to_string())?;
        let end = trial.completed().await?;
        taken += usize::from(end["attempt"] != 1);
        Ok(())
    })
    .await?;
    let trials = tally.trials;
    tally.report(plan, &format!("clock stepped by an hour, {trials} trials"));
    plan.table
        .add("of these, runs taken from their live worker", taken.to_string(), "0");
    plan.failed += taken;
    Ok(())
}
