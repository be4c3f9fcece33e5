//! `make chaos`: real processes over real files, killed, stopped, starved and locked, and judged by the oracle.
//!
//! A theme is one kind of fault. Most of them are trials: a day of the sample, disturbed, after which the database must
//! be that of an undisturbed history. What a theme measures stands in one table at the end; a database in which the
//! oracle finds something stays where it is, and the exit code is 1. The seed is printed: with it, the same is drawn.

mod boundaries;
mod clock;
mod crashes;
mod detection;
mod disk;
mod everything;
mod kills;
mod lock;
mod pair;
mod posts;
mod races;
mod restarts;
mod rivals;
mod scene;
mod streams;
mod stress;
mod times;
mod trials;
mod twin;
mod zombies;

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use e2e::figures::Table;

/// What a theme is given, and where its figures go.
pub(crate) struct Plan {
    /// Trials of a theme.
    pub(crate) trials: usize,
    /// What the draws follow from.
    pub(crate) seed: u64,
    /// Length of the stress.
    pub(crate) stress: Duration,
    /// Figures.
    pub(crate) table: Table,
    /// Databases in which the oracle found something.
    pub(crate) failed: usize,
}

/// Faults over real processes and files.
#[derive(Debug, Parser)]
struct Args {
    /// Trials of each theme of trials; zombies take half of them, slow themes a tenth
    #[arg(long, default_value_t = 20)]
    trials: usize,
    /// What the draws follow from
    #[arg(long)]
    seed: Option<u64>,
    /// Length of the stress in seconds
    #[arg(long, default_value_t = 60)]
    stress: u64,
    /// Themes; all of them when none is named
    themes: Vec<String>,
}

/// Every theme.
const THEMES: [&str; 15] = [
    "kills",
    "boundaries",
    "posts",
    "everything",
    "zombies",
    "pair",
    "detection",
    "restarts",
    "crashes",
    "races",
    "streams",
    "clock",
    "lock",
    "disk",
    "stress",
];

async fn run(theme: &str, plan: &mut Plan) -> anyhow::Result<()> {
    match theme {
        "kills" => kills::run(plan).await,
        "boundaries" => boundaries::run(plan).await,
        "posts" => posts::run(plan).await,
        "everything" => everything::run(plan).await,
        "zombies" => zombies::run(plan).await,
        "pair" => pair::run(plan).await,
        "detection" => detection::run(plan).await,
        "restarts" => restarts::run(plan).await,
        "crashes" => crashes::run(plan).await,
        "races" => races::run(plan).await,
        "streams" => streams::run(plan).await,
        "clock" => clock::run(plan).await,
        "lock" => lock::run(plan).await,
        "disk" => disk::run(plan).await,
        "stress" => stress::run(plan).await,
        unknown => anyhow::bail!("there is no theme `{unknown}`; there are {}", THEMES.join(" ")),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let seed = args
        .seed
        .unwrap_or_else(|| shared::clock::now().timestamp_micros().unsigned_abs() % 1_000_000);
    eprintln!("seed {seed}");
    let mut plan = Plan {
        trials: args.trials,
        seed,
        stress: Duration::from_secs(args.stress),
        table: Table::default(),
        failed: 0,
    };
    let themes: Vec<_> = if args.themes.is_empty() {
        THEMES.iter().map(ToString::to_string).collect()
    } else {
        args.themes
    };
    for theme in themes {
        eprintln!("{theme}");
        if let Err(error) = run(&theme, &mut plan).await {
            eprintln!("{theme} broke off: {error:#}");
            plan.failed += 1;
        }
    }
    plan.table.print();
    if plan.failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} failed, seed {seed}", plan.failed);
    Ok(ExitCode::FAILURE)
}
