//! A client of the event stream that is cut off at random and goes on where it was.

use anyhow::Context as _;
use serde_json::Value;

use crate::{
    Plan,
    trials::{Trial, trials},
};

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let (mut cuts, mut wrong) = (0, 0);
    let tally = trials(
        plan,
        plan.trials.div_ceil(2),
        &[("ANALYZE_SAMPLE_LATENCY", "3ms")],
        async |trial| {
            trial.post().await?;
            let mut seen = Vec::new();
            while !follow(trial, &mut seen).await? {
                cuts += 1;
            }
            let total = trial.scene.events(trial.run).await?.as_array().map_or(0, Vec::len);
            let expected: Vec<_> = (1..=i64::try_from(total)?).collect();
            if seen != expected {
                wrong += 1;
                eprintln!("run {}: {seen:?} instead of 1..={total}", trial.run);
            }
            trial.completed().await.map(drop)
        },
    )
    .await?;
    let trials = tally.trials;
    tally.report(plan, &format!("event stream cut {cuts} times in {trials} runs"));
    plan.table.add(
        "streams with a gap or a repetition after reconnecting",
        wrong.to_string(),
        "0",
    );
    plan.failed += wrong;
    Ok(())
}

/// Follows the run for a while, from after the last event that was seen; whether it is over.
async fn follow(trial: &mut Trial<'_>, seen: &mut Vec<i64>) -> anyhow::Result<bool> {
    let url = format!("{}/runs/{}/stream", trial.scene.api().base(), trial.run);
    let mut call = reqwest::Client::new().get(url);
    if let Some(last) = seen.last() {
        call = call.header("last-event-id", last.to_string());
    }
    let cut = tokio::time::sleep(trial.dice.span(trial.usual / 4));
    tokio::pin!(cut);
    let mut answer = call.send().await?.error_for_status()?;
    let mut text = String::new();
    loop {
        let chunk = tokio::select! {
            chunk = answer.chunk() => chunk?,
            () = &mut cut => return Ok(false),
        };
        let Some(chunk) = chunk else {
            return over(seen, trial).await;
        };
        text.push_str(std::str::from_utf8(&chunk)?);
        while let Some((message, rest)) = text.split_once("\n\n").map(|(m, r)| (m.to_owned(), r.to_owned())) {
            text = rest;
            seen.extend(number(&message)?);
        }
    }
}

/// The stream has ended by itself: the run must have, too.
async fn over(seen: &[i64], trial: &Trial<'_>) -> anyhow::Result<bool> {
    let status = trial.scene.api().get(&format!("/runs/{}/status", trial.run)).await?;
    anyhow::ensure!(
        !status.data()["completed_at"].is_null(),
        "the stream ended after {seen:?}"
    );
    Ok(true)
}

/// The number of an event; `None` for what has none, such as progress.
fn number(message: &str) -> anyhow::Result<Option<i64>> {
    let Some(id) = message.lines().find_map(|line| line.strip_prefix("id:")) else {
        return Ok(None);
    };
    let data = message
        .lines()
        .find_map(|line| line.strip_prefix("data:"))
        .unwrap_or("null");
    let event: Value = serde_json::from_str(data.trim()).context("an event that is no JSON")?;
    Ok(event["event_seq"].as_i64().or(id.trim().parse().ok()))
}
