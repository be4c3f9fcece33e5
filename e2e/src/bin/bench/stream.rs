//! How long an event takes from the transaction that writes it to a client that follows the run.
//!
//! An event is dated inside its transaction, so the figure holds the commit with its sync to the disk.

use chrono::{DateTime, Utc};
use e2e::stack::Stack;
use serde_json::{Value, json};
use shared::clock;

use crate::{
    figures::{Table, percentile},
    times,
};

const RUNS: usize = 40;

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[("ANALYZE_SAMPLE_LATENCY", "20ms")])?;
    let server = stack.server().await?;
    let worker = stack.worker()?;
    let api = stack.api();
    let mut samples = Vec::new();
    for _ in 0..RUNS {
        let run = api
            .post("/analyze", json!({ "options": { "post_limit": 1 } }))
            .await?
            .run_id();
        api.wait_until(run, |status| status["status"] == "running").await?;
        samples.extend(follow(&format!("{}/runs/{run}/stream", api.base())).await?);
        api.wait_for_end(run).await?;
    }
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        table.add(
            &format!("event written to message of the stream, {name}"),
            format!("{:.2} ms", percentile(&mut samples, share) * 1e3),
            "for comparison",
        );
    }
    drop((worker, server));
    Ok(())
}

/// Follows a run to its end; yields the age in seconds of every event that was written since the connection stood.
async fn follow(url: &str) -> anyhow::Result<Vec<f64>> {
    let mut answer = reqwest::get(url).await?.error_for_status()?;
    let (mut since, mut text, mut ages) = (None, String::new(), Vec::new());
    while let Some(chunk) = answer.chunk().await? {
        let now = clock::now();
        text.push_str(std::str::from_utf8(&chunk)?);
        while let Some((message, rest)) = text.split_once("\n\n").map(|(m, r)| (m.to_owned(), r.to_owned())) {
            text = rest;
            let Some(at) = occurred_at(&message) else { continue };
            // What was there before the first message is history.
            if at >= *since.get_or_insert(now) {
                ages.push(times::seconds(now - at));
            }
        }
    }
    Ok(ages)
}

/// When the event of a message occurred; `None` for what is no event.
fn occurred_at(message: &str) -> Option<DateTime<Utc>> {
    let data = message.lines().find_map(|line| line.strip_prefix("data:"))?;
    let event: Value = serde_json::from_str(data.trim()).ok()?;
    times::instant(&event["occurred_at"])
}
