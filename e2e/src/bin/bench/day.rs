//! Days of the sample, one run each, and how long they take from the queue to their end.

use std::collections::BTreeMap;

use anyhow::Context as _;
use e2e::{client::Api, stack::Stack};
use serde_json::json;

use crate::{
    figures::{Table, percentile},
    times,
};

/// Eight weekdays on end, at the instant at which a day's talk ends.
pub(crate) const DAYS: [&str; 8] = [
    "2026-01-05T16:00:00Z",
    "2026-01-06T16:00:00Z",
    "2026-01-07T16:00:00Z",
    "2026-01-08T16:00:00Z",
    "2026-01-09T16:00:00Z",
    "2026-01-12T16:00:00Z",
    "2026-01-13T16:00:00Z",
    "2026-01-14T16:00:00Z",
];

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[])?;
    let server = stack.server().await?;
    let worker = stack.worker()?;
    let api = stack.api();
    let (mut days, mut phases) = (Vec::new(), BTreeMap::<String, Vec<f64>>::new());
    for day in DAYS {
        let run = live_through(&api, day).await?;
        let events = api.get(&format!("/runs/{run}/events?limit=100")).await?;
        let took = times::between(events.data(), "job.queued", "job.completed");
        days.push(took.context("the run has no end")?);
        for (key, took) in times::phases(&api, run).await? {
            phases.entry(key).or_default().push(took);
        }
    }
    for (key, mut took) in phases {
        eprintln!("  phase {key}, median: {:.0} ms", percentile(&mut took, 0.5) * 1e3);
    }
    table.add(
        "sample day, queued to completed, median of 8 days",
        format!("{:.2} s", percentile(&mut days, 0.5)),
        "<= 2 s",
    );
    drop((worker, server));
    Ok(())
}

/// Runs the analysis of a day to its end.
pub(crate) async fn live_through(api: &Api, day: &str) -> anyhow::Result<i64> {
    let accepted = api.post("/analyze", json!({ "options": { "as_of": day } })).await?;
    anyhow::ensure!(accepted.status == 202, "{}", accepted.body);
    let run = accepted.run_id();
    let end = api.wait_for_end(run).await?;
    anyhow::ensure!(end["status"] == "completed", "{end}");
    Ok(run)
}
