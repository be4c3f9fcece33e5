//! Server and worker are killed at the same random instant, and started again in any order.

use crate::{Plan, trials::trials};

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let tally = trials(plan, plan.trials, &[], async |trial| {
        trial.post_and_wait().await?;
        let worker_first = trial.dice.roll(2) == 0;
        let scene = &mut *trial.scene;
        scene.kill_worker()?;
        scene.kill_server()?;
        if worker_first {
            scene.start_worker()?;
            scene.start_server().await?;
        } else {
            scene.start_server().await?;
            scene.start_worker()?;
        }
        trial.completed().await.map(drop)
    })
    .await?;
    let trials = tally.trials;
    tally.report(plan, &format!("server and worker killed together, {trials} trials"));
    Ok(())
}
