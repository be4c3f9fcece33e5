//! Two workers of one host: whichever has the run is killed, and the other one takes it over.

use shared::clock;

use crate::{Plan, times, trials::trials};

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let mut resumed = Vec::new();
    let tally = trials(
        plan,
        plan.trials.div_ceil(2),
        &[("ANALYZE_SAMPLE_LATENCY", "3ms")],
        async |trial| {
            // The first of the two is ready since the last trial and so nearly always has the run.
            let mut other = Some(trial.scene.stack.worker()?);
            trial.post_and_wait().await?;
            let killed = clock::now();
            trial.scene.kill_worker()?;
            trial.scene.worker = other.take();
            trial.completed().await?;
            let events = trial.scene.events(trial.run).await?;
            resumed.extend(times::seconds_to(&events, "job.resumed", killed));
            Ok(())
        },
    )
    .await?;
    let trials = tally.trials;
    tally.report(plan, &format!("one of two workers killed, {trials} trials"));
    let spread = times::spread(&mut resumed);
    plan.table.add(
        "killed, another worker of the same host is running: resumed, p95",
        spread,
        "<= 2 s",
    );
    Ok(())
}
