//! How long it takes, with default settings, until a worker takes over the run of one that is silent but not known to be
//! dead: its process is stopped, which looks from outside like the death of another host.

use std::time::Duration;

use futures::future::try_join_all;
use shared::clock;

use crate::{Plan, scene::Scene, times};

/// Scenes side by side.
const TOGETHER: usize = 5;

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let mut samples = Vec::new();
    for round in 0..plan.trials.div_ceil(20 * TOGETHER) {
        samples.extend(try_join_all((0..TOGETHER).map(|place| takeover(round * TOGETHER + place))).await?);
    }
    let spread = times::spread(&mut samples);
    plan.table.add(
        "worker silent, default settings: resumed by another host's, p95",
        spread,
        "<= 20 s",
    );
    Ok(())
}

/// Seconds from the stop of a worker to the resume of its run by another one that was there before.
async fn takeover(number: usize) -> anyhow::Result<f64> {
    let mut scene = Scene::start(&[("ANALYZE_SAMPLE_LATENCY", "150ms")]).await?;
    let run = scene.post().await?;
    scene.claimed(run).await?;
    let _other = scene.stack.worker()?;
    // At any time between two renewals.
    tokio::time::sleep(Duration::from_millis(1500 + 700 * (number as u64 % 7))).await;
    let stopped = clock::now();
    let worker = scene.worker.take().expect("a scene starts with one");
    scene.stack.pause(&worker)?;
    scene.api().wait_until(run, |status| status["attempt"] == 2).await?;
    worker.kill()?;
    let events = scene.events(run).await?;
    times::seconds_to(&events, "job.resumed", stopped).ok_or_else(|| anyhow::anyhow!("not resumed"))
}
