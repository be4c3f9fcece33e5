//! The command line.

pub mod replay;
pub mod trading;

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args as Group, CommandFactory as _, Parser, Subcommand};

use crate::api::types::{RunState, SignalType};
use crate::name::{ResultName, RunName};
use replay::Replay;
use trading::TradeQuestion;

/// Starts and follows analysis jobs, and shows what they found.
#[derive(Debug, Parser)]
#[command(
    name = "analyze",
    version,
    about,
    after_help = "Exit codes: 0 success, 1 failure, 2 wrong usage."
)]
pub struct Args {
    /// Where the server is
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "JOBS_SERVER",
        default_value = "http://127.0.0.1:8000"
    )]
    #[arg(value_parser = server_url)]
    pub server: String,
    /// API key, if the server asks for one
    #[arg(
        long,
        global = true,
        value_name = "KEY",
        env = "JOBS_API_KEY",
        hide_env_values = true
    )]
    pub key: Option<String>,
    /// Print the data of the answer as JSON, and nothing else
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// Reads the command line; wrong usage ends the program.
    #[must_use]
    pub fn read() -> Self {
        let args = Self::parse();
        if let Err(error) = args.check() {
            error.exit();
        }
        args
    }

    /// What no single argument can know: the first of two days is not after the last.
    fn check(&self) -> Result<(), clap::Error> {
        match &self.command {
            Command::Ask(Question::Replay(replay)) if replay.from > replay.to => Err(Self::command().error(
                ErrorKind::ValueValidation,
                format!("--from {} is after --to {}", replay.from, replay.to),
            )),
            _ => Ok(()),
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Something to ask a server
    #[command(flatten)]
    Ask(Question),
    /// Start a server and a worker, run one analysis of the sample or one a day, show the outcome, and stop both
    Demo(Demo),
    /// Start a server and a worker, and keep them until Ctrl-C
    Up(Up),
}

/// What to ask a server.
#[derive(Debug, Subcommand)]
pub enum Question {
    /// Start an analysis
    Start(Start),
    /// Follow a run until it ends
    Watch {
        /// Run id or job id
        run: RunName,
    },
    /// Run every weekday from one day to another, as of that day, and show what came of it
    Replay(Replay),
    /// Show where a run stands
    Status {
        /// Run id or job id
        run: RunName,
    },
    /// Show what a run found
    Result {
        /// Run id, job id or result id
        #[arg(value_name = "RUN|RESULT_ID")]
        name: ResultName,
    },
    /// List runs, newest first
    Runs(Runs),
    /// List signals, newest day first
    Signals(Signals),
    /// Show a signal with the comments behind it
    Signal {
        /// Its id
        #[arg(value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
    },
    /// Something about trades
    #[command(flatten)]
    Trade(TradeQuestion),
    /// Ask a run to end
    Cancel {
        /// Run id or job id
        run: RunName,
        /// Why, for people
        #[arg(long)]
        reason: Option<String>,
    },
    /// Show where the service stands: active runs, workers, queue
    Overview,
}

/// What to analyse, and how to go on.
#[derive(Debug, Default, Group)]
pub struct Start {
    /// Subreddit; the service's default one when absent
    #[arg(long)]
    pub subreddit: Option<String>,
    /// Analyse as if it were this time or day
    #[arg(long, value_name = "TIME")]
    pub as_of: Option<String>,
    /// Hot posts to read
    #[arg(long, value_name = "N")]
    pub posts: Option<i64>,
    /// Candidate comments per post
    #[arg(long, value_name = "N")]
    pub comments: Option<i64>,
    /// Selected comments per post
    #[arg(long, value_name = "N")]
    pub top: Option<i64>,
    /// Join the active run if it was asked the same question
    #[arg(long)]
    pub join: bool,
    /// Makes it safe to send the same request again
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// Follow the run until it ends
    #[arg(long, conflicts_with = "wait")]
    pub watch: bool,
    /// Wait silently until the run ends
    #[arg(long)]
    pub wait: bool,
}

/// Which runs to list.
#[derive(Debug, Group)]
pub struct Runs {
    /// Only runs in this state: queued, running, partial, completed, failed or canceled
    #[arg(long)]
    pub status: Option<RunState>,
    /// Only runs of this subreddit
    #[arg(long)]
    pub subreddit: Option<String>,
    /// How many
    #[arg(long, value_name = "N")]
    pub limit: Option<i64>,
}

/// Which signals to list.
#[derive(Debug, Group)]
pub struct Signals {
    /// Only signals of this ticker
    #[arg(long)]
    pub ticker: Option<String>,
    /// Only signals of this type: quality or consensus
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<SignalType>,
    /// From this day on
    #[arg(long, value_name = "DAY")]
    pub from: Option<chrono::NaiveDate>,
    /// Up to this day, inclusive
    #[arg(long, value_name = "DAY")]
    pub to: Option<chrono::NaiveDate>,
    /// How many
    #[arg(long, value_name = "N")]
    pub limit: Option<i64>,
}

/// How the demo runs.
#[derive(Debug, Group)]
pub struct Demo {
    /// How to start the processes
    #[command(flatten)]
    pub launch: Launch,
    /// Keep database and logs in this folder
    #[arg(long, value_name = "DIR")]
    pub keep: Option<PathBuf>,
    /// Live through that many weekdays, and show what the portfolios made of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=250))]
    pub days: Option<u16>,
    /// Draw the equity curve of the days into this file; equity.svg in the kept folder, or a temporary file, when absent
    #[arg(long, value_name = "FILE", requires = "days")]
    pub svg: Option<PathBuf>,
}

/// How the service runs.
#[derive(Debug, Group)]
pub struct Up {
    /// How to start the processes
    #[command(flatten)]
    pub launch: Launch,
    /// Port of the server, on 127.0.0.1
    #[arg(long, default_value_t = 8000)]
    pub port: u16,
    /// Folder of database and logs
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub data: PathBuf,
}

/// How to start server and worker.
#[derive(Debug, Group)]
pub struct Launch {
    /// Folder of analyze-server and analyze-worker; the one of this program when absent
    #[arg(long, value_name = "DIR")]
    pub bin_dir: Option<PathBuf>,
    /// A setting for both processes, may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

fn server_url(text: &str) -> Result<String, String> {
    match reqwest::Url::parse(text) {
        Ok(url) if url.scheme() == "http" && url.has_host() => Ok(text.trim_end_matches('/').to_owned()),
        Ok(url) if url.scheme() == "https" => {
            Err("this client speaks plain http only; tunnel to the server".to_owned())
        }
        _ => Err("expected a URL such as http://127.0.0.1:8000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &[&str]) -> Result<Args, clap::Error> {
        let args = Args::try_parse_from(["analyze"].iter().chain(line))?;
        args.check().map(|()| args)
    }

    #[test]
    fn the_definition_holds_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn global_flags_may_follow_the_command_and_the_url_loses_its_slash() {
        let args = parse(&["status", "7", "--json", "--server", "http://localhost:9/"]).expect("arguments");
        assert!(args.json);
        assert_eq!(args.server, "http://localhost:9");
        assert!(matches!(
            args.command,
            Command::Ask(Question::Status { run: RunName::Id(7) })
        ));
    }

    #[test]
    fn wrong_usage_is_refused_before_anything_is_asked() {
        let lines: [&[&str]; 18] = [
            &["replay", "--from", "2026-01-05"],
            &["replay", "--from", "2026-01-06", "--to", "2026-01-05"],
            &["replay", "--from", "2026-01-05", "--to", "2026-01-06", "--at", "25:00"],
            &["replay", "--from", "monday", "--to", "2026-01-06"],
            &["demo", "--days", "0"],
            &["demo", "--svg", "equity.svg"],
            &["status", "0"],
            &["start", "--watch", "--wait"],
            &["runs", "--status", "done"],
            &["signals", "--type", "loud"],
            &["signals", "--from", "yesterday"],
            &["positions", "--status", "all"],
            &["position", "0"],
            &["close", "7"],
            &["override", "7", "right"],
            &["periods"],
            &["overview", "--server", "https://example.org"],
            &["demo", "--set", "novalue"],
        ];
        for line in lines {
            let error = parse(line).expect_err("wrong usage");
            assert_eq!(error.exit_code(), 2, "{line:?}");
        }
    }
}
