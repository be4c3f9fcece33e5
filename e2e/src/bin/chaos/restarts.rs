//! The worker is restarted again and again within a second, in order or by force, while many ask for the status.

use std::time::Duration;

use e2e::load;

use crate::{Plan, trials::trials};

const SETTINGS: [(&str, &str); 2] = [("ANALYZE_MAX_CRASHES", "100000"), ("ANALYZE_SAMPLE_LATENCY", "2ms")];

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let mut restarts = 0;
    let tally = trials(plan, plan.trials.div_ceil(4), &SETTINGS, async |trial| {
        trial.post().await?;
        let (base, request) = (
            trial.scene.api().base().to_owned(),
            load::get(&format!("/runs/{}/status", trial.run)),
        );
        let readers = tokio::spawn(async move { load::rate(&base, &request, 4, Duration::from_secs(1)).await });
        loop {
            tokio::time::sleep(Duration::from_millis(200) + trial.dice.span(Duration::from_millis(800))).await;
            let status = trial.scene.api().get(&format!("/runs/{}/status", trial.run)).await?;
            if !status.data()["completed_at"].is_null() {
                break;
            }
            restarts += 1;
            match trial.scene.worker.take() {
                Some(worker) if trial.dice.roll(2) == 0 => {
                    anyhow::ensure!(worker.terminate()?.success(), "not in order");
                }
                Some(worker) => worker.kill()?,
                None => {}
            }
            trial.scene.start_worker()?;
        }
        readers.await??;
        trial.completed().await.map(drop)
    })
    .await?;
    let trials = tally.trials;
    tally.report(
        plan,
        &format!("worker restarted within a second under load, {restarts} restarts in {trials} trials"),
    );
    Ok(())
}
