//! The real store beside the model: takes the same steps over two stores, as two processes would, and compares.

use std::collections::BTreeMap;

use proptest::{prop_assert, prop_assert_eq, test_runner::TestCaseError};
use shared::{
    clock,
    run::{ids::RunId, state::RunStatus},
    store::{Store, StoreError, claim::RunningRun, fence::Fence},
};

use super::{
    model::{Model, Outcome, Prediction, chosen},
    run_model::Lease,
    seen::{Seen, look},
    steps::{Back, Step},
};
use crate::fixture::Fixture;

/// Tables that describe a run, and the expression of its key.
const TABLES: [(&str, &str); 6] = [
    ("analysis_runs", "id"),
    ("run_phases", "run_id"),
    ("run_checkpoints", "run_id"),
    ("run_events", "run_id"),
    ("run_results", "run_id"),
    ("Jobs", "job ->> '$.run_id'"),
];

/// Every row of every run, to the byte, by run.
type Bytes = BTreeMap<String, String>;

/// A claim as the store gave it.
pub(super) struct Claim {
    pub(super) fence: Fence,
    pub(super) running: Option<RunningRun>,
}

/// The database and what is known of it.
pub(crate) struct World<'a> {
    pub(super) fixture: &'a Fixture,
    stores: [&'a Store; 2],
    bytes_sql: &'a str,
    pub(super) model: Model,
    pub(super) ids: Vec<RunId>,
    pub(super) claims: Vec<Claim>,
    seen: Vec<Seen>,
    bytes: Bytes,
}

/// The statement that reads [`Bytes`]: key, blank, row.
pub(crate) async fn bytes_sql(fixture: &Fixture) -> String {
    let mut parts = Vec::new();
    for (table, key) in TABLES {
        let columns = format!("select 'quote(\"' || name || '\")' from pragma_table_info('{table}')");
        let columns = fixture.texts(&columns).await.join(" || '|' || ");
        parts.push(format!("select {key} || ' {table} ' || {columns} as line from {table}"));
    }
    format!("{} order by line", parts.join(" union all "))
}

/// Removes every run, as if the database were new.
pub(crate) async fn clear(fixture: &Fixture) {
    let tables = [
        "run_events",
        "run_results",
        "run_checkpoints",
        "run_phases",
        "analysis_runs",
        "Jobs",
    ];
    for table in tables.into_iter().chain(["worker_processes"]) {
        fixture.execute(&format!("delete from {table}")).await.unwrap();
    }
}

impl<'a> World<'a> {
    pub(crate) fn new(fixture: &'a Fixture, other: &'a Store, bytes_sql: &'a str) -> Self {
        Self {
            fixture,
            stores: [&fixture.store, other],
            bytes_sql,
            model: Model::default(),
            ids: Vec::new(),
            claims: Vec::new(),
            seen: Vec::new(),
            bytes: Bytes::new(),
        }
    }

    /// How many runs there are.
    pub(crate) fn runs(&self) -> usize {
        self.ids.len()
    }

    /// The store of a worker's process.
    pub(super) const fn store(&self, worker: usize) -> &'a Store {
        self.stores[worker % 2]
    }

    pub(super) fn run(&self, back: Back) -> Option<usize> {
        chosen(back, self.ids.len())
    }

    pub(super) fn number(&self, id: RunId) -> usize {
        self.ids.iter().position(|known| *known == id).expect("a run of ours")
    }

    /// Takes a step in both and compares; yields what became of it.
    pub(crate) async fn step(&mut self, step: Step) -> Result<Outcome, TestCaseError> {
        let lease = self.lease_of(step);
        // The names that workers have before the step; a death gives them new ones.
        let names = [0, 1, 2].map(|worker| self.model.name(worker));
        let Prediction { outcome, touched } = self.model.step(step);
        let names = match step {
            Step::Arrive { .. } => [0, 1, 2].map(|worker| self.model.name(worker)),
            _ => names,
        };
        let actual = if outcome == Outcome::Skipped {
            Outcome::Skipped
        } else {
            self.take(step, &names, lease)
                .await
                .map_err(|error| TestCaseError::fail(format!("{step:?}: {error:?}")))?
        };
        prop_assert_eq!(&actual, &outcome, "{:?}", step);
        self.compare(step, &touched).await?;
        Ok(outcome)
    }

    fn lease_of(&self, step: Step) -> Option<Lease> {
        match step {
            Step::Expire { run, .. } => self.run(run).map(|run| self.model.runs[run].lease),
            _ => None,
        }
    }

    /// What was touched is as the model says; everything else is as it was.
    async fn compare(&mut self, step: Step, touched: &[usize]) -> Result<(), TestCaseError> {
        let bytes = self.read_bytes().await;
        for run in 0..self.ids.len() {
            if touched.contains(&run) {
                self.compare_run(step, run).await?;
            } else {
                let key = self.ids[run].to_string();
                prop_assert_eq!(
                    bytes.get(&key),
                    self.bytes.get(&key),
                    "{:?} left a trace in run {}",
                    step,
                    run
                );
            }
        }
        prop_assert_eq!(bytes.len(), self.ids.len(), "{:?}: rows of a run nobody knows", step);
        self.bytes = bytes;
        Ok(())
    }

    async fn compare_run(&mut self, step: Step, run: usize) -> Result<(), TestCaseError> {
        let seen = look(self.fixture, self.ids[run])
            .await
            .map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        prop_assert_eq!(&seen, &self.model.runs[run].seen, "{:?}, run {}", step, run);
        if let Some(before) = self.seen.get_mut(run) {
            check_step(before, &seen)?;
            *before = seen;
        } else {
            self.seen.push(seen);
        }
        Ok(())
    }

    async fn read_bytes(&self) -> Bytes {
        let mut bytes = Bytes::new();
        for line in self.fixture.texts(self.bytes_sql).await {
            let (run, row) = line.split_once(' ').expect("key and row");
            let all = bytes.entry(run.to_owned()).or_default();
            all.push_str(row);
            all.push('\n');
        }
        bytes
    }

    /// Lets a lease run out, as the clock would.
    pub(super) async fn let_expire(&self, run: usize, long_ago: bool, lease: Option<Lease>) -> Result<(), StoreError> {
        let id = self.ids[run];
        let minutes = match (long_ago, lease) {
            (true, _) => 61,
            (false, Some(Lease::Live)) => 1,
            _ => return Ok(()),
        };
        let at = clock::now() - chrono::Duration::minutes(minutes);
        let at = at.to_rfc3339_opts(chrono::SecondsFormat::Micros, false);
        let sql = format!(
            "update analysis_runs set updated_at = '{at}',
                 lease_expires_at = case when lease_expires_at is null then null else '{at}' end
             where id = {id}"
        );
        self.fixture.execute(&sql).await?;
        Ok(())
    }

    /// What must hold of the database whatever the model says.
    pub(crate) async fn check(&self) -> Result<(), TestCaseError> {
        for (rule, sql) in [
            (
                "one active run a scope",
                "select count(*) from (select scope from analysis_runs
                where status in ('queued', 'running', 'partial') group by scope having count(*) > 1)",
            ),
            (
                "a run without its queue row",
                "select count(*) from analysis_runs
                where id not in (select job ->> '$.run_id' from Jobs)",
            ),
            (
                "finals as completed runs",
                "select count(*) from analysis_runs as run where (status = 'completed') <> (
                select count(*) from run_results where run_id = run.id and kind = 'final')",
            ),
            (
                "events without a gap",
                "select count(*) from analysis_runs as run where event_seq <> (
                select count(*) from run_events where run_id = run.id)
                and exists (select 1 from run_events where run_id = run.id)",
            ),
            (
                "checkpoints of ended runs",
                "select count(*) from run_checkpoints where run_id in (
                select id from analysis_runs where status in ('completed', 'failed', 'canceled'))",
            ),
        ] {
            prop_assert_eq!(self.fixture.count(sql).await, 0, "{}", rule);
        }
        for (run, id) in self.ids.iter().enumerate() {
            let sql = format!("update analysis_runs set updated_at = updated_at where id = {id}");
            let ended = self.model.runs[run].seen.status.is_terminal();
            prop_assert_eq!(self.fixture.execute(&sql).await.is_err(), ended, "run {}", run);
        }
        Ok(())
    }
}

/// A step moves a run along a legal edge, and nothing goes back.
fn check_step(before: &Seen, after: &Seen) -> Result<(), TestCaseError> {
    use RunStatus::{Canceled, Completed, Failed, Partial, Queued, Running};
    let legal = match before.status {
        // A claim that finds one crash too many ends the run in the same step.
        Queued => matches!(after.status, Queued | Running | Canceled),
        Running => after.status != Queued,
        Partial => matches!(after.status, Partial | Completed | Failed | Canceled),
        ended => after.status == ended,
    };
    prop_assert!(legal, "{} to {}", before.status, after.status);
    prop_assert!(before.percent <= after.percent && after.percent <= 100);
    prop_assert_eq!(after.percent == 100, after.status == Completed);
    prop_assert!(before.event_seq <= after.event_seq && before.attempt <= after.attempt);
    prop_assert!(after.events.is_empty() || after.events.starts_with(&before.events));
    Ok(())
}
