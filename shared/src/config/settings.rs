//! The table of names, and the layers their values come from.

use std::{collections::BTreeMap, fmt::Write as _, str::FromStr, time::Duration};

use super::{ConfigError, parse_duration, sources};

/// One name of the contract.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Name in the environment, in files and after `--set`.
    pub name: &'static str,
    /// Value when nobody sets it.
    pub default: &'static str,
    /// Never shown.
    pub secret: bool,
    /// What it does.
    pub help: &'static str,
}

const fn setting(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting {
        name,
        default,
        secret: false,
        help,
    }
}

/// Every setting of every process.
pub const SETTINGS: &[Setting] = &[
    setting("DATABASE_URL", "sqlite://data/analyze.db", "where everything is stored"),
    setting(
        "ASYNC_JOBS_STORE_FILE",
        "",
        "a path, short for DATABASE_URL=sqlite://PATH",
    ),
    setting("ANALYZE_LISTEN", "127.0.0.1:8000", "address of the server"),
    Setting {
        name: "ANALYZE_API_KEYS",
        default: "",
        secret: true,
        help: "name:right:sha256hex, comma-separated",
    },
    setting("ANALYZE_API_KEYS_FILE", "", "the same, one a line"),
    setting(
        "ANALYZE_TRUST_NETWORK",
        "off",
        "allow another address than loopback without keys",
    ),
    setting("ANALYZE_ALLOWED_HOSTS", "", "Host values served beside loopback ones"),
    setting("ANALYZE_CORS_ORIGINS", "", "origins that browsers may call from"),
    setting(
        "ANALYZE_RATE_LIMIT",
        "",
        "N/D writes per key, for example 600/60s, or off",
    ),
    setting("ANALYZE_SYNC_MAX", "120s", "longest wait of a request"),
    setting(
        "ANALYZE_REQUEST_TIMEOUT",
        "30s",
        "longest time a request may take to arrive",
    ),
    setting("ANALYZE_MAX_STREAMS", "100", "open event streams"),
    setting("ANALYZE_BUSY_TIMEOUT", "5s", "wait for the database's write lock"),
    setting(
        "ANALYZE_SINGLE_FLIGHT",
        "global",
        "one active run in all (global) or per subreddit",
    ),
    setting("ANALYZE_LEASE", "15s", "how long a silent worker keeps its run"),
    setting("ANALYZE_LEASE_RENEW", "5s", "how often a worker renews"),
    setting(
        "ANALYZE_SOFT_LIMIT",
        "30m",
        "execution time after which a run is called slow",
    ),
    setting("ANALYZE_HARD_LIMIT", "60m", "execution time after which a run fails"),
    setting(
        "ANALYZE_PHASE_GRACE",
        "10m",
        "time a phase has to return after the hard limit",
    ),
    setting("ANALYZE_MAX_CRASHES", "3", "crashes in one phase that end a run"),
    setting("ANALYZE_ORPHAN_TTL", "60m", "time without a worker that ends a run"),
    setting("ANALYZE_CHUNK", "100", "annotated comments per partial result"),
    setting("ANALYZE_WORKER_SLOTS", "1", "runs a worker executes side by side"),
    setting(
        "ANALYZE_WAKE_FALLBACK",
        "1s",
        "look for work this often even without a signal",
    ),
    setting(
        "ANALYZE_SQLITE_SYNCHRONOUS",
        "full",
        "full survives power loss; normal is faster",
    ),
    setting(
        "ANALYZE_RETAIN_RESULTS",
        "90d",
        "age at which final results go; off keeps them",
    ),
    setting("ANALYZE_RETAIN_PARTIALS", "14d", "age at which partial results go"),
    setting("ANALYZE_RETAIN_EVENTS", "30d", "age at which events go"),
    setting("ANALYZE_RETAIN_QUEUE", "7d", "age at which finished queue rows go"),
    setting("ANALYZE_COMMENTS", "sample", "sample, or dump:PATH"),
    setting("ANALYZE_LANGUAGE", "lexicon", "lexicon"),
    setting(
        "ANALYZE_VISION",
        "",
        "sample or none; unset: sample with sample comments, else none",
    ),
    setting(
        "ANALYZE_MARKET",
        "",
        "sample, recorded:DIR or none; unset: as ANALYZE_VISION",
    ),
    setting(
        "ANALYZE_CALENDAR",
        "",
        "a file of days on which the exchange does not follow its rules",
    ),
    setting(
        "ANALYZE_DAILY",
        "",
        "sample, recorded:DIR or none; unset: as ANALYZE_VISION",
    ),
    setting(
        "ANALYZE_SUBREDDIT",
        "wallstreetbets",
        "subreddit of a request that names none",
    ),
    setting(
        "ANALYZE_SAMPLE_LATENCY",
        "0",
        "delay per call of a sample source, to watch it",
    ),
    setting("ANALYZE_LOG_FORMAT", "auto", "auto, json or text"),
    setting("RUST_LOG", "info", "filter of the log"),
    #[cfg(feature = "faults")]
    setting("ANALYZE_FAULT", "", "POINT.MOMENT#N: die there, the n-th time"),
    #[cfg(feature = "faults")]
    setting(
        "ANALYZE_FAULT_CLOCK",
        "",
        "a file with the seconds by which the clock is ahead",
    ),
];

/// The value of every setting and the layer that gave it.
#[derive(Clone)]
pub struct Layers {
    values: BTreeMap<&'static str, (String, &'static str)>,
}

impl std::fmt::Debug for Layers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Layers")
    }
}

impl Layers {
    /// Lays flags over environment over file over defaults. An empty value counts as not set.
    pub fn new(
        flags: &[(String, String)],
        environment: &[(String, String)],
        file: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let mut values: BTreeMap<_, _> = SETTINGS
            .iter()
            .map(|s| (s.name, (s.default.to_owned(), "default")))
            .collect();
        for (layer, pairs) in [("file", file), ("environment", environment), ("flag", flags)] {
            for (name, value) in pairs {
                let Some(setting) = SETTINGS.iter().find(|s| s.name == name) else {
                    if layer != "environment" || name.starts_with("ANALYZE_") {
                        return Err(unknown(name, layer));
                    }
                    continue;
                };
                if !value.trim().is_empty() {
                    values.insert(setting.name, (value.trim().to_owned(), layer));
                }
            }
        }
        let following = sources::following(&values["ANALYZE_COMMENTS"].0);
        for name in sources::FOLLOWERS {
            let follower = values.entry(name).or_default();
            if follower.0.is_empty() {
                *follower = (following.to_owned(), "default");
            }
        }
        Ok(Self { values })
    }

    /// The value as written; empty when it has none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |(value, _)| value.as_str())
    }

    /// Whether somebody set it.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|(_, layer)| *layer != "default")
    }

    /// The value parsed, or an error that says what it should be.
    pub(super) fn parse<T: FromStr>(&self, name: &str, expected: &str) -> Result<T, ConfigError> {
        self.text(name).parse().map_err(|_| self.wrong(name, expected))
    }

    pub(super) fn duration(&self, name: &str) -> Result<Duration, ConfigError> {
        parse_duration(self.text(name)).ok_or_else(|| self.wrong(name, "a duration such as 500ms, 3s or 30m"))
    }

    pub(super) fn limit(&self, name: &str) -> Result<Option<Duration>, ConfigError> {
        if self.text(name) == "off" {
            return Ok(None);
        }
        parse_duration(self.text(name))
            .map(Some)
            .ok_or_else(|| self.wrong(name, "a duration such as 3s, 30m or 90d, or off"))
    }

    /// The one-line refusal of a value.
    pub(super) fn wrong(&self, name: &str, expected: &str) -> ConfigError {
        let secret = SETTINGS.iter().any(|s| s.name == name && s.secret);
        let value = if secret { "<redacted>" } else { self.text(name) };
        let layer = self.values.get(name).map_or("default", |(_, layer)| layer);
        ConfigError(format!("{name}={value} (from {layer}): expected {expected}"))
    }

    pub(super) fn describe(&self) -> String {
        let mut text = String::new();
        for setting in SETTINGS {
            let (value, layer) = &self.values[setting.name];
            let shown = match (setting.secret && !value.is_empty(), setting.name) {
                (true, _) => "<redacted>".to_owned(),
                (false, "DATABASE_URL") => without_password(value),
                _ => value.clone(),
            };
            let _ = writeln!(text, "{:<28} {:<32} # {layer}; {}", setting.name, shown, setting.help);
        }
        text
    }
}

fn unknown(name: &str, layer: &str) -> ConfigError {
    let nearest = SETTINGS
        .iter()
        .map(|s| s.name)
        .min_by_key(|known| distance(known, name));
    let hint = nearest
        .map(|known| format!("; did you mean {known}?"))
        .unwrap_or_default();
    ConfigError(format!(
        "unknown setting {name} (from {layer}){hint} `config show` lists all names"
    ))
}

/// Levenshtein distance, for the hint.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let next = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://<redacted>@{host}"),
        None => url.to_owned(),
    }
}
