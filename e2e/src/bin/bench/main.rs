//! `make bench`: measures the promises of the README and prints them as one table.
//!
//! Release binaries, loopback, one machine. Each figure is a median or a rate over many samples.
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

mod archive;
mod day;
mod dump;
mod http;
mod idle;
mod lexicon;
mod lists;
mod monitor;
mod plant;
mod positions;
mod reads;
mod stream;
mod times;
mod wake;

use e2e::figures::{self, Table};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let only: Vec<String> = std::env::args().skip(1).collect();
    if let [name, address] = only.as_slice()
        && name == reads::BARE
    {
        return reads::serve_bare(address).await;
    }
    let wanted = |name: &str| only.is_empty() || only.iter().any(|o| o == name);
    let mut table = Table::default();
    if wanted("http") {
        http::measure(&mut table).await?;
    }
    if wanted("wake") {
        wake::measure(&mut table).await?;
    }
    if wanted("idle") {
        idle::measure(&mut table).await?;
    }
    if wanted("lexicon") {
        lexicon::measure(&mut table);
    }
    if wanted("dump") {
        dump::measure(&mut table).await?;
    }
    if wanted("day") {
        day::measure(&mut table).await?;
    }
    if wanted("monitor") {
        monitor::measure(&mut table).await?;
    }
    if wanted("positions") {
        positions::measure(&mut table).await?;
    }
    if wanted("stream") {
        stream::measure(&mut table).await?;
    }
    if wanted("reads") {
        reads::measure(&mut table).await?;
    }
    if wanted("lists") {
        lists::measure(&mut table).await?;
    }
    table.print();
    Ok(())
}
