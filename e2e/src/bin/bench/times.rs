//! How long something took, by what the service itself has written down.

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use e2e::client::Api;
use serde_json::Value;

/// An instant as the API writes it.
pub(crate) fn instant(value: &Value) -> Option<DateTime<Utc>> {
    value.as_str()?.parse().ok()
}

/// A span in seconds.
pub(crate) fn seconds(span: TimeDelta) -> f64 {
    span.as_seconds_f64()
}

/// From the first event of one type to the first of another, on a page of events.
pub(crate) fn between(events: &Value, from: &str, to: &str) -> Option<f64> {
    let at = |kind: &str| {
        let mut of_kind = events.as_array()?.iter().filter(|event| event["event_type"] == kind);
        instant(&of_kind.next()?["occurred_at"])
    };
    Some(seconds(at(to)? - at(from)?))
}

/// The phases of a completed run and the seconds that each took, in their order.
pub(crate) async fn phases(api: &Api, run: i64) -> anyhow::Result<Vec<(String, f64)>> {
    let answer = api.get(&format!("/runs/{run}")).await?;
    let took = |phase: &Value| {
        let (start, end) = (instant(&phase["started_at"])?, instant(&phase["completed_at"])?);
        Some((phase["key"].as_str()?.to_owned(), seconds(end - start)))
    };
    let phases = answer.data()["phases"].as_array().context("a run without phases")?;
    let phases = phases.iter().map(took).collect::<Option<_>>();
    phases.with_context(|| format!("run {run} has not passed all phases"))
}
