//! Reads: the status of a run, unchanged and whole, beside a bare handler of the same library, and while runs write.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use e2e::{
    load::{self, Connection},
    process::{Process, command},
    stack::{Stack, free_port},
};
use poem::{Route, Server, get, handler, listener::TcpListener};
use serde_json::json;

use crate::figures::{Table, percentile};

/// First argument of a process that serves the bare handler.
pub(crate) const BARE: &str = "bare";

const CONNECTIONS: usize = 8;
const SPAN: Duration = Duration::from_secs(2);
const ROUNDS: usize = 5;
/// How long reads are timed while runs write.
const WRITING: Duration = Duration::from_secs(20);

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    rates(table).await?;
    while_runs_write(table).await
}

/// All three in turn, so that they see the same machine.
async fn rates(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[])?;
    let server = stack.server().await?;
    let api = stack.api();
    let run = api.start().await?.run_id();
    let path = format!("/runs/{run}/status");
    let answer = api.get(&path).await?;
    let etag = answer.headers["etag"].to_str()?.to_owned();
    let constant = Bare::start(&stack).await?;
    let (whole, unchanged) = (load::get(&path), load::get_unless(&path, &etag));
    let (mut wholes, mut unchangeds, mut bares) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        wholes.push(load::rate(api.base(), &whole, CONNECTIONS, SPAN).await?);
        unchangeds.push(load::rate(api.base(), &unchanged, CONNECTIONS, SPAN).await?);
        bares.push(load::rate(&constant.base, &load::get("/"), CONNECTIONS, SPAN).await?);
    }
    let of_bare = percentile(&mut bares, 0.5);
    for (what, rates, promise) in [
        ("GET status, 8 connections", &mut wholes, ">= 15,000/s and half of bare"),
        (
            "GET status unchanged (304), 8 connections",
            &mut unchangeds,
            ">= 20,000/s",
        ),
    ] {
        let rate = percentile(rates, 0.5);
        let share = rate / of_bare * 100.0;
        table.add(what, format!("{rate:.0}/s, {share:.0} % of bare"), promise);
    }
    table.add(
        "a bare poem handler, 8 connections",
        format!("{of_bare:.0}/s"),
        "for comparison",
    );
    drop((server, constant));
    Ok(())
}

/// Runs follow one another as fast as they can; one reader on four connections asks for everything in turn.
async fn while_runs_write(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[])?;
    let server = stack.server().await?;
    let worker = stack.worker()?;
    let api = stack.api();
    let first = api.start().await?.run_id();
    api.wait_for_end(first).await?;
    let writer = {
        let api = api.clone();
        tokio::spawn(async move {
            loop {
                let run = api
                    .post("/analyze", json!({"options": {"post_limit": 100}}))
                    .await?
                    .run_id();
                api.wait_for_end(run).await?;
            }
            #[expect(unreachable_code, reason = "names the type of the error")]
            anyhow::Ok(())
        })
    };
    let readers: Vec<_> = (0..4).map(|_| tokio::spawn(read(api.base().to_owned()))).collect();
    let mut samples = Vec::new();
    for reader in readers {
        samples.extend(reader.await??);
    }
    anyhow::ensure!(!writer.is_finished(), "the runs ended: {:?}", writer.await);
    writer.abort();
    for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
        let promise = if name == "p99" { "<= 20 ms" } else { "for comparison" };
        let took = percentile(&mut samples, share);
        table.add(
            &format!("reads of 4 connections while runs write, {name}"),
            format!("{took:.2} ms"),
            promise,
        );
    }
    drop((worker, server));
    Ok(())
}

/// Milliseconds of every read.
async fn read(base: String) -> anyhow::Result<Vec<f64>> {
    let paths = [
        "/runs/1/status",
        "/status",
        "/runs",
        "/runs/1/events",
        "/signals",
        "/positions",
        "/portfolios",
    ];
    let requests: Vec<_> = paths.iter().map(|path| load::get(path)).collect();
    let mut connection = Connection::open(&base).await?;
    let (since, mut samples) = (Instant::now(), Vec::new());
    while since.elapsed() < WRITING {
        for request in &requests {
            let sent = Instant::now();
            let status = connection.call(request).await?;
            samples.push(sent.elapsed().as_secs_f64() * 1e3);
            anyhow::ensure!(status == 200, "status {status}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    Ok(samples)
}

/// A process of this very program that serves [`serve_bare`].
struct Bare {
    base: String,
    _process: Process,
}

impl Bare {
    async fn start(stack: &Stack) -> anyhow::Result<Self> {
        let address = format!("127.0.0.1:{}", free_port()?);
        let mut command = command("bench")?;
        command.args([BARE, &address]);
        let process = Process::start(command, &stack.folder().join("bare.log"))?;
        let base = format!("http://{address}");
        let since = Instant::now();
        while Connection::open(&base).await.is_err() {
            anyhow::ensure!(since.elapsed() < e2e::stack::PATIENCE, "{}", process.log());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(Self {
            base,
            _process: process,
        })
    }
}

/// As many bytes as a status has.
#[handler]
fn bare() -> &'static str {
    const { BODY }
}

const BODY: &str = match std::str::from_utf8(&[b'x'; 1_000]) {
    Ok(body) => body,
    Err(_) => "",
};

/// Serves nothing but a constant, until killed.
pub(crate) async fn serve_bare(address: &str) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address.to_owned());
    Server::new(listener)
        .run(Route::new().at("/", get(bare)))
        .await
        .context("bare")
}
