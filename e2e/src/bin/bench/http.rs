//! POST to 202, POST to the first phase in the worker, status reads while a run goes on, start to ready.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use e2e::{load, load::Connection, stack::Stack};
use serde_json::Value;

use crate::{
    figures::{Table, percentile},
    times,
};

const RUNS: usize = 200;
/// Until the queue has put the last run away: the stack is idle again.
const PAUSE: Duration = Duration::from_millis(300);

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    start_to_ready(table).await?;
    post_latency(table).await?;
    status_rate(table).await
}

async fn start_to_ready(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[])?;
    drop(stack.server().await?);
    let mut samples = Vec::new();
    for _ in 0..15 {
        let since = Instant::now();
        let server = stack.server().await?;
        samples.push(since.elapsed().as_secs_f64() * 1e3);
        server.terminate()?;
    }
    table.add(
        "server start to ready, median",
        format!("{:.0} ms", percentile(&mut samples, 0.5)),
        "<= 100 ms",
    );
    Ok(())
}

/// One POST at a time on an idle stack; each run is canceled or ends before the next.
async fn post_latency(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[("ANALYZE_SYNC_MAX", "30s")])?;
    let server = stack.server().await?;
    let worker = stack.worker()?;
    let (api, mut connection) = (stack.api(), Connection::open(stack.api().base()).await?);
    let request = load::post(
        "/analyze",
        r#"{"options":{"post_limit":1,"comments_per_post":1,"top_comments":1}}"#,
    );
    // The worker is there, and the system has had its first run.
    let first = api.start().await?.run_id();
    api.wait_for_end(first).await?;
    let (mut accepted, mut started) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        tokio::time::sleep(PAUSE).await;
        let since = Instant::now();
        let status = connection.call(&request).await?;
        let took = since.elapsed().as_secs_f64() * 1e3;
        anyhow::ensure!(status == 202, "status {status}");
        let run = run_id(connection.answer())?;
        api.wait_for_end(run).await?;
        let events = api.get(&format!("/runs/{run}/events?limit=10")).await?;
        accepted.push(took);
        let wake = times::between(events.data(), "job.queued", "job.phase_started");
        started.push(wake.context("no phase started")? * 1e3);
    }
    let (p50, p99) = (percentile(&mut accepted, 0.5), percentile(&mut accepted, 0.99));
    table.add("POST /analyze to 202, idle, p50", format!("{p50:.2} ms"), "<= 1.5 ms");
    table.add(
        "POST /analyze to 202, idle, p99",
        format!("{p99:.2} ms"),
        "for comparison",
    );
    let (p50, p99) = (percentile(&mut started, 0.5), percentile(&mut started, 0.99));
    table.add(
        "run queued to first phase started, p50",
        format!("{p50:.2} ms"),
        "<= 3 ms",
    );
    table.add(
        "run queued to first phase started, p99",
        format!("{p99:.2} ms"),
        "<= 20 ms",
    );
    worker.terminate()?;
    server.terminate()?;
    Ok(())
}

fn run_id(answer: &[u8]) -> anyhow::Result<i64> {
    let body = answer
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .map(|at| &answer[at + 4..])
        .context("no body")?;
    serde_json::from_slice::<Value>(body)?["data"]["run_id"]
        .as_i64()
        .context("no run_id")
}

async fn status_rate(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[("ANALYZE_SAMPLE_LATENCY", "250ms")])?;
    let server = stack.server().await?;
    let worker = stack.worker()?;
    let api = stack.api();
    let run = api.start().await?.run_id();
    api.wait_until(run, |status| status["phase_key"] == "analysis").await?;
    let request = load::get(&format!("/runs/{run}/status"));
    let mut rates = Vec::new();
    for _ in 0..5 {
        rates.push(load::rate(api.base(), &request, 8, Duration::from_secs(2)).await?);
    }
    let status = api.get(&format!("/runs/{run}/status")).await?;
    anyhow::ensure!(
        status.data()["completed_at"].is_null(),
        "the run ended during the measurement"
    );
    table.add(
        "GET /runs/{id}/status, 8 connections, run active",
        format!("{:.0}/s", percentile(&mut rates, 0.5)),
        ">= 15,000/s",
    );
    let mut rates = Vec::new();
    for _ in 0..3 {
        rates.push(load::rate(api.base(), &load::get("/livez"), 8, Duration::from_secs(2)).await?);
    }
    table.add(
        "GET /livez, 8 connections (no database)",
        format!("{:.0}/s", percentile(&mut rates, 0.5)),
        "for comparison",
    );
    drop((worker, server));
    Ok(())
}
