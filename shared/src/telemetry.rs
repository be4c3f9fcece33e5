//! The log: one subscriber for both processes, text for people and JSON for machines, on standard error.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{Config, ConfigError, LogFormat};

/// Levels of the log, from nothing to everything.
const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Reads `RUST_LOG`. A lone word has to be a level: the library would take any other one for the name of a part of the
/// program, and be silent about all the rest.
fn filter(text: &str) -> Result<EnvFilter, ConfigError> {
    let wrong = |why: &str| {
        ConfigError(format!(
            "RUST_LOG={text}: {why}; expected a level ({}) or TARGET=LEVEL, several divided by commas",
            LEVELS.join(", ")
        ))
    };
    let is_level = |word: &str| LEVELS.iter().any(|level| level.eq_ignore_ascii_case(word));
    let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
    if let Some(word) = words
        .into_iter()
        .find(|word| !word.contains(['=', '[']) && !is_level(word))
    {
        return Err(wrong(&format!("`{word}` is no level")));
    }
    EnvFilter::try_new(text).map_err(|error| wrong(&error.to_string()))
}

/// Installs the subscriber; called once, by `main`.
pub fn install(config: &Config) -> Result<(), ConfigError> {
    let filter = filter(&config.log_filter)?;
    let json = match config.log_format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !stderr().is_terminal(),
    };
    // A line that cannot be written is lost: complaining of it on the same full disk would be a panic.
    let builder = fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .log_internal_errors(false);
    if json {
        builder.json().flatten_event(true).with_current_span(false).init();
    } else {
        builder.with_ansi(stderr().is_terminal()).init();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn a_filter_is_of_levels_and_of_targets_with_a_level() {
        for text in [
            "info",
            "WARN",
            "info,sqlx=warn",
            "worker::lease=trace",
            "warn,[run]=debug",
            "",
        ] {
            assert!(filter(text).is_ok(), "{text}");
        }
        for text in ["verbose", "info,shared", "foo=bar=baz"] {
            let error = filter(text).expect_err(text).to_string();
            assert!(
                error.starts_with("RUST_LOG=") && error.contains("expected a level"),
                "{error}"
            );
        }
    }
}
