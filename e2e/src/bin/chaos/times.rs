//! When things happened, by what the service has written down.

use chrono::{DateTime, Utc};
use e2e::figures::percentile;
use serde_json::Value;

/// When the newest event of that type occurred.
pub(crate) fn newest(events: &Value, kind: &str) -> Option<DateTime<Utc>> {
    let mut of_kind = events.as_array()?.iter().filter(|event| event["event_type"] == kind);
    of_kind.next_back()?["occurred_at"].as_str()?.parse().ok()
}

/// Seconds from `since` to the newest event of that type, if it is later.
pub(crate) fn seconds_to(events: &Value, kind: &str, since: DateTime<Utc>) -> Option<f64> {
    let span = newest(events, kind)? - since;
    (span >= chrono::TimeDelta::zero()).then(|| span.as_seconds_f64())
}

/// Median and p95 in words.
pub(crate) fn spread(samples: &mut [f64]) -> String {
    let (median, high) = (percentile(samples, 0.5), percentile(samples, 0.95));
    format!("{high:.2} s (median {median:.2} s, {} samples)", samples.len())
}
