//! `analyze`: the command-line client of the analysis jobs.
//!
//! It knows the service by its `openapi.yaml` only: the HTTP client is generated from it. Answers go to standard
//! output, as tables or with `--json` as they came; progress and errors go to standard error.

mod api;
mod args;
mod commands;
mod days;
mod equity;
mod failure;
mod figures;
mod follow;
mod name;
mod output;
mod refusal;
mod replay;
mod server;
mod service;
mod show;
mod table;

use std::process::ExitCode;

use args::Args;
use failure::Failure;

fn main() -> ExitCode {
    let args = Args::read();
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if failure.is_news() {
                let _ = output::note(&format!("analyze: {failure}\n")); // nobody else is left to be told
            }
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(Failure::Runtime)?.block_on(commands::run(args))
}
