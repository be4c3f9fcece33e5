//! The types of single settings and how they are read.

use std::{path::PathBuf, time::Duration};

use super::{ConfigError, parse_duration, settings::Layers};
use crate::run::request::is_subreddit_name;

/// Where the database lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An embedded file.
    Sqlite(PathBuf),
}

/// `synchronous` of SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// A commit survives power loss.
    Full,
    /// A commit survives the process, perhaps not power loss.
    Normal,
}

/// What may be active once only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SingleFlight {
    /// One run in the whole system.
    Global,
    /// One run per subreddit.
    Subreddit,
}

impl SingleFlight {
    /// The scope of a run on that subreddit.
    #[must_use]
    pub fn scope(self, subreddit: &str) -> &str {
        match self {
            Self::Global => "global",
            Self::Subreddit => subreddit,
        }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// JSON unless standard error is a terminal.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// At most `count` writes in `window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Writes.
    pub count: u32,
    /// Window.
    pub window: Duration,
}

pub(super) fn database(get: &Layers) -> Result<DatabaseUrl, ConfigError> {
    let (file, url) = ("ASYNC_JOBS_STORE_FILE", "DATABASE_URL");
    if get.is_set(file) {
        if get.is_set(url) {
            return Err(ConfigError(format!("{file} and {url} are both set: keep one of them")));
        }
        return Ok(DatabaseUrl::Sqlite(get.text(file).into()));
    }
    match get.text(url).strip_prefix("sqlite://") {
        Some(path) if !path.is_empty() && !path.contains([':', '?']) => Ok(DatabaseUrl::Sqlite(path.into())),
        _ => Err(get.wrong(url, "sqlite://PATH with the path of a file")),
    }
}

pub(super) fn list(get: &Layers, name: &str) -> Vec<String> {
    get.text(name)
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A limit of execution time. 0 would end every run before its first phase, and is not how a limit is turned off.
pub(super) fn execution_limit(get: &Layers, name: &str) -> Result<Option<Duration>, ConfigError> {
    match get.limit(name)? {
        Some(Duration::ZERO) => Err(get.wrong(name, "a duration above 0 such as 30m, or off")),
        limit => Ok(limit),
    }
}

pub(super) fn switch(get: &Layers, name: &str) -> Result<bool, ConfigError> {
    match get.text(name) {
        "1" | "on" | "true" => Ok(true),
        "0" | "off" | "false" => Ok(false),
        _ => Err(get.wrong(name, "on or off")),
    }
}

pub(super) fn rate_limit(get: &Layers) -> Result<Option<RateLimit>, ConfigError> {
    let name = "ANALYZE_RATE_LIMIT";
    let keys = get.is_set("ANALYZE_API_KEYS") || get.is_set("ANALYZE_API_KEYS_FILE");
    let text = match get.text(name) {
        "" if keys => "600/60s",
        "" | "off" => return Ok(None),
        text => text,
    };
    text.split_once('/')
        .and_then(|(count, window)| {
            let limit = RateLimit {
                count: count.parse().ok()?,
                window: parse_duration(window)?,
            };
            (limit.count > 0 && !limit.window.is_zero()).then_some(limit)
        })
        .map(Some)
        .ok_or_else(|| get.wrong(name, "N/D such as 600/60s, or off"))
}

pub(super) fn single_flight(get: &Layers) -> Result<SingleFlight, ConfigError> {
    match get.text("ANALYZE_SINGLE_FLIGHT") {
        "global" => Ok(SingleFlight::Global),
        "subreddit" => Ok(SingleFlight::Subreddit),
        _ => Err(get.wrong("ANALYZE_SINGLE_FLIGHT", "global or subreddit")),
    }
}

pub(super) fn lease(get: &Layers) -> Result<Duration, ConfigError> {
    let (lease, renew) = (get.duration("ANALYZE_LEASE")?, get.duration("ANALYZE_LEASE_RENEW")?);
    if renew.is_zero() || lease < renew * 2 {
        return Err(get.wrong("ANALYZE_LEASE", "at least twice ANALYZE_LEASE_RENEW, which is above 0"));
    }
    Ok(lease)
}

pub(super) fn request_timeout(get: &Layers) -> Result<Duration, ConfigError> {
    let longest = get.duration("ANALYZE_REQUEST_TIMEOUT")?;
    if longest < Duration::from_millis(100) {
        return Err(get.wrong("ANALYZE_REQUEST_TIMEOUT", "a duration of at least 100ms"));
    }
    Ok(longest)
}

pub(super) fn wake_fallback(get: &Layers) -> Result<Duration, ConfigError> {
    let fallback = get.duration("ANALYZE_WAKE_FALLBACK")?;
    if fallback < Duration::from_millis(10) {
        return Err(get.wrong("ANALYZE_WAKE_FALLBACK", "a duration of at least 10ms"));
    }
    Ok(fallback)
}

pub(super) fn synchronous(get: &Layers) -> Result<Synchronous, ConfigError> {
    match get.text("ANALYZE_SQLITE_SYNCHRONOUS") {
        "full" => Ok(Synchronous::Full),
        "normal" => Ok(Synchronous::Normal),
        _ => Err(get.wrong("ANALYZE_SQLITE_SYNCHRONOUS", "full or normal")),
    }
}

pub(super) fn one_of(get: &Layers, name: &str, known: &[&str]) -> Result<String, ConfigError> {
    let text = get.text(name);
    if known.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(get.wrong(name, &known.join(" or ")))
    }
}

pub(super) fn subreddit(get: &Layers) -> Result<String, ConfigError> {
    let name = get.text("ANALYZE_SUBREDDIT").to_lowercase();
    if is_subreddit_name(&name) {
        return Ok(name);
    }
    Err(get.wrong(
        "ANALYZE_SUBREDDIT",
        "2 to 21 letters, digits and underscores, not starting with an underscore",
    ))
}

pub(super) fn log_format(get: &Layers) -> Result<LogFormat, ConfigError> {
    match get.text("ANALYZE_LOG_FORMAT") {
        "auto" => Ok(LogFormat::Auto),
        "json" => Ok(LogFormat::Json),
        "text" => Ok(LogFormat::Text),
        _ => Err(get.wrong("ANALYZE_LOG_FORMAT", "auto, json or text")),
    }
}
