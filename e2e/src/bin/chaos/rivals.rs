//! Trials in which a second worker waits for its chance: a run must stay with the one that is alive.

use std::time::Duration;

use e2e::stack::Settings;

use crate::{
    Plan,
    trials::{Trial, trials},
};

/// Longest that a run goes on before it is disturbed.
const SPAN: Duration = Duration::from_secs(2);

/// Disturbs as many runs as asked, each at a random instant and beside a second worker, and reports how many were taken
/// from the first.
pub(crate) async fn rivals(
    plan: &mut Plan,
    what: &str,
    count: usize,
    settings: Settings<'_>,
    mut disturb: impl AsyncFnMut(&Trial<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut taken = 0;
    let tally = trials(plan, count, settings, async |trial| {
        trial.post().await?;
        trial.scene.claimed(trial.run).await?;
        let _rival = trial.scene.stack.worker()?;
        tokio::time::sleep(trial.dice.span(SPAN)).await;
        disturb(trial).await?;
        let end = trial.completed().await?;
        taken += usize::from(end["attempt"] != 1);
        Ok(())
    })
    .await?;
    tally.report(plan, &format!("{what}, {} trials", tally.trials));
    plan.table
        .add("of these, runs taken from their live worker", taken.to_string(), "0");
    plan.failed += taken;
    Ok(())
}
