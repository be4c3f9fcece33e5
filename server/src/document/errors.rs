//! The samples of errors: what the server says when it refuses a request of that operation.

use serde_json::{Value, json};

use super::samples::{EARLIER, JOB};
use super::trading;

/// Code, message and details.
type Sample = (&'static str, &'static str, Value);

/// The sample of a status of an operation; `None` for a success.
pub(super) fn of(operation: &str, status: &str) -> Option<Sample> {
    if let Some(error) = trading::error(operation, status) {
        return Some(error);
    }
    let plain = |code, message| (code, message, Value::Null);
    Some(match status {
        "400" => plain(
            "BAD_REQUEST",
            "the body is not JSON: EOF while parsing a value at line 1 column 1",
        ),
        "401" => plain("UNAUTHORIZED", "this key is not known"),
        "403" => plain("FORBIDDEN", "this key may read only"),
        "404" => plain("NOT_FOUND", missing(operation)),
        "409" => (
            "ANALYSIS_ALREADY_RUNNING",
            "run 42 is running and holds the single flight",
            active_run(),
        ),
        "410" => plain("GONE", "this result has passed its retention; its payload is gone"),
        "413" => plain("PAYLOAD_TOO_LARGE", "the body is larger than 64 KiB"),
        "415" => plain("UNSUPPORTED_MEDIA_TYPE", "the body must be application/json"),
        "422" => invalid(operation),
        "429" => plain("RATE_LIMITED", busy(operation)),
        "500" => plain("INTERNAL", "something went wrong here; the log knows this request id"),
        "503" => plain("DATABASE_BUSY", "the database is busy; nothing changed"),
        _ => return None,
    })
}

fn missing(operation: &str) -> &'static str {
    match operation {
        "get_job" | "cancel_job" => "there is no such job",
        "get_result" => "there is no such result",
        "get_run_result" => "there is no such result yet",
        "get_signal" | "list_signal_comments" => "there is no such signal",
        "get_position" | "close_position" => "there is no such position",
        "get_prediction" | "override_prediction" => "there is no such prediction",
        "get_prices" => "there is no such thing",
        "list_signals" | "list_evaluation_periods" => "there is no such portfolio",
        _ if operation.contains("portfolio") => "there is no such portfolio",
        _ => "there is no such run",
    }
}

fn invalid(operation: &str) -> Sample {
    let (field, rule, message) = match operation {
        "start_analysis" => (
            "options.post_limit",
            "maximum",
            "options.post_limit must be at most 100",
        ),
        "cancel_run" | "cancel_job" => ("reason", "length", "reason must have at most 500 characters"),
        "stream_run" => ("query.after", "minimum", "query.after must be at least 0"),
        "get_result" => ("query.view", "enum", "query.view must be one of latest, requested"),
        "list_portfolios" => (
            "query.subreddit",
            "pattern",
            "query.subreddit must be 2 to 21 letters, digits or underscores, no underscore first",
        ),
        "get_readyz" => ("query.verbose", "type", "query.verbose must be true or false"),
        "get_signal_history" => ("query.signal_type", "required", "query.signal_type must be given"),
        "get_prices" => ("query.days", "maximum", "query.days must be at most 90"),
        _ => ("query.limit", "maximum", "query.limit must be at most 100"),
    };
    ("VALIDATION_ERROR", message, json!({"field": field, "constraint": rule}))
}

fn busy(operation: &str) -> &'static str {
    match operation {
        "stream_run" => "too many event streams are open; poll the status instead, or try again",
        _ => "too many writes with this key; ANALYZE_RATE_LIMIT sets the limit",
    }
}

fn active_run() -> Value {
    json!({"field": null, "constraint": null, "active_run": {
        "run_id": 42, "job_id": JOB, "subreddit": "wallstreetbets", "status": "running",
        "phase_label": "Analyzing comments", "progress_percent": 30, "started_at": EARLIER, "worker": "live"
    }})
}
