//! The `Prefer` header, as far as we honour it: `wait=N`.

use std::time::Duration;

use poem_openapi::registry::MetaSchema;
use serde_json::Value;

use super::constraint::Invalid;
use super::scalar::{Scalar, scalar};

/// What a client would like. Whatever is malformed is ignored, as the header's standard asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prefer {
    /// Seconds the client is ready to wait.
    pub wait: Option<u64>,
}

impl Prefer {
    /// How long to wait, at most `cap`.
    #[must_use]
    pub fn waiting(self, cap: Duration) -> Option<Duration> {
        self.wait.map(|seconds| Duration::from_secs(seconds).min(cap))
    }
}

impl Scalar for Prefer {
    const IS_LIST: bool = true;

    fn schema() -> MetaSchema {
        MetaSchema::new("string")
    }

    fn read(text: &str) -> Result<Self, Invalid> {
        let wait = text.split([',', ';']).find_map(wait_of);
        Ok(Self { wait })
    }

    fn write(&self) -> Value {
        self.wait
            .map_or(Value::Null, |seconds| format!("wait={seconds}").into())
    }
}
scalar!(Prefer);

fn wait_of(preference: &str) -> Option<u64> {
    let (name, value) = preference.split_once('=')?;
    let value = value.trim().trim_matches('"');
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    (name.trim().eq_ignore_ascii_case("wait") && digits).then(|| value.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wait_is_found_among_other_preferences_and_malformed_ones_are_ignored() {
        for (text, wait) in [
            ("wait=5", Some(5)),
            ("respond-async, wait=10", Some(10)),
            ("WAIT = 7", Some(7)),
            ("wait=\"3\"", Some(3)),
            ("wait=1, wait=2", Some(1)),
            ("wait=x, wait=2", Some(2)),
            ("wait=99999999999999999999", Some(u64::MAX)),
            ("", None),
            ("wait", None),
            ("wait=", None),
            ("wait=-1", None),
            ("wait=1.5", None),
            ("await=5", None),
        ] {
            assert_eq!(Prefer::read(text).map(|prefer| prefer.wait), Ok(wait), "{text:?}");
        }
    }

    #[test]
    fn a_long_wait_is_cut_to_the_cap() {
        let cap = Duration::from_mins(2);
        assert_eq!(Prefer { wait: Some(u64::MAX) }.waiting(cap), Some(cap));
        assert_eq!(Prefer { wait: Some(0) }.waiting(cap), Some(Duration::ZERO));
        assert_eq!(Prefer::default().waiting(cap), None);
    }
}
