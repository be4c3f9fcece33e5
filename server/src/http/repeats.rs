//! Finds a field that is given twice in one object: serde keeps the last one silently, we refuse both.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Path of the first field that an object holds twice, of JSON that has been found valid.
pub(super) fn first_repeated(json: &[u8]) -> Option<String> {
    serde_json::from_slice::<Repeated>(json).ok()?.0
}

/// A path with dots between names, and none before an index.
fn join(outer: &str, inner: &str) -> String {
    let dot = if inner.starts_with('[') { "" } else { "." };
    format!("{outer}{dot}{inner}")
}

/// The path beneath a value, if there is one.
struct Repeated(Option<String>);

impl<'de> Deserialize<'de> for Repeated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Finder).map(Self)
    }
}

struct Finder;

impl<'de> Visitor<'de> for Finder {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Option<String>, A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            let Repeated(beneath) = fields.next_value()?;
            let beneath = beneath.map(|path| join(&name, &path));
            let found = if seen.contains(&name) {
                Some(name.clone())
            } else {
                beneath
            };
            if found.is_some() {
                while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(found);
            }
            seen.insert(name);
        }
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Option<String>, A::Error> {
        let mut found = None;
        let mut at = 0_usize;
        while let Some(Repeated(beneath)) = items.next_element()? {
            found = found.or_else(|| beneath.map(|path| join(&format!("[{at}]"), &path)));
            at += 1;
        }
        Ok(found)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_unit<E: Error>(self) -> Result<Option<String>, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_given_twice_is_found_at_any_depth() {
        for (json, expected) in [
            (r#"{"a": 1, "b": [1, -2, 0.5, "a", null, true], "c": {"a": 1}}"#, None),
            (r#"{"a": 1, "b": 2, "a": 1, "b": 3}"#, Some("a")),
            (
                r#"{"a": {"b": {"c": 1, "c": 2, "d": {}}, "e": 1}, "f": 1}"#,
                Some("a.b.c"),
            ),
            (
                r#"{"a": [{"b": 1}, {"b": 1, "b": 2}, {"c": 1, "c": 2}]}"#,
                Some("a[1].b"),
            ),
            (r#"{"a": 1, "\u0061": 2}"#, Some("a")),
        ] {
            assert_eq!(first_repeated(json.as_bytes()).as_deref(), expected, "{json}");
        }
    }
}
