//! Trials: days that are disturbed, one after the other, and judged after each.

use std::time::Duration;

use e2e::{dice::Dice, ledger::Dump, oracle, stack::Settings};
use serde_json::Value;

use crate::{
    Plan,
    scene::Scene,
    twin::{DAYS, twin},
};

/// What trials came to.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Trials.
    pub(crate) trials: usize,
    /// Runs that ended as they should.
    pub(crate) completed: usize,
    /// Tables that differed from the undisturbed ones.
    pub(crate) differences: usize,
    /// Runs with a gap in their events.
    pub(crate) gaps: usize,
    /// Rows that stand twice.
    pub(crate) doubles: usize,
    /// Anything else that should not be.
    pub(crate) others: usize,
    /// Trials in which something was found.
    pub(crate) failed: usize,
}

impl Tally {
    fn count(&mut self, findings: &oracle::Findings) {
        self.differences += findings.differences.len();
        self.gaps += findings.gaps.len();
        self.doubles += findings.doubles.len();
        self.others += findings.others.len();
    }

    /// All of it in one line.
    pub(crate) fn words(&self) -> String {
        format!(
            "{} of {} completed; {} differences, {} gaps, {} duplicates, {} others",
            self.completed, self.trials, self.differences, self.gaps, self.doubles, self.others
        )
    }

    /// One row of the table.
    pub(crate) fn report(&self, plan: &mut Plan, what: &str) {
        plan.table.add(what, self.words(), "all completed, 0 of anything");
        plan.failed += self.failed;
    }
}

/// A trial that goes on.
pub(crate) struct Trial<'a> {
    /// Where it happens.
    pub(crate) scene: &'a mut Scene,
    /// Its run, once there is one.
    pub(crate) run: i64,
    /// What it draws from.
    pub(crate) dice: Dice,
    /// Which one it is, from 0.
    pub(crate) number: usize,
    /// How long an undisturbed day usually takes.
    pub(crate) usual: Duration,
}

impl Trial<'_> {
    /// Starts the day's run.
    pub(crate) async fn post(&mut self) -> anyhow::Result<()> {
        self.run = self.scene.post().await?;
        Ok(())
    }

    /// Starts the day's run and waits for a random instant of it.
    pub(crate) async fn post_and_wait(&mut self) -> anyhow::Result<()> {
        self.post().await?;
        tokio::time::sleep(self.dice.span(self.usual)).await;
        Ok(())
    }

    /// Waits for the run's end; it must have completed.
    pub(crate) async fn completed(&self) -> anyhow::Result<Value> {
        let end = self.scene.api().wait_for_end(self.run).await?;
        anyhow::ensure!(end["status"] == "completed", "{end}");
        Ok(end)
    }
}

/// As many days as asked, each started and disturbed by `disturb`, which returns when the run has completed.
pub(crate) async fn trials(
    plan: &Plan,
    count: usize,
    settings: Settings<'_>,
    mut disturb: impl AsyncFnMut(&mut Trial<'_>) -> anyhow::Result<()>,
) -> anyhow::Result<Tally> {
    let twin = twin().await?;
    let mut tally = Tally::default();
    let (mut scene, mut day) = (Scene::start(settings).await?, 0);
    for number in 0..count {
        if day == DAYS {
            (scene, day) = (Scene::start(settings).await?, 0);
        }
        tally.trials += 1;
        let seed = plan.seed.wrapping_mul(1_000_003).wrapping_add(number as u64);
        let mut trial = Trial {
            run: 0,
            scene: &mut scene,
            dice: Dice::new(seed),
            number,
            usual: twin.usual,
        };
        if let Err(error) = disturb(&mut trial).await {
            failed(plan, &mut tally, &mut scene, number, &[format!("{error:#}")]);
            day = DAYS;
            continue;
        }
        tally.completed += 1;
        day += judge(plan, &mut tally, &mut scene, number, &twin.days[day])?.unwrap_or(DAYS - day);
    }
    Ok(tally)
}

/// Asks the oracle after a day; `None` when it found something, and the history cannot go on.
fn judge(
    plan: &Plan,
    tally: &mut Tally,
    scene: &mut Scene,
    number: usize,
    day: &Dump,
) -> anyhow::Result<Option<usize>> {
    let findings = oracle::judge(&scene.stack, Some(day))?;
    if findings.is_clean() {
        return Ok(Some(1));
    }
    tally.count(&findings);
    let lines: Vec<_> = findings.all().cloned().collect();
    failed(plan, tally, scene, number, &lines);
    Ok(None)
}

fn failed(plan: &Plan, tally: &mut Tally, scene: &mut Scene, number: usize, lines: &[String]) {
    tally.failed += 1;
    scene.stack.keep();
    let folder = scene.stack.folder().display();
    eprintln!(
        "trial {number} of seed {} failed, see {folder}:\n{}",
        plan.seed,
        lines.join("\n")
    );
}
