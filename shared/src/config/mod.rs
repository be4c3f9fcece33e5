//! Settings: one table of names, read from flags, environment, file and defaults, in this order.
//!
//! Every process accepts every name of [`SETTINGS`]; any other `ANALYZE_*` is an error that names it. Values are
//! parsed once, at start; what is wrong is said in one line with the setting, its value and what would be right.
//! Secrets are redacted by [`Config::describe`].

mod duration;
#[cfg(feature = "faults")]
mod faults;
mod file;
mod hosts;
mod keys;
#[cfg(test)]
mod properties;
mod settings;
mod sources;
#[cfg(test)]
mod tests;
mod value;

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

pub use duration::parse_duration;
pub use keys::{ApiKey, Right};
pub use settings::{Layers, SETTINGS, Setting};
pub use sources::{CommentsKind, MarketKind, VisionKind};
pub use value::{DatabaseUrl, LogFormat, RateLimit, SingleFlight, Synchronous};

use crate::market::calendar::Calendar;

/// What is wrong with the settings, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// Every setting, parsed. Durations that may be off are `None` then.
#[derive(Debug, Clone)]
pub struct Config {
    /// `DATABASE_URL`, or `ASYNC_JOBS_STORE_FILE`.
    pub database: DatabaseUrl,
    /// `ANALYZE_LISTEN`.
    pub listen: SocketAddr,
    /// `ANALYZE_API_KEYS` and `ANALYZE_API_KEYS_FILE` together.
    pub api_keys: Vec<ApiKey>,
    /// `ANALYZE_TRUST_NETWORK`.
    pub trust_network: bool,
    /// `ANALYZE_ALLOWED_HOSTS`.
    pub allowed_hosts: Vec<String>,
    /// `ANALYZE_CORS_ORIGINS`.
    pub cors_origins: Vec<String>,
    /// `ANALYZE_RATE_LIMIT`; `None` is off.
    pub rate_limit: Option<RateLimit>,
    /// `ANALYZE_SYNC_MAX`.
    pub sync_max: Duration,
    /// `ANALYZE_REQUEST_TIMEOUT`.
    pub request_timeout: Duration,
    /// `ANALYZE_MAX_STREAMS`.
    pub max_streams: u32,
    /// `ANALYZE_BUSY_TIMEOUT`.
    pub busy_timeout: Duration,
    /// `ANALYZE_SINGLE_FLIGHT`.
    pub single_flight: SingleFlight,
    /// `ANALYZE_LEASE`.
    pub lease: Duration,
    /// `ANALYZE_LEASE_RENEW`.
    pub lease_renew: Duration,
    /// `ANALYZE_SOFT_LIMIT`.
    pub soft_limit: Option<Duration>,
    /// `ANALYZE_HARD_LIMIT`.
    pub hard_limit: Option<Duration>,
    /// `ANALYZE_PHASE_GRACE`.
    pub phase_grace: Option<Duration>,
    /// `ANALYZE_MAX_CRASHES`.
    pub max_crashes: NonZeroU32,
    /// `ANALYZE_ORPHAN_TTL`.
    pub orphan_ttl: Option<Duration>,
    /// `ANALYZE_CHUNK`.
    pub chunk: NonZeroU32,
    /// `ANALYZE_WORKER_SLOTS`.
    pub worker_slots: NonZeroU32,
    /// `ANALYZE_WAKE_FALLBACK`.
    pub wake_fallback: Duration,
    /// `ANALYZE_SQLITE_SYNCHRONOUS`.
    pub synchronous: Synchronous,
    /// `ANALYZE_RETAIN_RESULTS`.
    pub retain_results: Option<Duration>,
    /// `ANALYZE_RETAIN_PARTIALS`.
    pub retain_partials: Option<Duration>,
    /// `ANALYZE_RETAIN_EVENTS`.
    pub retain_events: Option<Duration>,
    /// `ANALYZE_RETAIN_QUEUE`.
    pub retain_queue: Option<Duration>,
    /// `ANALYZE_COMMENTS`.
    pub comments: CommentsKind,
    /// `ANALYZE_LANGUAGE`.
    pub language: String,
    /// `ANALYZE_VISION`.
    pub vision: VisionKind,
    /// `ANALYZE_MARKET`.
    pub market: MarketKind,
    /// `ANALYZE_DAILY`.
    pub daily: MarketKind,
    /// `ANALYZE_CALENDAR`: the exchange's calendar, corrected by that file.
    pub calendar: Calendar,
    /// `ANALYZE_SUBREDDIT`.
    pub subreddit: String,
    /// `ANALYZE_SAMPLE_LATENCY`.
    pub sample_latency: Duration,
    /// `ANALYZE_LOG_FORMAT`.
    pub log_format: LogFormat,
    /// `RUST_LOG`.
    pub log_filter: String,
    /// `ANALYZE_FAULT` and `ANALYZE_FAULT_CLOCK`.
    #[cfg(feature = "faults")]
    pub faults: crate::faults::FaultPlan,
    layers: Layers,
}

impl Config {
    /// Settings given on the command line, over those of the environment, over those of `file`, over the defaults.
    pub fn load(flags: &[(String, String)], file: Option<&PathBuf>) -> Result<Self, ConfigError> {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
            .collect::<Vec<_>>();
        let file = file.map(|path| file::read(path)).transpose()?.unwrap_or_default();
        Self::from_layers(Layers::new(flags, &environment, &file)?)
    }

    /// Parses what the layers say.
    pub fn from_layers(layers: Layers) -> Result<Self, ConfigError> {
        let get = &layers;
        Ok(Self {
            database: value::database(get)?,
            listen: get.parse("ANALYZE_LISTEN", "an address with a port, for example 127.0.0.1:8000")?,
            api_keys: keys::api_keys(get)?,
            trust_network: value::switch(get, "ANALYZE_TRUST_NETWORK")?,
            allowed_hosts: hosts::hosts(get)?,
            cors_origins: value::list(get, "ANALYZE_CORS_ORIGINS"),
            rate_limit: value::rate_limit(get)?,
            sync_max: get.duration("ANALYZE_SYNC_MAX")?,
            request_timeout: value::request_timeout(get)?,
            max_streams: get.parse("ANALYZE_MAX_STREAMS", "a whole number")?,
            busy_timeout: get.duration("ANALYZE_BUSY_TIMEOUT")?,
            single_flight: value::single_flight(get)?,
            lease: value::lease(get)?,
            lease_renew: get.duration("ANALYZE_LEASE_RENEW")?,
            soft_limit: value::execution_limit(get, "ANALYZE_SOFT_LIMIT")?,
            hard_limit: value::execution_limit(get, "ANALYZE_HARD_LIMIT")?,
            phase_grace: get.limit("ANALYZE_PHASE_GRACE")?,
            max_crashes: get.parse("ANALYZE_MAX_CRASHES", "a whole number above 0")?,
            orphan_ttl: get.limit("ANALYZE_ORPHAN_TTL")?,
            chunk: get.parse("ANALYZE_CHUNK", "a whole number above 0")?,
            worker_slots: get.parse("ANALYZE_WORKER_SLOTS", "a whole number above 0")?,
            wake_fallback: value::wake_fallback(get)?,
            synchronous: value::synchronous(get)?,
            retain_results: get.limit("ANALYZE_RETAIN_RESULTS")?,
            retain_partials: get.limit("ANALYZE_RETAIN_PARTIALS")?,
            retain_events: get.limit("ANALYZE_RETAIN_EVENTS")?,
            retain_queue: get.limit("ANALYZE_RETAIN_QUEUE")?,
            comments: sources::comments(get)?,
            language: value::one_of(get, "ANALYZE_LANGUAGE", &["lexicon"])?,
            vision: sources::vision(get)?,
            market: sources::market(get, "ANALYZE_MARKET")?,
            daily: sources::market(get, "ANALYZE_DAILY")?,
            calendar: sources::calendar(get)?,
            subreddit: value::subreddit(get)?,
            sample_latency: get.duration("ANALYZE_SAMPLE_LATENCY")?,
            log_format: value::log_format(get)?,
            log_filter: get.text("RUST_LOG").to_owned(),
            #[cfg(feature = "faults")]
            faults: faults::faults(get)?,
            layers,
        })
    }

    /// Every setting with its value and where it came from, one a line; secrets are redacted.
    #[must_use]
    pub fn describe(&self) -> String {
        self.layers.describe()
    }
}
