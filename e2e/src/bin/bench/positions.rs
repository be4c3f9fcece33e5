//! The list of open positions, over a connection that stays.

use std::time::Instant;

use e2e::{load, load::Connection, stack::Stack};

use crate::{
    day::{DAYS, live_through},
    figures::{Table, percentile},
    plant,
};

/// What four full portfolios hold.
const POSITIONS: usize = 40;
const CALLS: usize = 2_000;

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[])?;
    let server = stack.server().await?;
    let worker = stack.worker()?;
    let api = stack.api();
    live_through(&api, DAYS[0]).await?;
    worker.terminate()?;
    stack.execute("update positions set status = 'closed' where status = 'open'")?;
    plant::open_positions(&stack, POSITIONS)?;
    let path = "/positions?status=open&limit=100";
    let listed = api.get(path).await?.data().as_array().map_or(0, Vec::len);
    anyhow::ensure!(listed == POSITIONS, "{listed} are listed");
    let (mut connection, request) = (Connection::open(api.base()).await?, load::get(path));
    let mut samples = Vec::new();
    for _ in 0..CALLS {
        let since = Instant::now();
        let status = connection.call(&request).await?;
        samples.push(since.elapsed().as_secs_f64() * 1e3);
        anyhow::ensure!(status == 200, "status {status}");
    }
    for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
        table.add(
            &format!("GET /positions?status=open&limit=100, 40 open, {name}"),
            format!("{:.2} ms", percentile(&mut samples, share)),
            "<= 10 ms",
        );
    }
    drop(server);
    Ok(())
}
