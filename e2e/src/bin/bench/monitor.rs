//! Thousands of open positions, looked at over a day of five-minute candles.
//!
//! Every day of the sample some stocks are out and their positions skipped, so more are held than are to be looked at.

use anyhow::Context as _;
use e2e::{client::Api, stack::Stack};

use crate::{
    day::{DAYS, live_through},
    figures::{Table, percentile},
    plant, times,
};

/// Positions that are held.
const HELD: usize = 6_700;
/// Positions of these that are looked at, at least, on each of the days.
const CHECKED: usize = 5_000;
/// Days on which they are all still held.
const WATCHED: usize = 3;

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[])?;
    let server = stack.server().await?;
    let worker = stack.worker()?;
    let api = stack.api();
    live_through(&api, DAYS[0]).await?;
    plant::open_positions(&stack, HELD)?;
    let mut samples = Vec::new();
    for day in &DAYS[1..=WATCHED] {
        let run = live_through(&api, day).await?;
        let phases = times::phases(&api, run).await?;
        let monitoring = phases.into_iter().find(|(key, _)| key == "monitoring");
        samples.push(monitoring.context("nothing was monitored")?.1);
        let checked = checked(&api, run).await?;
        anyhow::ensure!(checked >= CHECKED, "run {run} has looked at {checked} only");
    }
    table.add(
        "phase monitoring, 5,000 open positions over a day of candles",
        format!("{:.2} s", percentile(&mut samples, 0.5)),
        "<= 2 s",
    );
    drop((worker, server));
    Ok(())
}

/// Open positions that the run has looked at.
async fn checked(api: &Api, run: i64) -> anyhow::Result<usize> {
    let mut checked = 0;
    for offset in (0..).step_by(100) {
        let page = api
            .get(&format!("/positions?status=open&limit=100&offset={offset}"))
            .await?;
        let rows = page.data().as_array().context("a page of positions")?;
        if rows.is_empty() {
            break;
        }
        checked += rows.iter().filter(|row| row["last_checked_run_id"] == run).count();
    }
    eprintln!("  run {run} has looked at {checked} positions that are still open");
    Ok(checked)
}
