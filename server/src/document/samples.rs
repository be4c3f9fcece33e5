//! The sample values behind the examples.

use serde_json::{Value, json};

use super::{errors, trading};

/// Objects that are absent in examples unless a case below shows them.
pub(super) const ABSENT: [&str; 5] = [
    "details",
    "result_of_wait",
    "for_portfolio",
    "model_usage",
    "active_run",
];

pub(super) const JOB: &str = "0199d2a4-7c1e-7b3a-9f52-3c8f6f1f0a11";
const RESULT: &str = "0199d2a5-11aa-7d40-8a6e-5b2f0c9d7e22";
pub(super) const EARLIER: &str = "2026-01-05T20:00:00.000000Z";
const LATER: &str = "2026-01-05T20:01:40.250000Z";

/// The value of a property, whatever object it stands in.
pub(super) fn of_property(name: &str) -> Option<Value> {
    Some(match name {
        "run_id" | "analysis_run_id" => json!(42),
        "job_id" => json!(JOB),
        "result_id" | "requested_result_id" => json!(RESULT),
        "subreddit" => json!("wallstreetbets"),
        "timestamp" | "updated_at" | "occurred_at" | "created_at" | "market_now" => json!(LATER),
        "queued_at" => json!(EARLIER),
        "started_at" => json!("2026-01-05T20:00:00.120000Z"),
        "created_utc" => json!("2026-01-05T14:31:07.000000Z"),
        "version" => json!(env!("CARGO_PKG_VERSION")),
        "request_id" => json!("0199d2a5-2f00-7c11-b0de-9a4d5e6f7a33"),
        "phase_key" | "key" => json!("analysis"),
        "phase_label" | "label" => json!("Analyzing comments"),
        "current_phase" | "phase_index" | "number" => json!(3),
        "phase_count" => json!(8),
        "progress_current" => json!(150),
        "progress_total" => json!(500),
        "progress_percent" => json!(30),
        "worker" => json!("live"),
        "eta_seconds" => json!(230),
        "event_seq" | "last_seq" | "events_total" | "prior_7d_mentions" => json!(4),
        "event_type" => json!("job.phase_started"),
        "actor" => json!("worker"),
        "after" | "offset" | "queued" | "warnings_count" | "crashes" => json!(0),
        "Last-Event-ID" => json!("3"),
        "limit" => json!(50),
        "ticker" => json!("GME"),
        "signal_type" => json!("quality"),
        "signal_date" | "date" | "entry_date" | "exit_date" => json!("2026-01-05"),
        "prediction" | "sentiment" => json!("bullish"),
        "confidence" | "ai_confidence" => json!(0.72),
        "sentiment_score" => json!(0.61),
        "comment_count" => json!(9),
        "distinct_users" => json!(6),
        "name" | "portfolio" => json!("stocks_quality"),
        "id" => json!(7),
        "body" => json!("Earnings beat, guidance raised, and nobody talks about it."),
        "author" => json!("patient_reader"),
        "phase" => json!("paper_trading"),
        "joined" | "sarcasm_detected" => json!(false),
        "view" => json!("latest"),
        "code" => json!("INTERNAL"),
        "message" => json!("something went wrong here; the log knows this request id"),
        "exits" => json!([]),
        _ => return None,
    })
}

/// Whole samples of schemas whose fields share names with others but not their meaning.
pub(super) fn of_schema(name: &str) -> Option<Value> {
    if let Some(sample) = trading::of_schema(name) {
        return Some(sample);
    }
    Some(match name {
        "RunState" => json!("running"),
        "ResultKind" => json!("partial"),
        "Warning" => json!({
            "type": "market_hours_skipped", "message": "the market is closed; 2 qualified signals were not traded",
            "phase": 5, "timestamp": LATER, "ticker": null, "context": {"signals_affected": 2}
        }),
        "WorkerSummary" => json!({
            "id": "worker-1-4711-01KANFZ2", "host": "worker-1", "last_seen": LATER, "state": "live",
            "sources": {"comments": "sample", "language": "lexicon"}
        }),
        "WarningType" => json!("market_hours_skipped"),
        "Health" => json!({"status": "ok", "checks": null}),
        "AuthStatus" => json!({
            "status": "healthy", "warning": false, "access_token_expires_at": "2026-01-05T20:30:00.000000Z",
            "refresh_token_expires_at": "2026-01-12T20:00:00.000000Z"
        }),
        "Document" => json!({"openapi": "3.0.3"}),
        "ResultCounts" => json!({
            "posts": 10, "comments_fetched": 2140, "comments_selected": 500, "comments_annotated": 150,
            "comments_reused": 12
        }),
        "TickerSummary" => json!({
            "ticker": "GME", "mentions": 58, "bullish": 41, "bearish": 9, "neutral": 8, "sentiment_score": 0.39
        }),
        "PredictionCounts" => json!({"created": 12, "tracking": 9, "resolved": 2, "expired": 1}),
        "PortfolioValue" => json!({
            "name": "stocks_quality", "current_value": 100_080.0, "cash_available": 98_120.0
        }),
        "EventPayload" => json!({
            "phase_key": "analysis", "phase_label": "Analyzing comments", "attempt": 1, "result_id": null,
            "result_seq": null, "error_code": null, "error_message": null, "reason": null
        }),
        "RunPhase" => json!({
            "key": "analysis", "number": 3, "label": "Analyzing comments", "status": "running",
            "progress_current": 150, "progress_total": 500, "attempt": 1, "crashes": 0,
            "started_at": EARLIER, "completed_at": null, "warnings": []
        }),
        "PositionReference" => json!({"id": 11, "portfolio_id": 1, "status": "open"}),
        "PositionSummary" => json!({
            "id": 11, "portfolio": "stocks_quality", "ticker": "GME", "instrument_type": "stock",
            "direction": "long", "quantity": 80, "entry_price": 24.5, "position_size": 1960.0
        }),
        "ExitSummary" => json!({
            "position_id": 9, "portfolio": "stocks_quality", "ticker": "AMC", "exit_reason": "take_profit",
            "exit_date": "2026-01-05", "exit_price": 6.9, "quantity": 100, "realized_pnl": 90.0
        }),
        _ => return None,
    })
}

/// The last messages of an event stream.
pub(super) const STREAM: &str = "id: 15\nevent: job.completed\ndata: {\"event_seq\":15,\"event_type\":\"job.completed\",\
\"occurred_at\":\"2026-01-05T16:12:00.000000Z\",\"actor\":\"worker\",\"payload\":{\"phase_key\":null,\
\"phase_label\":null,\"attempt\":1,\"result_id\":null,\"result_seq\":null,\"error_code\":null,\
\"error_message\":null,\"reason\":null}}\n\nevent: end\ndata: {}\n\n";

/// The sample of a parameter of an operation.
pub(super) fn of_parameter(operation: &str, name: &str) -> Option<Value> {
    Some(match name {
        "status" => match operation {
            "list_positions" => json!("open"),
            "list_predictions" => json!("tracking"),
            _ => json!("completed"),
        },
        "run_id" | "analysis_run_id" => json!(42),
        "job_id" => json!(JOB),
        "result_id" => json!(RESULT),
        "signal_id" => json!(7),
        "portfolio_id" => json!(1),
        "position_id" => json!(11),
        "prediction_id" => json!(21),
        "instrument_type" => json!("stock"),
        "since" => json!(EARLIER),
        "date_from" => json!("2026-01-01"),
        "date_to" => json!("2026-01-31"),
        "Prefer" => json!("wait=5"),
        "Idempotency-Key" => json!("nightly-2026-01-05"),
        "Last-Event-ID" => json!("3"),
        "limit" => json!(50),
        "offset" | "after" => json!(0),
        "days" => json!(14),
        "subreddit" | "ticker" | "signal_type" | "view" | "author" => return of_property(name),
        "verbose" => json!(false),
        _ => return None,
    })
}

/// The sample body of an operation.
pub(super) fn of_request(operation: &str) -> Option<Value> {
    if let Some(sample) = trading::of_request(operation) {
        return Some(sample);
    }
    Some(match operation {
        "start_analysis" => json!({
            "subreddit": "wallstreetbets",
            "on_conflict": "reject",
            "options": {"async_mode": {"requested": true}, "post_limit": 10}
        }),
        "cancel_run" | "cancel_job" => json!({"reason": "no longer needed"}),
        _ => return None,
    })
}

/// Makes the example of one status tell the story of that status.
pub(super) fn adjust(operation: &str, status: &str, example: &mut Value) {
    if let Some((code, message, details)) = errors::of(operation, status) {
        example["error"] = json!({"code": code, "message": message});
        if !details.is_null() {
            example["error"]["details"] = details;
        }
        return;
    }
    trading::adjust(operation, example);
    match (operation, status) {
        ("start_analysis", "202") => {
            drop_field(example, "result");
            example["data"]["job"] = queued(example["data"]["job"].take());
        }
        ("start_analysis" | "cancel_run" | "cancel_job", _) => finish(operation, status, example),
        _ => {}
    }
}

fn drop_field(example: &mut Value, name: &str) {
    if let Some(data) = example["data"].as_object_mut() {
        data.shift_remove(name);
    }
}

fn queued(mut job: Value) -> Value {
    job["status"] = json!("queued");
    job["progress_percent"] = json!(0);
    job["partial_count"] = json!(0);
    job["attempt"] = json!(0);
    for name in ["started_at", "result_id"] {
        job[name] = Value::Null;
    }
    job["updated_at"] = json!(EARLIER);
    job
}

fn finish(operation: &str, status: &str, example: &mut Value) {
    let job = &mut example["data"]["job"];
    if operation == "start_analysis" {
        job["status"] = json!("completed");
        job["progress_percent"] = json!(100);
        job["completed_at"] = json!(LATER);
        example["data"]["result"]["result_kind"] = json!("final");
        return;
    }
    job["cancel_requested_at"] = json!(LATER);
    job["canceled_by"] = json!("anonymous");
    job["cancel_reason"] = json!("no longer needed");
    if status == "200" {
        job["status"] = json!("canceled");
        job["completed_at"] = json!(LATER);
        job["canceled_at"] = json!(LATER);
    }
}
