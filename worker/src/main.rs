//! `analyze-worker`: executes queued runs, or annotates texts from standard input.

use std::{io, path::PathBuf, process::ExitCode, time::Duration};

use anyhow::Context as _;
use chrono::NaiveDate;
use clap::{Parser, Subcommand};
use shared::{
    config::Config,
    market::calendar::{Calendar, Session},
    stop::Requests,
    telemetry,
};
use tokio_util::sync::CancellationToken;
use worker::{
    annotate::{self, AnnotateError},
    panic, phases,
    record::{self, RecordArgs},
    service, sweeper,
};

/// Executes analysis runs from the queue.
#[derive(Debug, Parser)]
#[command(name = "analyze-worker", version)]
struct Args {
    /// A settings file with NAME=value lines.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// A setting, over environment and file; may be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair, global = true)]
    set: Vec<(String, String)>,
    /// Short for `--set DATABASE_URL=URL`.
    #[arg(long, value_name = "URL", global = true)]
    database: Option<String>,
    /// Stop as at SIGTERM when standard input ends: nothing is left behind by a starter that dies.
    #[arg(long)]
    stop_at_eof: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Execute runs (the default).
    Run,
    /// Annotate texts: {id, text} a line on standard input, an annotation a line on standard output.
    Annotate,
    /// Write what the sample's market would answer into a folder for `ANALYZE_MARKET=recorded:DIR`.
    Record(RecordArgs),
    /// Remove now what has passed its retention (a running worker does so every ten minutes).
    Prune {
        /// Only count what would go.
        #[arg(long)]
        dry_run: bool,
    },
    /// The exchange's sessions: day, opening and close in UTC, a line each, with the overrides of `ANALYZE_CALENDAR`.
    Calendar {
        /// First day.
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: NaiveDate,
        /// Last day.
        #[arg(long, value_name = "YYYY-MM-DD")]
        to: NaiveDate,
    },
    /// Settings.
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigAction {
    /// Every setting with its value and where it came from; secrets are redacted.
    Show,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("expected NAME=VALUE, found `{text}`"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn main() -> ExitCode {
    let args = Args::parse();
    match start(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("analyze-worker: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn start(args: Args) -> anyhow::Result<()> {
    let mut flags = args.set;
    flags.extend(args.database.map(|url| ("DATABASE_URL".to_owned(), url)));
    let command = args.command.unwrap_or(Command::Run);
    if matches!(command, Command::Annotate) {
        return annotate_standard_input();
    }
    if let Command::Record(args) = &command {
        println!("{}", record::record(args)?);
        return Ok(());
    }
    let config = Config::load(&flags, args.config.as_ref())?;
    if matches!(command, Command::Config { .. }) {
        print!("{}", config.describe());
        return Ok(());
    }
    if let Command::Calendar { from, to } = command {
        print!("{}", sessions(&config.calendar, from, to));
        return Ok(());
    }
    telemetry::install(&config)?;
    panic::install_hook();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime")?;
    match command {
        Command::Prune { dry_run } => print!("{}", runtime.block_on(sweeper::prune_once(&config, dry_run))?),
        _ => runtime.block_on(run(&config, args.stop_at_eof))?,
    }
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(())
}

fn sessions(calendar: &Calendar, from: NaiveDate, to: NaiveDate) -> String {
    let days = from.iter_days().take_while(|day| *day <= to);
    let line = |day: NaiveDate| {
        let Session { open, close, .. } = calendar.session(day)?;
        Some(format!("{day} {} {}\n", open.format("%FT%RZ"), close.format("%FT%RZ")))
    };
    days.filter_map(line).collect()
}

/// A reader that has seen enough and closes the pipe is no failure.
fn annotate_standard_input() -> anyhow::Result<()> {
    match annotate::annotate(io::stdin().lock(), io::stdout().lock()) {
        Err(AnnotateError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}

async fn run(config: &Config, stop_at_eof: bool) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let mut requests = Requests::listen(stop_at_eof).context("no signal handler")?;
    let asked = stop.clone();
    tokio::spawn(async move {
        requests.next().await;
        asked.cancel();
        requests.next().await;
        tracing::warn!("asked to end a second time: ending at once; leases expire by themselves");
        std::process::exit(1);
    });
    service::run(config, phases::registry(), stop).await?;
    Ok(())
}
