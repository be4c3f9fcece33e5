//! One run: that it started, where it stands, how it ended, what it met.

use std::fmt::Write as _;

use super::section;
use crate::api::types::{CancelResult, Run, RunPhase, RunState, StartedAnalysis, Warning};
use crate::figures;
use crate::table::Table;

/// The answer to a start.
#[must_use]
pub fn started(started: &StartedAnalysis) -> String {
    let (id, job) = (started.run_id, &started.job);
    let verb = if started.joined { "joined" } else { "started" };
    format!(
        "{verb} run {id} ({}, job {})\nfollow it with `analyze watch {id}`\n",
        job.status, job.job_id
    )
}

/// The answer to a request to cancel.
#[must_use]
pub fn canceled(result: &CancelResult) -> String {
    let id = result.run_id;
    match (result.accepted, result.job.status) {
        (true, RunState::Canceled) => format!("run {id} is canceled\n"),
        (true, _) => format!("run {id} is asked to end; follow it with `analyze watch {id}`\n"),
        (false, state) => format!("run {id} had ended before: {state}\n"),
    }
}

/// How a run ended, in a line.
#[must_use]
pub fn outcome(run: &Run) -> String {
    let id = run.run_id;
    let length = run
        .started_at
        .zip(run.completed_at)
        .map(|(from, to)| figures::span(to - from));
    let length = length.map_or_else(String::new, |length| format!(" after {length}"));
    match run.status {
        RunState::Failed => format!("run {id} failed{length}: {}\n", failure(run)),
        state => format!("run {id} of r/{} {state}{length}{}\n", run.subreddit, findings(run)),
    }
}

fn failure(run: &Run) -> String {
    let message = run.error_message.as_deref().unwrap_or("no message");
    let code = run.error_code.as_deref().unwrap_or("unknown");
    let advice = match run.retry_hint.as_deref() {
        Some("retry_with_backoff") => "; it may pass: start it again in a while",
        Some("check_input_and_retry") => "; check the request and the settings before starting it again",
        _ => "",
    };
    format!("{message} ({code}){advice}")
}

fn findings(run: &Run) -> String {
    let found = [
        (run.signals_created, "signal"),
        (run.positions_opened, "position"),
        (run.exits_triggered, "exit"),
    ];
    let found = found
        .into_iter()
        .filter_map(|(number, what)| Some(figures::count(number?, what)));
    let found: Vec<_> = found.collect();
    if found.is_empty() {
        String::new()
    } else {
        format!(": {}", found.join(", "))
    }
}

/// Where a run stands, with its phases.
#[must_use]
pub fn status(run: &Run) -> String {
    let mut text = if super::super::follow::has_ended(run.status) {
        outcome(run)
    } else {
        let eta = run
            .eta_seconds
            .map_or_else(String::new, |seconds| format!(", about {seconds} s to go"));
        let worker = &run.worker;
        format!(
            "run {} of r/{} {}, {} %, worker {worker}{eta}\n",
            run.run_id, run.subreddit, run.status, run.progress_percent
        )
    };
    let _ = write!(text, "  job {}  queued {}", run.job_id, figures::time(run.queued_at));
    let _ = writeln!(
        text,
        "  attempt {}  result {}",
        run.attempt,
        figures::or_dash(run.result_id)
    );
    text + &section("Phases", &phases(&run.phases)) + &warnings(&warnings_of(run))
}

fn phases(phases: &[RunPhase]) -> Table {
    let mut table = Table::new(&["#NO", "PHASE", "STATUS", "#UNITS", "#TIME", "#WARNINGS"]);
    for phase in phases {
        let length = phase
            .started_at
            .zip(phase.completed_at)
            .map(|(from, to)| figures::span(to - from));
        table.row([
            phase.number.to_string(),
            phase.label.clone(),
            phase.status.clone(),
            format!("{}/{}", phase.progress_current, phase.progress_total),
            figures::or_dash(length),
            phase.warnings.len().to_string(),
        ]);
    }
    table
}

/// The warnings of a run: the final ones, or those its phases have met so far.
#[must_use]
pub fn warnings_of(run: &Run) -> Vec<Warning> {
    let so_far = || run.phases.iter().flat_map(|phase| phase.warnings.clone()).collect();
    run.warnings.clone().unwrap_or_else(so_far)
}

/// Warnings as a table; nothing when there are none.
#[must_use]
pub fn warnings(warnings: &[Warning]) -> String {
    let mut table = Table::new(&["TYPE", "#PHASE", "TICKER", "MESSAGE"]);
    for warning in warnings {
        table.row([
            warning.type_.to_string(),
            warning.phase.to_string(),
            figures::or_dash(warning.ticker.as_ref()),
            figures::clip(&warning.message, 90),
        ]);
    }
    section(&format!("Warnings ({})", warnings.len()), &table)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::follow::samples;

    #[test]
    fn a_completed_run_says_how_long_it_took_and_what_it_found() {
        let mut run = samples::change(100).run;
        run.status = RunState::Completed;
        run.completed_at = run.started_at.map(|at| at + chrono::TimeDelta::milliseconds(8_300));
        (run.signals_created, run.positions_opened) = (Some(3), Some(1));
        assert_eq!(
            outcome(&run),
            "run 1 of r/stocks completed after 8.3 s: 3 signals, 1 position\n"
        );
    }

    #[test]
    fn a_failed_run_says_why_and_what_to_do() {
        let mut run = samples::change(40).run;
        run.status = RunState::Failed;
        run.error_code = Some("timeout".into());
        run.error_message = Some("Pipeline exceeded 60-minute timeout".into());
        run.retry_hint = Some("retry_with_backoff".into());
        let line = outcome(&run);
        assert!(
            line.starts_with("run 1 failed: Pipeline exceeded 60-minute timeout (timeout); it may pass"),
            "{line}"
        );
    }

    #[test]
    fn an_active_run_shows_its_phases_and_the_warnings_so_far() {
        let text = status(&samples::change(40).run);
        assert!(
            text.starts_with("run 1 of r/stocks running, 40 %, worker live\n"),
            "{text}"
        );
        let rows: Vec<String> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert!(rows.iter().any(|row| row == "2 Phase 2 running 3/12 - 0"), "{text}");
        assert!(
            text.contains("Warnings (1)") && text.contains("market_hours_skipped"),
            "{text}"
        );
    }
}
