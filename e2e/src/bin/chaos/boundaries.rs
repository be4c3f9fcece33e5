//! The worker dies at every unit and every boundary of a phase, before and after its commit.
//!
//! A run has one worker after the other. Each begins with the commit that starts the phase anew (1) and goes on with the
//! next units (2 to 6), of which some may be nothing but progress; the workers die in turn right before and right after each
//! of these commits, and so the run moves on by some units. What a worker had begun and not committed is lost.

use crate::{
    Plan,
    trials::{Trial, trials},
};

/// Where one worker after the other dies.
const DEATHS: [&str; 11] = [
    "unit.committed#1",
    "unit.ready#2",
    "unit.committed#2",
    "unit.ready#3",
    "unit.committed#3",
    "unit.ready#4",
    "unit.committed#4",
    "unit.ready#5",
    "unit.committed#5",
    "unit.ready#6",
    "unit.committed#6",
];
/// A run that needs more workers than this gets one that does not die.
const MOST: usize = 400;
const SETTINGS: [(&str, &str); 2] = [
    ("ANALYZE_MAX_CRASHES", "100000"),
    ("RUST_LOG", "info,shared::faults=debug"),
];

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let (mut deaths, mut most_lost) = (0, 0);
    let tally = trials(plan, plan.trials.div_ceil(20), &SETTINGS, async |trial| {
        trial.scene.kill_worker()?;
        trial.post().await?;
        for death in DEATHS.iter().cycle().take(MOST) {
            let before = logged(trial)?;
            let mut worker = trial.scene.stack.worker_with(&[("ANALYZE_FAULT", death)])?;
            let died = trial.scene.api().dies_before_end(&mut worker, trial.run).await?;
            trial.scene.worker = Some(worker);
            if !died {
                break;
            }
            let after = logged(trial)?;
            deaths += 1;
            most_lost = most_lost.max((after.0 - before.0).saturating_sub(after.1 - before.1));
        }
        trial.scene.kill_worker()?;
        trial.scene.start_worker()?;
        trial.completed().await.map(drop)
    })
    .await?;
    let days = tally.trials;
    tally.report(
        plan,
        &format!("worker dies before and after every unit and phase boundary, {deaths} deaths in {days} days"),
    );
    plan.table
        .add("work lost by a death, most", format!("{most_lost} units"), "<= 1 unit");
    Ok(())
}

/// Units begun and committed by the workers so far, by their log.
fn logged(trial: &Trial<'_>) -> anyhow::Result<(usize, usize)> {
    let log = std::fs::read_to_string(trial.scene.stack.folder().join("analyze-worker.log"))?;
    let count = |moment: &str| log.matches(&format!("passed unit.{moment} ")).count();
    Ok((count("begun"), count("committed")))
}
