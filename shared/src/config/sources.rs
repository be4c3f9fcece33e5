//! Which source is bound to what.
//!
//! Market, daily bars and pictures follow the comments unless they are set: the sample's with the sample, none with
//! anything else. The prices of an invented market must not come to be mixed with what real people wrote.

use std::{fmt, path::PathBuf};

use super::{ConfigError, settings::Layers};
use crate::market::calendar::{Calendar, OverrideError};

/// Where comments come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommentsKind {
    /// The synthetic sample.
    Sample,
    /// A dump: one file or a folder.
    Dump(PathBuf),
}

/// Where quotes, or daily bars, come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarketKind {
    /// Nowhere.
    None,
    /// The synthetic sample.
    Sample,
    /// A folder of recorded answers.
    Recorded(PathBuf),
}

/// Who describes pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisionKind {
    /// Nobody.
    None,
    /// The synthetic sample.
    Sample,
}

/// As it is written in the setting.
impl fmt::Display for MarketKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Sample => f.write_str("sample"),
            Self::Recorded(folder) => write!(f, "recorded:{}", folder.display()),
        }
    }
}

/// As it is written in the setting.
impl fmt::Display for VisionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Sample => "sample",
        })
    }
}

/// What the settings that follow the comments are when nobody sets them.
pub(super) const FOLLOWERS: [&str; 3] = ["ANALYZE_VISION", "ANALYZE_MARKET", "ANALYZE_DAILY"];

/// The value of the [`FOLLOWERS`] beside these comments.
pub(super) fn following(comments: &str) -> &'static str {
    if comments == "sample" { "sample" } else { "none" }
}

pub(super) fn comments(get: &Layers) -> Result<CommentsKind, ConfigError> {
    match get.text("ANALYZE_COMMENTS").split_once(':') {
        None if get.text("ANALYZE_COMMENTS") == "sample" => Ok(CommentsKind::Sample),
        Some(("dump", path)) if !path.is_empty() => Ok(CommentsKind::Dump(path.into())),
        _ => Err(get.wrong("ANALYZE_COMMENTS", "sample, or dump:PATH with a file or a folder")),
    }
}

pub(super) fn market(get: &Layers, name: &str) -> Result<MarketKind, ConfigError> {
    match (get.text(name), get.text(name).strip_prefix("recorded:")) {
        ("none", _) => Ok(MarketKind::None),
        ("sample", _) => Ok(MarketKind::Sample),
        (_, Some(folder)) if !folder.is_empty() => Ok(MarketKind::Recorded(folder.into())),
        _ => Err(get.wrong(name, "sample, recorded:DIR with a folder, or none")),
    }
}

pub(super) fn vision(get: &Layers) -> Result<VisionKind, ConfigError> {
    match get.text("ANALYZE_VISION") {
        "none" => Ok(VisionKind::None),
        "sample" => Ok(VisionKind::Sample),
        _ => Err(get.wrong("ANALYZE_VISION", "sample or none")),
    }
}

/// The calendar, with the overrides of the file if one is named.
pub(super) fn calendar(get: &Layers) -> Result<Calendar, ConfigError> {
    let path = get.text("ANALYZE_CALENDAR");
    if path.is_empty() {
        return Ok(Calendar::default());
    }
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError(format!(
            "ANALYZE_CALENDAR={path}: cannot be read: {error}; check the path and its permissions"
        ))
    })?;
    let overrides = text
        .parse()
        .map_err(|error: OverrideError| ConfigError(format!("ANALYZE_CALENDAR={path}: {error}")))?;
    Ok(Calendar::with_overrides(overrides))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn load(flags: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let flags: Vec<_> = flags
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Config::from_layers(Layers::new(&flags, &[], &[])?)
    }

    fn kinds(config: &Config) -> (&MarketKind, &MarketKind, VisionKind) {
        (&config.market, &config.daily, config.vision)
    }

    #[test]
    fn the_sample_brings_its_market() {
        let config = load(&[]).unwrap();
        assert_eq!(
            kinds(&config),
            (&MarketKind::Sample, &MarketKind::Sample, VisionKind::Sample)
        );
    }

    #[test]
    fn invented_prices_are_not_mixed_with_real_comments_unless_somebody_says_so() {
        let dump = ("ANALYZE_COMMENTS", "dump:x");
        let config = load(&[dump]).unwrap();
        assert_eq!(kinds(&config), (&MarketKind::None, &MarketKind::None, VisionKind::None));
        let config = load(&[dump, ("ANALYZE_MARKET", "sample"), ("ANALYZE_DAILY", "recorded:a b")]).unwrap();
        let recorded = MarketKind::Recorded("a b".into());
        assert_eq!(kinds(&config), (&MarketKind::Sample, &recorded, VisionKind::None));
        assert_eq!(config.daily.to_string(), "recorded:a b");
    }

    #[test]
    fn a_calendar_file_overrules_the_rules_and_a_wrong_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("calendar.txt");
        let load = || load(&[("ANALYZE_CALENDAR", path.to_str().unwrap())]);
        assert!(load().unwrap_err().to_string().contains("cannot be read"));
        std::fs::write(&path, "2026-01-06 closed # a day of mourning\n").unwrap();
        let calendar = load().unwrap().calendar;
        assert!(!calendar.is_trading_day("2026-01-06".parse().unwrap()));
        assert!(calendar.is_trading_day("2026-01-07".parse().unwrap()));
        std::fs::write(&path, "tomorrow closed\n").unwrap();
        let error = load().unwrap_err().to_string();
        assert!(
            error.starts_with("ANALYZE_CALENDAR=") && error.contains("line 1"),
            "{error}"
        );
    }

    #[test]
    fn what_follows_is_shown_as_it_takes_effect() {
        let shown = |flags| -> Vec<String> {
            let description = load(flags).unwrap().describe();
            let lines = description.lines().filter(|line| line.starts_with("ANALYZE_MARKET"));
            lines
                .map(|line| line.split_whitespace().nth(1).unwrap().to_owned())
                .collect()
        };
        assert_eq!(shown(&[]), ["sample"]);
        assert_eq!(shown(&[("ANALYZE_COMMENTS", "dump:x")]), ["none"]);
    }

    #[test]
    fn other_kinds_are_refused() {
        for (name, value) in [
            ("ANALYZE_MARKET", "recorded:"),
            ("ANALYZE_MARKET", "schwab"),
            ("ANALYZE_DAILY", "yahoo"),
            ("ANALYZE_VISION", "recorded:x"),
        ] {
            let error = load(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("expected"), "{error}");
        }
    }
}
