//! From a commit of one process to the hand of the worker in another: with the bell, and with its signal suppressed.
//!
//! This process enqueues runs itself, so that it knows when the commit has returned. A run's `started_at` is taken when
//! the worker is about to claim it: what the claim itself takes is not in it.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use e2e::stack::{PATIENCE, Stack};
use shared::{
    clock,
    config::{Config, Layers},
    queue::{self, Submission, Submitted},
    run::{ids::RunId, request::RunRequest},
    store::{
        Store,
        runs::{self, Run},
    },
};

use crate::{
    figures::{Table, percentile},
    times,
};

const RUNS: usize = 200;
const SUPPRESSED: u32 = 20;
/// `ANALYZE_WAKE_FALLBACK`, as it is unless set.
const TICK: Duration = Duration::from_secs(1);
/// Until the queue has put the last run away: worker and database are idle again.
const PAUSE: Duration = Duration::from_millis(300);

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[])?;
    let store = open(&stack).await?;
    let worker = stack.worker()?;
    // The worker is there, and the system has had its first run.
    wake(&store).await?;
    let mut heard = samples(&store, &[PAUSE; RUNS]).await?;
    // The worker goes on watching the file that was there; whoever opens the database now rings another.
    std::fs::remove_file(stack.database().with_added_extension("bell"))?;
    // Between two ticks of the worker, at every distance from the first.
    let pauses: Vec<_> = (0..SUPPRESSED).map(|step| PAUSE + TICK * step / SUPPRESSED).collect();
    let mut unheard = samples(&open(&stack).await?, &pauses).await?;
    let mut add = |what: &str, seconds: f64, promise: &str| {
        table.add(
            &format!("commit returned to claim begun, {what}"),
            format!("{:.2} ms", seconds * 1e3),
            promise,
        );
    };
    add("p50", percentile(&mut heard, 0.5), "<= 1.5 ms");
    add("p99", percentile(&mut heard, 0.99), "<= 10 ms");
    add(
        "signal suppressed, longest",
        percentile(&mut unheard, 1.0),
        "<= 1500 ms",
    );
    worker.terminate()?;
    Ok(())
}

async fn open(stack: &Stack) -> anyhow::Result<Store> {
    let url = format!("sqlite://{}", stack.database().display());
    let flags = [("DATABASE_URL".to_owned(), url)];
    Ok(Store::open(&Config::from_layers(Layers::new(&flags, &[], &[])?)?).await?)
}

async fn samples(store: &Store, pauses: &[Duration]) -> anyhow::Result<Vec<f64>> {
    let mut samples = Vec::new();
    for pause in pauses {
        tokio::time::sleep(*pause).await;
        samples.push(wake(store).await?);
    }
    Ok(samples)
}

/// Seconds from a run's commit to its claim; waits for its end.
async fn wake(store: &Store) -> anyhow::Result<f64> {
    let mut request = RunRequest::new("wallstreetbets");
    (request.post_limit, request.comments_per_post, request.top_comments) = (1, 1, 1);
    let submission = Submission {
        request: &request,
        scope: "global",
        join: false,
        key: None,
        traceparent: None,
    };
    let submitted = queue::submit(store, &submission).await?;
    let committed = clock::now();
    let Submitted::Accepted(run) = submitted else {
        anyhow::bail!("not accepted: {submitted:?}");
    };
    let ended = tokio::time::timeout(PATIENCE, end_of(store, run.id)).await??;
    let claimed = ended.started_at.context("a run that was never claimed")?;
    ensure!(ended.error_message.is_none(), "{ended:?}");
    Ok(times::seconds(claimed - committed))
}

async fn end_of(store: &Store, id: RunId) -> anyhow::Result<Run> {
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let run = runs::find(&mut store.read().await?, id).await?.context("no run")?;
        if run.status.is_terminal() {
            return Ok(run);
        }
    }
}
