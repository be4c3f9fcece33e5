//! Cancels: at any time of a run, most of them near its end; and how long a running phase takes to obey.

use std::time::Duration;

use chrono::{DateTime, Utc};
use e2e::{dice::Dice, oracle};
use serde_json::{Value, json};
use shared::clock;

use crate::{Plan, scene::Scene, times};

/// The last two phases and the end take about so long.
const LAST_PHASES: Duration = Duration::from_millis(600);

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    race(plan).await?;
    obey(plan).await
}

/// The cancel meets the run around its completion; one of the two wins.
async fn race(plan: &mut Plan) -> anyhow::Result<()> {
    let scene = Scene::start(&[]).await?;
    let mut dice = Dice::new(plan.seed);
    let (mut completed, mut canceled) = (0, 0);
    for trial in 0..plan.trials {
        let run = scene.post().await?;
        let near = |status: &Value| status["phase_index"].as_i64() >= Some(7) || !status["completed_at"].is_null();
        scene.api().wait_until(run, near).await?;
        tokio::time::sleep(dice.span(LAST_PHASES)).await;
        cancel(&scene, run).await?;
        let end = scene.api().wait_for_end(run).await?;
        match end["status"].as_str() {
            Some("completed") => completed += 1,
            Some("canceled") => canceled += 1,
            _ => anyhow::bail!("trial {trial}: {end}"),
        }
    }
    let findings = oracle::judge(&scene.stack, None)?;
    let figure = format!(
        "{completed} completed, {canceled} canceled, {} findings",
        findings.all().count()
    );
    plan.table.add(
        &format!("cancel racing completion, {} trials", plan.trials),
        figure,
        "each is one of the two, 0 findings",
    );
    findings.ensure_clean()
}

/// A cancel in the middle of a slow phase.
async fn obey(plan: &mut Plan) -> anyhow::Result<()> {
    let scene = Scene::start(&[("ANALYZE_SAMPLE_LATENCY", "20ms")]).await?;
    let (mut dice, mut samples) = (Dice::new(plan.seed), Vec::new());
    for _ in 0..plan.trials.div_ceil(2) {
        let run = scene.post().await?;
        scene.claimed(run).await?;
        tokio::time::sleep(dice.span(Duration::from_secs(1))).await;
        let asked = cancel(&scene, run).await?;
        scene.api().wait_for_end(run).await?;
        samples.extend(times::seconds_to(&scene.events(run).await?, "job.canceled", asked));
    }
    let spread = times::spread(&mut samples);
    plan.table
        .add("cancel of a running phase to canceled, p95", spread, "<= 1 s");
    oracle::judge(&scene.stack, None)?.ensure_clean()
}

/// Asks for the end; yields when.
async fn cancel(scene: &Scene, run: i64) -> anyhow::Result<DateTime<Utc>> {
    let asked = clock::now();
    let answer = scene.api().post(&format!("/runs/{run}/cancel"), json!({})).await?;
    anyhow::ensure!(matches!(answer.status, 200 | 202), "{}", answer.body);
    Ok(asked)
}
