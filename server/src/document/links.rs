//! Links: where the values of an answer lead. Each is an operation and the parameter that takes the value.

use serde_json::{Value, json};

/// From the answers of an operation, by a pointer into the body, to the parameter of others.
struct Link {
    from: &'static str,
    at: &'static str,
    parameter: &'static str,
    to: &'static [&'static str],
}

const fn link(from: &'static str, at: &'static str, parameter: &'static str, to: &'static [&'static str]) -> Link {
    Link {
        from,
        at,
        parameter,
        to,
    }
}

/// Operations on one run.
const RUN: &[&str] = &[
    "get_run",
    "get_run_status",
    "get_run_result",
    "list_run_events",
    "stream_run",
    "cancel_run",
];

/// Every link of the document.
const LINKS: &[Link] = &[
    link("start_analysis", "/data/run_id", "run_id", RUN),
    link(
        "start_analysis",
        "/data/job/job_id",
        "job_id",
        &["get_job", "cancel_job"],
    ),
    link("list_runs", "/data/0/run_id", "run_id", RUN),
    link("get_run_status", "/data/job_id", "job_id", &["get_job", "cancel_job"]),
    link("get_run_status", "/data/result_id", "result_id", &["get_result"]),
    link("get_job", "/data/job/result_id", "result_id", &["get_result"]),
    link(
        "list_signals",
        "/data/0/id",
        "signal_id",
        &["get_signal", "list_signal_comments"],
    ),
    link(
        "list_portfolios",
        "/data/0/id",
        "portfolio_id",
        &[
            "get_portfolio",
            "get_portfolio_history",
            "list_evaluation_periods",
            "list_positions",
            "list_signals",
        ],
    ),
    link(
        "list_positions",
        "/data/0/id",
        "position_id",
        &["get_position", "close_position"],
    ),
    link(
        "list_predictions",
        "/data/0/id",
        "prediction_id",
        &["get_prediction", "override_prediction"],
    ),
];

/// Adds them to every answer that went well.
pub(super) fn add(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (_, item) in paths {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            let links = of(&id);
            if links.as_object().is_none_or(serde_json::Map::is_empty) {
                continue;
            }
            for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                if status.starts_with('2') {
                    response["links"] = links.clone();
                }
            }
        }
    }
}

fn of(operation: &str) -> Value {
    let mut links = json!({});
    for link in LINKS.iter().filter(|link| link.from == operation) {
        for to in link.to {
            links[to] = json!({
                "operationId": to,
                "parameters": {link.parameter: format!("$response.body#{}", link.at)},
            });
        }
    }
    links
}
