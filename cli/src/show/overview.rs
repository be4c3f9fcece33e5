//! Where the service stands.

use std::fmt::Write as _;

use super::section;
use crate::api::types::{ActiveRunSummary, SystemStatus, WorkerSummary};
use crate::figures::{count, or_dash, time};
use crate::table::Table;

/// The state of the service.
#[must_use]
pub fn overview(system: &SystemStatus) -> String {
    let mut text = String::new();
    let waited = system.queue.oldest_queued_seconds;
    let waited = waited.map_or_else(String::new, |seconds| format!(", the oldest for {seconds} s"));
    let emergence = if system.emergence_active {
        "active".to_owned()
    } else {
        format!("in {}", count(system.emergence_days_remaining, "day"))
    };
    let _ = writeln!(text, "queued runs      {}{waited}", system.queue.queued);
    let _ = writeln!(
        text,
        "last completed   {}",
        or_dash(system.last_run_completed_at.map(time))
    );
    let _ = writeln!(text, "open positions   {}", system.open_position_count);
    let _ = writeln!(
        text,
        "phase            {}, emergence {emergence}",
        or_dash(Some(&system.phase))
    );
    if system.workers.iter().all(|worker| worker.state != "live") {
        text += "no worker is live: queued runs wait; start one with `make up`\n";
    }
    text += &section(
        &format!("Active runs ({})", system.active_runs.len()),
        &active(&system.active_runs),
    );
    text + &section(
        &format!("Workers ({})", system.workers.len()),
        &workers(&system.workers),
    )
}

fn active(runs: &[ActiveRunSummary]) -> Table {
    let mut table = Table::new(&["#RUN", "SUBREDDIT", "STATUS", "PHASE", "JOB"]);
    for run in runs {
        let (id, job) = (run.run_id.to_string(), run.job_id.to_string());
        table.row([
            id,
            run.subreddit.clone(),
            run.status.to_string(),
            or_dash(run.phase_label.as_ref()),
            job,
        ]);
    }
    table
}

fn workers(workers: &[WorkerSummary]) -> Table {
    let mut table = Table::new(&["WORKER", "HOST", "STATE", "LAST SEEN"]);
    for worker in workers {
        table.row([
            worker.id.clone(),
            worker.host.clone(),
            worker.state.clone(),
            time(worker.last_seen),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_without_workers_says_that_runs_wait() {
        let mut system: SystemStatus = serde_json::from_value(json!({
            "phase": "paper_trading", "emergence_active": false, "emergence_days_remaining": 7,
            "open_position_count": 0, "last_run_completed_at": null, "active_run_id": null, "active_runs": [],
            "workers": [], "queue": {"queued": 1, "oldest_queued_seconds": 12},
        }))
        .expect("a status");
        let text = overview(&system);
        assert!(text.contains("queued runs      1, the oldest for 12 s\n"), "{text}");
        assert!(
            text.contains("no worker is live") && text.contains("emergence in 7 days"),
            "{text}"
        );
        let worker = json!({"id": "w", "host": "h", "state": "live", "last_seen": "2026-01-05T20:00:00Z",
                            "sources": {}});
        system.workers.push(serde_json::from_value(worker).expect("a worker"));
        assert!(!overview(&system).contains("no worker is live"));
    }
}
