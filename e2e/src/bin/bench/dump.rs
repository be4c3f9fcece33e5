//! Dump lines per second through phases 1 and 2, and the worker's memory, on a file of our own making.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

use e2e::stack::Stack;
use serde_json::{Value, json};

use crate::{figures::Table, times};

/// Comment lines of the file, about 1 KB each.
const LINES: u64 = 2_000_000;
const THREADS: u64 = 400;

pub(crate) async fn measure(table: &mut Table) -> anyhow::Result<()> {
    let folder = tempfile::tempdir_in(".")?;
    let path = folder.path().join("comments.ndjson");
    write_dump(&path)?;
    let source = format!("dump:{}", path.display());
    let stack = Stack::new(&[("ANALYZE_COMMENTS", &source)])?;
    let server = stack.server().await?;
    let worker = stack.worker()?;
    let api = stack.api();
    let run = api.start().await?.run_id();
    api.wait_until(run, |status| status["status"] == "completed").await?;
    let seconds = seconds_of_first_phases(&api.get(&format!("/runs/{run}")).await?.body).unwrap_or(f64::NAN);
    let rate = LINES as f64 / seconds;
    table.add(
        "dump lines through phases 1 and 2, plain NDJSON",
        format!("{rate:.0}/s"),
        ">= 150,000/s",
    );
    let peak = worker.peak_kb()? as f64 / 1024.0;
    table.add(
        "worker's peak RSS meanwhile (2 GB file)",
        format!("{peak:.0} MB"),
        "<= 300 MB",
    );
    drop(server);
    Ok(())
}

/// From the claim (the search for the newest comment included) to the end of prioritization.
fn seconds_of_first_phases(run: &Value) -> Option<f64> {
    let run = &run["data"];
    let end = run["phases"]
        .as_array()?
        .iter()
        .find(|phase| phase["key"] == "prioritization")?;
    Some(times::seconds(
        times::instant(&end["completed_at"])? - times::instant(&run["started_at"])?,
    ))
}

fn write_dump(path: &Path) -> anyhow::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let filler = "x".repeat(420);
    let words = "I bought calls on TSLA because earnings beat and revenue grows; puts expire worthless at this strike";
    for index in 0..LINES {
        let line = json!({
            "all_awardings": [], "author": format!("user{}", index % 9_973), "author_flair_text": null,
            "author_fullname": filler, "body": format!("{words} {index}"),
            "created_utc": 1_606_780_800 + index * 80_000 / LINES, "gildings": {}, "id": base36(60_000_000_000 + index),
            "is_submitter": false, "link_id": format!("t3_k{}", base36(100_000 + index * index % THREADS)),
            "parent_id": format!("t3_k{}", base36(100_000 + index * index % THREADS)), "permalink": "/r/wallstreetbets/",
            "retrieved_on": 1_606_787_242, "score": index % 97, "send_replies": true, "stickied": false,
            "subreddit": "wallstreetbets", "subreddit_id": "t5_2th52", "treatment_tags": [],
        });
        serde_json::to_writer(&mut file, &line)?;
        file.write_all(b"\n")?;
    }
    Ok(file.flush()?)
}

fn base36(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::new();
    while number > 0 {
        digits.push(char::from(DIGITS[usize::try_from(number % 36).unwrap_or(0)]));
        number /= 36;
    }
    digits.iter().rev().collect()
}
