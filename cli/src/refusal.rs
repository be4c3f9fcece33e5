//! An error answer of the server as one line with its remedy.

use crate::api::types::{ActiveRun, ErrorBody, ErrorDetails};

/// Explains an error answer.
#[must_use]
pub fn explain(status: u16, body: &ErrorBody) -> String {
    let (code, message) = (&body.error.code, &body.error.message);
    let details = body.error.details.as_ref();
    match status {
        409 => details
            .and_then(|details| details.active_run.as_ref())
            .map_or_else(|| format!("{message} ({code})"), busy),
        422 => format!("the server refused a value: {message}{}", rule(details)),
        401 | 403 => format!("{message} ({code}); give a key with --key or in JOBS_API_KEY"),
        404 => format!("{message}; `analyze runs` and `analyze signals` list what there is"),
        410 => message.clone(),
        429 | 503 => format!("{message} ({code}); try again in a moment"),
        _ => format!(
            "the server answered {status} {code}: {message} (request {})",
            body.meta.request_id
        ),
    }
}

fn busy(active: &ActiveRun) -> String {
    let id = active.run_id;
    let phase = active
        .phase_label
        .as_ref()
        .map_or_else(String::new, |label| format!(" in \"{label}\""));
    format!(
        "run {id} is active already: r/{}, {}{phase} at {} %, worker {}, job {}; \
         follow it with `analyze watch {id}`, or end it with `analyze cancel {id}`",
        active.subreddit, active.status, active.progress_percent, active.worker, active.job_id
    )
}

fn rule(details: Option<&ErrorDetails>) -> String {
    let parts = details.map(|details| [("field", &details.field), ("constraint", &details.constraint)]);
    let named = parts.into_iter().flatten();
    let named = named.filter_map(|(what, value)| value.as_ref().map(|value| format!("{what} {value}")));
    let named: Vec<_> = named.collect();
    if named.is_empty() {
        String::new()
    } else {
        format!(" ({})", named.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(status: u16, error: &Value) -> String {
        let meta = json!({"timestamp": "2026-01-05T20:00:00Z", "version": "0", "request_id": "abc"});
        let body = serde_json::from_value(json!({"error": error, "meta": meta})).expect("an error body");
        explain(status, &body)
    }

    #[test]
    fn a_conflict_names_the_active_run_and_how_to_follow_it() {
        let job = "0198c0de-0000-7000-8000-000000000001";
        let active = json!({
            "run_id": 12, "job_id": job, "subreddit": "stocks", "status": "running", "phase_label": "Analysis",
            "progress_percent": 43, "started_at": null, "worker": "live",
        });
        let details = json!({"field": null, "constraint": null, "active_run": active});
        let line = told(
            409,
            &json!({"code": "ANALYSIS_ALREADY_RUNNING", "message": "busy", "details": details}),
        );
        for part in [
            "run 12",
            job,
            "r/stocks",
            "running in \"Analysis\" at 43 %",
            "analyze watch 12",
        ] {
            assert!(line.contains(part), "{part:?} is not in {line:?}");
        }
        assert!(!line.contains('\n'));
    }

    #[test]
    fn a_refused_value_is_named_with_its_rule() {
        let details = json!({"field": "options.post_limit", "constraint": "maximum"});
        let message = "options.post_limit must be at most 100";
        let line = told(
            422,
            &json!({"code": "VALIDATION_ERROR", "message": message, "details": details}),
        );
        assert_eq!(
            line,
            "the server refused a value: options.post_limit must be at most 100 \
             (field options.post_limit, constraint maximum)"
        );
    }

    #[test]
    fn a_failure_of_the_server_names_the_request_and_a_missing_key_its_flag() {
        assert!(told(500, &json!({"code": "INTERNAL", "message": "oh"})).contains("request abc"));
        assert!(told(401, &json!({"code": "UNAUTHORIZED", "message": "no key"})).contains("--key"));
        assert!(told(409, &json!({"code": "OTHER", "message": "no"})).contains("OTHER"));
    }
}
