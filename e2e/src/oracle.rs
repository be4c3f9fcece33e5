//! The oracle: whether what is in the database shows that nothing was lost, whatever was done to the processes.
//!
//! It judges a database in which every run has ended. What was found is compared with the same days lived through
//! undisturbed; the rest must hold in any case.

use crate::{
    ledger::{self, Dump},
    stack::Stack,
};

/// What must not be there, one line each as `KIND what it is`.
const WRONG: &str = "
    select 'gap run ' || r.id || ' has ' || count(e.event_seq) || ' events of ' || r.event_seq
    from analysis_runs as r left join run_events as e on e.run_id = r.id
    group by r.id having count(e.event_seq) <> r.event_seq or coalesce(max(e.event_seq), 0) <> r.event_seq
  union all
    select 'other run ' || r.id || ' is ' || r.status || ' with ' || count(f.result_id) || ' final results'
    from analysis_runs as r left join run_results as f on f.run_id = r.id and f.kind = 'final'
    group by r.id having count(f.result_id) <> (r.status = 'completed')
  union all
    select 'other run ' || r.id || ' is ' || r.status || ' with ' || count(e.event_seq) || ' last events'
    from analysis_runs as r left join run_events as e
         on e.run_id = r.id and e.event_type in ('job.completed', 'job.failed', 'job.canceled')
    group by r.id having count(e.event_seq) <> 1 or max(e.event_type) <> 'job.' || r.status or max(e.event_seq) <> r.event_seq
  union all
    select 'other run ' || id || ' is still ' || status from analysis_runs
    where status in ('queued', 'running', 'partial')
  union all
    select 'other run ' || id || ' has a lease until ' || lease_expires_at from analysis_runs
    where lease_expires_at is not null
  union all
    select 'other run ' || run_id || ' has left a checkpoint of ' || phase_key from run_checkpoints
  union all
    select 'double position of signal ' || signal_id from positions
    group by signal_id, portfolio_id having count(*) > 1
  union all
    select 'double exit of position ' || position_id from position_exits
    group by position_id, exit_reason, triggered_at, shares_exited, contracts_exited having count(*) > 1
  union all
    select 'double exit of prediction ' || prediction_id from prediction_exits
    group by prediction_id, exit_reason, exit_date, contracts_exited having count(*) > 1
  union all
    select 'double prediction of comment ' || comment_id from predictions
    group by comment_id, ticker having count(*) > 1
  union all
    select 'double annotation of comment ' || comment_id from comment_tickers
    group by comment_id, ticker having count(*) > 1
  union all
    select 'other integrity: ' || integrity_check from pragma_integrity_check where integrity_check <> 'ok'
  union all
    select 'other reference of ' || \"table\" || ' to ' || parent from pragma_foreign_key_check";

/// What is wrong with a database; empty when all is well.
#[derive(Debug, Default)]
pub struct Findings {
    /// Tables in which it differs from the undisturbed one.
    pub differences: Vec<String>,
    /// Runs whose events have a gap.
    pub gaps: Vec<String>,
    /// Rows that stand twice.
    pub doubles: Vec<String>,
    /// Everything else.
    pub others: Vec<String>,
}

impl Findings {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.all().next().is_none()
    }

    /// Every finding.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        [&self.differences, &self.gaps, &self.doubles, &self.others]
            .into_iter()
            .flatten()
    }

    /// Fails with everything that is wrong.
    pub fn ensure_clean(&self) -> anyhow::Result<()> {
        let all: Vec<_> = self.all().map(String::as_str).collect();
        anyhow::ensure!(all.is_empty(), "{}", all.join("\n"));
        Ok(())
    }
}

/// Judges a database; `undisturbed` is what the same days leave behind when nobody disturbs them.
pub fn judge(stack: &Stack, undisturbed: Option<&Dump>) -> anyhow::Result<Findings> {
    let mut findings = Findings::default();
    for line in stack.texts(WRONG)? {
        let list = match line.split(' ').next() {
            Some("gap") => &mut findings.gaps,
            Some("double") => &mut findings.doubles,
            _ => &mut findings.others,
        };
        list.push(line);
    }
    if let Some(undisturbed) = undisturbed {
        findings.differences = ledger::differences(undisturbed, &ledger::dump(stack)?);
        findings.others.extend(ledger::wrong_books(stack)?);
    }
    Ok(findings)
}
