//! Lists of runs.

use crate::api::types::RunSummaryPage;
use crate::figures::{count, or_dash, span, time};
use crate::table::Table;

/// A page of runs.
#[must_use]
pub fn runs(page: &RunSummaryPage) -> String {
    if page.data.is_empty() {
        return "no runs; start one with `analyze start`\n".to_owned();
    }
    let mut table = Table::new(&[
        "#RUN",
        "SUBREDDIT",
        "STATUS",
        "#DONE",
        "QUEUED",
        "#TIME",
        "#WARNINGS",
        "ERROR",
    ]);
    for run in &page.data {
        table.row([
            run.run_id.to_string(),
            run.subreddit.clone(),
            run.status.to_string(),
            format!("{} %", run.progress_percent),
            time(run.queued_at),
            or_dash(run.started_at.zip(run.completed_at).map(|(from, to)| span(to - from))),
            run.warnings_count.to_string(),
            or_dash(run.error_code.as_ref()),
        ]);
    }
    format!("{table}  {} of {}\n", page.data.len(), count(page.meta.total, "run"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_that_goes_on_has_no_length_yet() {
        let meta = json!({"timestamp": "2026-01-05T20:00:00Z", "version": "0", "request_id": "r", "total": 1,
                          "limit": 50, "offset": 0});
        let run = json!({"run_id": 4, "job_id": "0198c0de-0000-7000-8000-000000000001", "subreddit": "stocks",
                         "status": "running", "phase_label": null, "progress_percent": 7, "warnings_count": 0,
                         "error_code": null, "queued_at": "2026-01-05T20:00:00Z",
                         "started_at": "2026-01-05T20:00:00Z", "completed_at": null});
        let page = serde_json::from_value(json!({"data": [run], "meta": meta})).expect("a page");
        let text = runs(&page);
        assert!(
            text.contains("    4  stocks     running   7 %  2026-01-05 20:00:00Z     -         0  -\n"),
            "{text}"
        );
        assert!(text.ends_with("  1 of 1 run\n"), "{text}");
    }
}
