//! Zombies: a worker is stopped past its lease, another one takes its run over, then the first one goes on.
//!
//! Half of them wake up while the other works, half after it is done. Neither may change a row any more.

use std::time::Duration;

use e2e::ledger;
use serde_json::Value;

use crate::{
    Plan,
    trials::{Trial, trials},
};

/// Short leases, so that a trial takes seconds.
const SETTINGS: [(&str, &str); 4] = [
    ("ANALYZE_LEASE", "600ms"),
    ("ANALYZE_LEASE_RENEW", "200ms"),
    ("ANALYZE_WAKE_FALLBACK", "100ms"),
    ("ANALYZE_SAMPLE_LATENCY", "3ms"),
];

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let (mut zombies, mut changed) = (0, 0);
    let tally = trials(plan, plan.trials.div_ceil(2), &SETTINGS, async |trial| {
        trial.post_and_wait().await?;
        let zombie = trial.scene.worker.take().expect("a scene has a worker");
        trial.scene.stack.pause(&zombie)?;
        trial.scene.start_worker()?;
        let ended = |status: &Value| !status["completed_at"].is_null();
        let taken = |status: &Value| ended(status) || status["attempt"] == 2;
        let status = trial.scene.api().wait_until(trial.run, taken).await?;
        let during = trial.number.is_multiple_of(2);
        if status["attempt"] == 2 {
            zombies += 1;
        }
        if during {
            zombie.signal("CONT")?;
        }
        trial.completed().await?;
        let before = ledger::raw(&trial.scene.stack)?;
        if !during {
            zombie.signal("CONT")?;
        }
        wait_for_its_end(trial, status["attempt"] == 2).await?;
        changed += ledger::differences(&before, &ledger::raw(&trial.scene.stack)?).len();
        changed += late(trial).await?;
        zombie.kill()?;
        Ok(())
    })
    .await?;
    let trials = tally.trials;
    tally.report(plan, &format!("SIGSTOP past the lease and SIGCONT, {trials} trials"));
    let figure = format!("{changed} (of {zombies} that lost their lease)");
    plan.table
        .add("rows changed by a zombie after its lease is lost", figure, "0");
    plan.failed += usize::from(changed != 0);
    Ok(())
}

/// Waits until the zombie has said that it lost its claim; if it had one, and at most two seconds.
async fn wait_for_its_end(trial: &Trial<'_>, had_one: bool) -> anyhow::Result<()> {
    let log = trial.scene.stack.folder().join("analyze-worker.log");
    let said = |text: &str| text.matches("the claim on the run is lost").count();
    for _ in 0..40 {
        let text = std::fs::read_to_string(&log)?;
        if !had_one || text.rfind("the claim on the run is lost") > text.rfind("run claimed") && said(&text) > 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Events of the first attempt after the second one began.
async fn late(trial: &Trial<'_>) -> anyhow::Result<usize> {
    let events = trial.scene.events(trial.run).await?;
    let list = events.as_array().into_iter().flatten();
    let after = list.skip_while(|event| event["event_type"] != "job.resumed");
    Ok(after.filter(|event| event["payload"]["attempt"] == 1).count())
}
