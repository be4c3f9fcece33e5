//! A recorded folder in the place of the sample's market.

use e2e::{
    days::Days,
    ledger::{dump, ensure_same},
    process::command,
};

use crate::history::{SHORT, day, history};

#[tokio::test(flavor = "multi_thread")]
async fn days_over_a_recording_of_the_sample_leave_the_same_behind_as_the_sample_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (path, dates) = (folder.path().to_str().unwrap(), &history().await.dates);
    let mut record = command("analyze-worker").unwrap();
    record.args(["record", "--dir", path, "--from", &dates[0], "--to", &dates[SHORT - 1]]);
    let told = record.output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let source = format!("recorded:{path}");
    let settings = [
        ("ANALYZE_COMMENTS", "sample"),
        ("ANALYZE_MARKET", &source),
        ("ANALYZE_DAILY", &source),
    ];
    let days = Days::start(&settings).await.unwrap();
    for _ in 0..SHORT {
        day(&days).await.unwrap();
    }
    ensure_same(&history().await.short, &dump(days.stack()).unwrap()).unwrap();
}
