//! Reading settings out of their texts: by key, within bounds, or a default where a key is absent.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Display,
    hash::BuildHasher,
    ops::RangeInclusive,
    str::FromStr,
};

use super::BadKey;

/// The stored texts by key.
pub(super) struct Values<'a>(BTreeMap<&'a str, &'a str>);

impl<'a> Values<'a> {
    pub(super) fn of<S: BuildHasher>(stored: &'a HashMap<String, String, S>) -> Self {
        let trimmed = stored.iter().map(|(key, value)| (key.as_str(), value.trim()));
        Self(trimmed.collect())
    }

    /// Refuses unless all the keys are there.
    pub(super) fn demand(&self, keys: &[&str]) -> Result<(), BadKey> {
        keys.iter().try_for_each(|key| self.text(key).map(drop))
    }

    /// The value of a required key.
    pub(super) fn read<T: FromStr>(&self, key: &str) -> Result<T, BadKey> {
        let text = self.text(key)?;
        text.parse()
            .map_err(|_| BadKey(format!("the value `{text}` of `{key}` cannot be read")))
    }

    /// The value of a required key, which must lie in a range.
    pub(super) fn within<T: FromStr + PartialOrd + Display>(
        &self,
        key: &str,
        range: RangeInclusive<T>,
    ) -> Result<T, BadKey> {
        let value = self.read(key)?;
        if range.contains(&value) {
            return Ok(value);
        }
        let (text, start, end) = (self.text(key)?, range.start(), range.end());
        Err(BadKey(format!(
            "the value `{text}` of `{key}` must lie in {start}..={end}"
        )))
    }

    /// The value of an optional key, which must lie in a range; the default when it is absent.
    pub(super) fn or<T: FromStr + PartialOrd + Display>(
        &self,
        key: &str,
        default: T,
        range: RangeInclusive<T>,
    ) -> Result<T, BadKey> {
        if self.0.contains_key(key) {
            self.within(key, range)
        } else {
            Ok(default)
        }
    }

    fn text(&self, key: &str) -> Result<&'a str, BadKey> {
        self.0
            .get(key)
            .copied()
            .ok_or_else(|| BadKey(format!("the key `{key}` is missing; insert it again with a value")))
    }
}

/// Refuses bounds that cross: the value of the first key must not exceed that of the second.
pub(super) fn ordered<T: PartialOrd + Display>(low: (&str, T), high: (&str, T)) -> Result<(), BadKey> {
    if low.1 <= high.1 {
        return Ok(());
    }
    let ((low_key, low), (high_key, high)) = (low, high);
    Err(BadKey(format!(
        "`{low_key}` ({low}) must not exceed `{high_key}` ({high})"
    )))
}
