//! kill -9 of the server while it takes a request: the client asks again with its key, and there is one run.
//!
//! It dies at a random instant, right before the run is stored, or right after it, in turn.

use std::time::Duration;

use anyhow::Context as _;
use e2e::client::Answer;
use reqwest::Method;

use crate::{Plan, scene::request, trials::trials};

/// A POST takes about so long.
const POST: Duration = Duration::from_millis(8);

/// Where the server dies; at a random instant when it is not said.
const DEATHS: [Option<&str>; 3] = [None, Some("post.ready#1"), Some("post.committed#1")];

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let (mut unanswered, mut kept) = (0, 0);
    let tally = trials(plan, plan.trials, &[], async |trial| {
        let (key, api) = (format!("trial-{}", trial.number), trial.scene.api());
        let ask = async || {
            let headers = [("idempotency-key", key.as_str())];
            api.send(Method::POST, "/analyze", &headers, Some(request())).await
        };
        let before = runs(trial.scene)?;
        if let Some(death) = DEATHS[trial.number % DEATHS.len()] {
            trial.scene.kill_server()?;
            trial.scene.server = Some(trial.scene.stack.server_with(&[("ANALYZE_FAULT", death)]).await?);
        }
        let pause = match DEATHS[trial.number % DEATHS.len()] {
            Some(_) => Duration::from_secs(10),
            None => trial.dice.span(POST),
        };
        let first: Option<anyhow::Result<Answer>> = tokio::select! {
            answer = ask() => Some(answer),
            () = tokio::time::sleep(pause) => None,
        };
        trial.scene.kill_server()?;
        let accepted = runs(trial.scene)? - before;
        trial.scene.start_server().await?;
        let second = ask().await?;
        anyhow::ensure!(matches!(second.status, 200 | 202), "{}", second.body);
        trial.run = second.run_id();
        if let Some(Ok(first)) = first {
            anyhow::ensure!(first.run_id() == trial.run, "{} {}", first.body, second.body);
        } else {
            unanswered += 1;
            kept += accepted;
        }
        anyhow::ensure!(runs(trial.scene)? - before == 1, "more than one run");
        trial.completed().await.map(drop)
    })
    .await?;
    let trials = tally.trials;
    let what =
        format!("server killed during POST, {trials} trials, {unanswered} unanswered of which {kept} were accepted");
    tally.report(plan, &what);
    Ok(())
}

fn runs(scene: &crate::scene::Scene) -> anyhow::Result<usize> {
    let count = scene.stack.texts("select count(*) from analysis_runs")?;
    Ok(count.first().context("no count")?.parse()?)
}
