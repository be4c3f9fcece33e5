//! `/metrics`: where the service stands, for Prometheus.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use poem::{IntoResponse, Response};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, OpenApi};
use shared::store::overview::{self, Overview};
use shared::store::{processes, runs};

use crate::app::App;
use crate::http::reply::{Fail, Operation};
use crate::system::SILENT;
use crate::tags::Tags;

/// Media type of the text format.
const TEXT: &str = "text/plain; version=0.0.4";

/// `GET /metrics`
pub struct GetMetrics;
impl Operation for GetMetrics {
    const ERRORS: &'static [u16] = &[];
}

/// Metrics in Prometheus' text format.
pub struct Metrics(String);

impl IntoResponse for Metrics {
    fn into_response(self) -> Response {
        Response::builder().content_type(TEXT).body(self.0)
    }
}

impl ApiResponse for Metrics {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The metrics, a line each.",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "text/plain",
                    schema: String::schema_ref(),
                }],
                headers: Vec::new(),
            }],
        }
    }

    fn register(_: &mut Registry) {}
}

/// The operation.
pub struct MetricsApi(pub App);

#[OpenApi(tag = "Tags::System")]
impl MetricsApi {
    /// Get metrics
    ///
    /// Prometheus text format: runs by status, the queue and how long its oldest run waits, workers that live, open
    /// positions, open event streams.
    #[oai(path = "/metrics", method = "get", operation_id = "get_metrics")]
    async fn get_metrics(&self) -> Result<Metrics, Fail<GetMetrics>> {
        let mut conn = self.0.store.read().await?;
        let now = shared::clock::now();
        let figures = overview::figures(&mut conn).await?;
        let by_status = runs::count_by_status(&mut conn).await?;
        let workers = processes::list(&mut conn).await?;
        let live = workers.iter().filter(|worker| now - worker.last_seen <= SILENT).count();
        let streams = self.0.max_streams.saturating_sub(self.0.streams.available_permits());
        Ok(Metrics(text(&figures, &by_status, [live, streams], now)))
    }
}

fn text(figures: &Overview, by_status: &[(String, i64)], [live, streams]: [usize; 2], now: DateTime<Utc>) -> String {
    let mut page = Page::default();
    page.gauge("analyze_runs", "Runs by status.");
    for (status, count) in by_status {
        page.line(&format!("analyze_runs{{status=\"{status}\"}}"), *count);
    }
    let waited = figures
        .oldest_queued_at
        .map_or(0, |since| (now - since).num_seconds().max(0));
    let completed = figures.last_completed_at.map_or(0, |at| at.timestamp());
    for (name, help, value) in [
        (
            "analyze_queue_oldest_seconds",
            "Seconds the oldest queued run has waited.",
            waited,
        ),
        (
            "analyze_last_completed_timestamp_seconds",
            "End of the newest completed run; 0 when there is none.",
            completed,
        ),
        (
            "analyze_open_positions",
            "Open positions of all portfolios.",
            figures.open_positions,
        ),
        (
            "analyze_workers_live",
            "Workers heard of within the last 30 seconds.",
            count(live),
        ),
        (
            "analyze_streams_open",
            "Open event streams of this server.",
            count(streams),
        ),
    ] {
        page.gauge(name, help);
        page.line(name, value);
    }
    page.0
}

fn count(items: usize) -> i64 {
    i64::try_from(items).unwrap_or(i64::MAX)
}

/// A page of metrics; writing to a String never fails.
#[derive(Default)]
struct Page(String);

impl Page {
    fn gauge(&mut self, name: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    fn line(&mut self, name: &str, value: i64) {
        let _ = writeln!(self.0, "{name} {value}");
    }
}
