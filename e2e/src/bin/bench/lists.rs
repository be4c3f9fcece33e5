//! Every list over a long history: first page, deep page, every filter.

use std::time::Instant;

use e2e::{
    load::{self, Connection},
    stack::Stack,
};

use crate::{
    archive,
    figures::{Table, percentile},
};

const SAMPLES: usize = 40;

/// The lists, each with the queries it is asked with.
const LISTS: &[(&str, &[&str])] = &[
    (
        "/runs",
        &[
            "",
            "?limit=100",
            "?offset=99900",
            "?offset=50000&limit=100",
            "?status=failed",
            "?status=failed&offset=4900",
            "?status=queued",
            "?subreddit=stocks",
            "?subreddit=stocks&offset=9900",
            "?subreddit=nobody",
            "?since=2025-01-01T00:00:00Z",
            "?since=2014-01-01T00:00:00Z&offset=99900",
            "?status=completed&subreddit=stocks&since=2020-01-01T00:00:00Z",
        ],
    ),
    ("/runs/1/events", &["", "?after=50", "?limit=100"]),
    (
        "/signals",
        &[
            "",
            "?offset=9900",
            "?ticker=T7",
            "?signal_type=quality&offset=4900",
            "?subreddit=wallstreetbets&offset=9900",
            "?subreddit=nobody",
            "?date_from=2020-05-01&date_to=2020-06-01",
            "?portfolio_id=1",
            "?portfolio_id=1&offset=9900&limit=100",
        ],
    ),
    ("/signals/5000/comments", &["", "?offset=90", "?limit=100"]),
    (
        "/signals/history",
        &["?signal_type=quality&days=90", "?signal_type=quality&ticker=T4"],
    ),
    ("/portfolios", &["", "?subreddit=wallstreetbets"]),
    ("/portfolios/1", &[""]),
    ("/portfolios/1/history", &[""]),
    (
        "/positions",
        &[
            "",
            "?limit=100",
            "?offset=9900",
            "?portfolio_id=1&offset=4900",
            "?status=open",
            "?status=closed&offset=9800",
            "?ticker=T7",
            "?instrument_type=option",
            "?signal_type=consensus&offset=4900",
            "?subreddit=wallstreetbets&offset=9900",
        ],
    ),
    ("/evaluation-periods", &["?portfolio_id=1"]),
    (
        "/predictions",
        &[
            "",
            "?limit=100",
            "?offset=19900",
            "?author=author_50",
            "?author=nobody",
            "?ticker=T7",
            "?ticker=T10&offset=400",
            "?status=tracking&offset=6600",
            "?analysis_run_id=76",
            "?subreddit=wallstreetbets&offset=17900",
            "?subreddit=nobody",
        ],
    ),
    ("/status", &[""]),
    ("/metrics", &[""]),
];

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let stack = Stack::new(&[])?;
    drop(stack.server().await?);
    archive::plant(&stack)?;
    let server = stack.server().await?;
    let mut connection = Connection::open(stack.api().base()).await?;
    for (list, queries) in LISTS {
        let mut worst = (0.0, 0.0, "");
        for query in *queries {
            let (p50, p99) = sample(&mut connection, &format!("{list}{query}")).await?;
            eprintln!("  {list}{query}: p50 {p50:.1} ms, p99 {p99:.1} ms");
            if p99 > worst.1 {
                worst = (p50, p99, query);
            }
        }
        let (p50, p99, query) = worst;
        table.add(
            &format!("GET {list}, 100,000 runs, slowest `{query}`, p50 and p99"),
            format!("{p50:.1} and {p99:.1} ms"),
            "<= 50 ms",
        );
    }
    drop(server);
    Ok(())
}

/// Milliseconds at the middle and near the end of the samples.
async fn sample(connection: &mut Connection, path: &str) -> anyhow::Result<(f64, f64)> {
    let request = load::get(path);
    let mut took = Vec::new();
    for _ in 0..SAMPLES {
        let since = Instant::now();
        let status = connection.call(&request).await?;
        took.push(since.elapsed().as_secs_f64() * 1e3);
        anyhow::ensure!(status == 200, "{path}: status {status}");
    }
    Ok((percentile(&mut took, 0.5), percentile(&mut took, 0.99)))
}
