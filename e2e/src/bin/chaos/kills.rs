//! kill -9 of the worker at a random instant of a day; the next worker starts at once.

use shared::clock;

use crate::{Plan, times, trials::trials};

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let (mut resumed, mut met) = (Vec::new(), std::collections::BTreeMap::<String, usize>::new());
    let tally = trials(plan, plan.trials, &[], async |trial| {
        trial.post_and_wait().await?;
        let killed = clock::now();
        trial.scene.kill_worker()?;
        trial.scene.start_worker()?;
        trial.completed().await?;
        let events = trial.scene.events(trial.run).await?;
        if let Some(seconds) = times::seconds_to(&events, "job.resumed", killed) {
            resumed.push(seconds);
            *met.entry(phase_at(&events)).or_default() += 1;
        }
        Ok(())
    })
    .await?;
    let trials = tally.trials;
    eprintln!("killed in {met:?}");
    let table = &mut plan.table;
    for (what, count, promise) in [
        ("completed", tally.completed, trials),
        ("differences in domain tables", tally.differences, 0),
        ("event gaps", tally.gaps, 0),
        ("duplicate positions, exits, predictions, annotations", tally.doubles, 0),
        ("other findings", tally.others, 0),
    ] {
        let what = format!("kill -9 at a random instant, {trials} trials: {what}");
        table.add(&what, count.to_string(), &promise.to_string());
    }
    let hit = resumed.len();
    table.add("trials in which the kill met a run at work", hit.to_string(), "most");
    let spread = times::spread(&mut resumed);
    table.add(
        "killed, next worker on the same host started at once: resumed, p95",
        spread,
        "<= 2 s",
    );
    plan.failed += tally.failed;
    Ok(())
}

/// The phase in which the run was when it was resumed.
fn phase_at(events: &serde_json::Value) -> String {
    let before = events
        .as_array()
        .into_iter()
        .flatten()
        .take_while(|event| event["event_type"] != "job.resumed");
    let started = before.filter(|event| event["event_type"] == "job.phase_started").last();
    started.map_or_else(
        || "no phase".to_owned(),
        |event| event["payload"]["phase_key"].to_string(),
    )
}
