//! The command line: flags become settings, the rest is a choice of what to do.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Serves the HTTP interface of the analysis jobs.
#[derive(Debug, Parser)]
#[command(name = "analyze-server", version, about)]
pub struct Args {
    /// File with settings, one NAME=VALUE a line
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// A setting; wins over environment and file, may be repeated
    #[arg(long = "set", global = true, value_name = "NAME=VALUE", value_parser = setting)]
    pub set: Vec<(String, String)>,
    /// Address to listen on; short for `--set ANALYZE_LISTEN=ADDR`
    #[arg(long, global = true, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Database; short for `--set DATABASE_URL=URL`
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// Stop as at SIGTERM when standard input ends: nothing is left behind by a starter that dies
    #[arg(long)]
    pub stop_at_eof: bool,
    /// What to do; serves when absent
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Command {
    /// Serve until SIGTERM
    Serve,
    /// Print the OpenAPI document as YAML
    Openapi,
    /// Look at the settings
    Config {
        /// What to do with them
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

/// What to do with the settings.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting with its value and where it came from; secrets are redacted
    Show,
}

impl Args {
    /// The settings given as flags.
    #[must_use]
    pub fn settings(&self) -> Vec<(String, String)> {
        let short = |name: &str, value: &Option<String>| Some((name.to_owned(), value.clone()?));
        let shorts = [
            short("ANALYZE_LISTEN", &self.listen),
            short("DATABASE_URL", &self.database),
        ];
        self.set.iter().cloned().chain(shorts.into_iter().flatten()).collect()
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_flags_are_settings_and_serving_is_the_default() {
        let line = [
            "analyze-server",
            "--listen",
            "127.0.0.1:0",
            "--set",
            "ANALYZE_CHUNK=5",
            "--database",
            "sqlite://x.db",
        ];
        let args = Args::try_parse_from(line).expect("arguments");
        let expected = [
            ("ANALYZE_CHUNK", "5"),
            ("ANALYZE_LISTEN", "127.0.0.1:0"),
            ("DATABASE_URL", "sqlite://x.db"),
        ];
        assert_eq!(
            args.settings(),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert!(args.command.is_none());
        assert!(Args::try_parse_from(["analyze-server", "--set", "novalue"]).is_err());
    }
}
