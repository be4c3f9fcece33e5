//! A phase that kills its worker each time ends the run after the third crash.

use e2e::oracle;

use crate::{Plan, scene::Scene};

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let mut scene = Scene::start(&[]).await?;
    scene.kill_worker()?;
    let run = scene.post().await?;
    let mut deaths = 0;
    let end = loop {
        let mut worker = scene.stack.worker_with(&[("ANALYZE_FAULT", "unit.ready#2")])?;
        let path = format!("/runs/{run}/status");
        let status = loop {
            let status = scene.api().get(&path).await?;
            if worker.has_ended()? || !status.data()["completed_at"].is_null() {
                break status;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        };
        if !status.data()["completed_at"].is_null() {
            break status;
        }
        deaths += 1;
        anyhow::ensure!(deaths < 10, "the crash loop does not end");
    };
    let message = end.data()["error_message"].as_str().unwrap_or_default().to_owned();
    anyhow::ensure!(end.data()["error_code"] == "crash_loop", "{}", end.body);
    oracle::judge(&scene.stack, None)?.ensure_clean()?;
    plan.table.add(
        "crash loop ends after",
        format!("{deaths} crashes: {message}"),
        "3 crashes",
    );
    plan.failed += usize::from(deaths != 3);
    Ok(())
}
