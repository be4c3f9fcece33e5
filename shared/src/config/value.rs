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

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Read only.
    Read,
    /// Read and write.
    Write,
}

/// A key that clients may present.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Who it belongs to.
    pub name: String,
    /// What it may do.
    pub right: Right,
    /// SHA-256 of the key, lower-case hex.
    pub sha256: String,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiKey({}, {:?})", self.name, self.right)
    }
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

pub(super) fn api_keys(get: &Layers) -> Result<Vec<ApiKey>, ConfigError> {
    let mut keys = list(get, "ANALYZE_API_KEYS")
        .iter()
        .map(|entry| api_key(entry).ok_or_else(|| get.wrong("ANALYZE_API_KEYS", KEY_FORM)))
        .collect::<Result<Vec<_>, _>>()?;
    let path = get.text("ANALYZE_API_KEYS_FILE");
    if !path.is_empty() {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError(format!("ANALYZE_API_KEYS_FILE={path}: cannot be read: {error}")))?;
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if !line.is_empty() && !line.starts_with('#') {
                let wrong = || {
                    ConfigError(format!(
                        "ANALYZE_API_KEYS_FILE={path}:{}: expected {KEY_FORM}",
                        index + 1
                    ))
                };
                keys.push(api_key(line).ok_or_else(wrong)?);
            }
        }
        if keys.is_empty() {
            return Err(ConfigError(format!(
                "ANALYZE_API_KEYS_FILE={path}: holds no key; expected {KEY_FORM}"
            )));
        }
    }
    Ok(keys)
}

const KEY_FORM: &str = "name:read|write:SHA-256 of the key in 64 hex digits";

fn api_key(entry: &str) -> Option<ApiKey> {
    let mut parts = entry.split(':');
    let (name, right, sha256) = (parts.next()?, parts.next()?, parts.next()?);
    let right = match right {
        "read" => Right::Read,
        "write" => Right::Write,
        _ => return None,
    };
    let hex = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
    (parts.next().is_none() && !name.is_empty() && hex).then(|| ApiKey {
        name: name.to_owned(),
        right,
        sha256: sha256.to_ascii_lowercase(),
    })
}

pub(super) fn list(get: &Layers, name: &str) -> Vec<String> {
    get.text(name)
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Values of the Host header: a name or an address, with a port or without.
pub(super) fn hosts(get: &Layers) -> Result<Vec<String>, ConfigError> {
    let name = "ANALYZE_ALLOWED_HOSTS";
    let hosts = list(get, name);
    if hosts.iter().all(|host| is_host(host)) {
        Ok(hosts)
    } else {
        Err(get.wrong(
            name,
            "names or addresses such as box.lan or box.lan:8000, without scheme and path",
        ))
    }
}

fn is_host(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return address.parse::<std::net::Ipv6Addr>().is_ok() && is_port;
    }
    let (name, port) = text
        .split_once(':')
        .map_or((text, None), |(name, port)| (name, Some(port)));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    !name.is_empty() && name.bytes().all(plain) && port.is_none_or(is_port)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
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

/// `ANALYZE_FAULT` and `ANALYZE_FAULT_CLOCK`.
#[cfg(feature = "faults")]
pub(super) fn faults(get: &Layers) -> Result<crate::faults::FaultPlan, ConfigError> {
    let death = get
        .is_set("ANALYZE_FAULT")
        .then(|| get.parse("ANALYZE_FAULT", "a place such as unit.committed#3"));
    let clock = get
        .is_set("ANALYZE_FAULT_CLOCK")
        .then(|| get.text("ANALYZE_FAULT_CLOCK").into());
    Ok(crate::faults::FaultPlan {
        death: death.transpose()?,
        clock,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{CommentsKind, Config};

    fn load(flags: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
        };
        Config::from_layers(Layers::new(&owned(flags), &owned(environment), &[])?)
    }

    #[test]
    fn defaults_need_no_key_and_no_network() {
        let config = load(&[], &[]).unwrap();
        assert_eq!(config.comments, CommentsKind::Sample);
        assert_eq!(config.listen.to_string(), "127.0.0.1:8000");
        assert_eq!(config.hard_limit, Some(Duration::from_hours(1)));
        assert!(config.rate_limit.is_none());
    }

    #[test]
    fn a_flag_beats_the_environment() {
        let config = load(&[("ANALYZE_CHUNK", "7")], &[("ANALYZE_CHUNK", "8"), ("HOME", "/x")]).unwrap();
        assert_eq!(config.chunk.get(), 7);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_nearest_known_one() {
        let error = load(&[], &[("ANALYZE_LISTEM", "x")]).unwrap_err().to_string();
        assert!(
            error.contains("ANALYZE_LISTEM") && error.contains("did you mean ANALYZE_LISTEN"),
            "{error}"
        );
    }

    #[test]
    fn fault_points_are_known_to_programs_that_have_them_and_to_no_others() {
        let asked = [("ANALYZE_FAULT", "unit.committed#3")];
        assert_eq!(load(&[], &asked).is_ok(), cfg!(feature = "faults"));
        assert!(load(&[], &[("ANALYZE_FAULT", "unit.committed")]).is_err());
    }

    #[test]
    fn a_wrong_value_is_refused_with_what_was_expected() {
        for (name, value) in [
            ("ANALYZE_LISTEN", "8000"),
            ("ANALYZE_SOFT_LIMIT", "soon"),
            ("ANALYZE_SOFT_LIMIT", "0"),
            ("ANALYZE_HARD_LIMIT", "0s"),
            ("ANALYZE_ALLOWED_HOSTS", "http://x"),
            ("ANALYZE_ALLOWED_HOSTS", "box.lan,x/path"),
            ("ANALYZE_ALLOWED_HOSTS", "x:http"),
            ("ANALYZE_ALLOWED_HOSTS", "x:0"),
            ("ANALYZE_ALLOWED_HOSTS", "::1"),
            ("ANALYZE_ALLOWED_HOSTS", "[box]:80"),
            ("ANALYZE_MAX_CRASHES", "0"),
            ("ANALYZE_REQUEST_TIMEOUT", "0"),
            ("ANALYZE_COMMENTS", "dump:"),
            ("ANALYZE_COMMENTS", "reddit"),
            ("ANALYZE_LEASE", "6s"),
            ("ANALYZE_SUBREDDIT", "_x"),
            ("ANALYZE_RATE_LIMIT", "0/1s"),
            ("DATABASE_URL", "mysql://x"),
            ("ANALYZE_API_KEYS", "me:admin:00"),
        ] {
            let error = load(&[], &[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("expected"), "{error}");
        }
    }

    #[test]
    fn hosts_are_names_and_addresses_with_a_port_or_without() {
        let config = load(
            &[("ANALYZE_ALLOWED_HOSTS", "box.lan, a_b-c:8000,10.0.0.1,[fe80::1]:80")],
            &[],
        )
        .unwrap();
        assert_eq!(config.allowed_hosts.len(), 4);
        assert_eq!(load(&[("ANALYZE_HARD_LIMIT", "off")], &[]).unwrap().hard_limit, None);
    }

    #[test]
    fn a_key_never_shows() {
        let hash = "a".repeat(64);
        let config = load(&[], &[("ANALYZE_API_KEYS", &format!("me:write:{hash}"))]).unwrap();
        assert_eq!(config.api_keys[0].right, Right::Write);
        assert!(!config.describe().contains(&hash) && !format!("{config:?}").contains(&hash));
        assert_eq!(
            config.rate_limit,
            Some(RateLimit {
                count: 600,
                window: Duration::from_mins(1)
            })
        );
    }

    #[test]
    fn two_names_for_the_database_are_one_too_many() {
        let both = [("DATABASE_URL", "sqlite://a.db"), ("ASYNC_JOBS_STORE_FILE", "b.db")];
        assert!(load(&[], &both).unwrap_err().to_string().contains("keep one"));
        let file = load(&[], &both[1..]).unwrap();
        assert_eq!(file.database, DatabaseUrl::Sqlite("b.db".into()));
    }
}
