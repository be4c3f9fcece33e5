//! The undisturbed history that disturbed ones are compared with.

use std::time::{Duration, Instant};

use e2e::{
    ledger::{Dump, dump},
    oracle,
};
use tokio::sync::OnceCell;

use crate::scene::Scene;

/// Days of a history: from then on trials begin again over an empty database.
pub(crate) const DAYS: usize = 10;

/// What is left behind after each day.
pub(crate) struct Twin {
    /// After the first day, the second, and so on.
    pub(crate) days: Vec<Dump>,
    /// How long a day took in the median.
    pub(crate) usual: Duration,
}

/// The twin; the first who asks lives through it.
pub(crate) async fn twin() -> anyhow::Result<&'static Twin> {
    static TWIN: OnceCell<Twin> = OnceCell::const_new();
    TWIN.get_or_try_init(live).await
}

async fn live() -> anyhow::Result<Twin> {
    let scene = Scene::start(&[]).await?;
    let (mut days, mut took) = (Vec::new(), Vec::new());
    while days.len() < DAYS {
        let since = Instant::now();
        let run = scene.post().await?;
        let end = scene.api().wait_for_end(run).await?;
        took.push(since.elapsed());
        anyhow::ensure!(end["status"] == "completed", "{end}");
        days.push(dump(&scene.stack)?);
    }
    took.sort_unstable();
    let usual = took[DAYS / 2];
    oracle::judge(&scene.stack, days.last())?.ensure_clean()?;
    let rows = |table: &str| days.last().and_then(|dump| dump.get(table)).map_or(0, Vec::len);
    let tables = [
        "positions",
        "position_exits",
        "predictions",
        "prediction_exits",
        "run_comments",
    ];
    let left: Vec<_> = tables.iter().map(|table| format!("{} {table}", rows(table))).collect();
    eprintln!(
        "{DAYS} undisturbed days leave {}; one takes {usual:.2?}",
        left.join(", ")
    );
    Ok(Twin { days, usual })
}
