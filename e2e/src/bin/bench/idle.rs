//! What server and worker cost while nothing happens.

use std::time::Duration;

use e2e::{process::Process, stack::Stack};

use crate::figures::Table;

const WINDOW: Duration = Duration::from_secs(30);
/// Clock ticks a second, as Linux reports CPU time.
const TICKS: f64 = 100.0;

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[])?;
    let server = stack.server().await?;
    let worker = stack.worker()?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = ticks(&server, &worker)?;
    tokio::time::sleep(WINDOW).await;
    let used = ticks(&server, &worker)? - before;
    let rss = server.usage()?.0 + worker.usage()?.0;
    table.add(
        "idle server + worker, RSS",
        format!("{:.1} MB", rss as f64 / 1024.0),
        "<= 40 MB",
    );
    let cpu = used as f64 / TICKS / WINDOW.as_secs_f64() * 100.0;
    table.add("idle server + worker, CPU", format!("{cpu:.2} %"), "<= 0.5 %");
    Ok(())
}

fn ticks(server: &Process, worker: &Process) -> anyhow::Result<u64> {
    Ok(server.usage()?.1 + worker.usage()?.1)
}
