//! The clock is stepped by an hour while a run goes on, forward and back, with a second worker waiting for its chance.

use crate::{Plan, rivals::rivals};

const HOUR: i64 = 3600;

pub(crate) async fn run(plan: &mut Plan) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("clock");
    std::fs::write(&file, "0")?;
    let path = file.display().to_string();
    let settings = [
        ("ANALYZE_FAULT_CLOCK", path.as_str()),
        ("ANALYZE_LEASE", "2s"),
        ("ANALYZE_LEASE_RENEW", "500ms"),
        ("ANALYZE_SAMPLE_LATENCY", "8ms"),
    ];
    let count = plan.trials.div_ceil(4);
    let mut ahead = 0;
    rivals(plan, "clock stepped by an hour", count, &settings, async |_| {
        ahead = HOUR - ahead;
        std::fs::write(&file, ahead.to_string())?;
        Ok(())
    })
    .await
}
