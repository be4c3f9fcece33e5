//! `analyze-server`: reads the settings, then serves, prints the document, or prints the settings.
//!
//! Whatever prevents the start is one line on standard error with cause and remedy, and exit code 2.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;
use server::args::{Args, Command, ConfigCommand};
use server::{descriptors, document, serve};
use shared::config::Config;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("analyze-server: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(Command::Openapi) = args.command {
        return print(&document::yaml(&document::build()));
    }
    let config = Config::load(&args.settings(), args.config.as_ref())?;
    if let Some(Command::Config {
        command: ConfigCommand::Show,
    }) = args.command
    {
        return print(&config.describe());
    }
    shared::telemetry::install(&config)?;
    descriptors::take_all();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads())
        .enable_all()
        .build()?;
    Ok(runtime.block_on(serve::serve(config, args.stop_at_eof))?)
}

/// Half of the cores: a request is short, and the threads of the database and the workers want the others.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2))
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}
