//! A recorded folder in the place of the sample's market.

use e2e::{
    days::Days,
    ledger::{dump, ensure_same},
    process::command,
};

use crate::history::{SHORT, day, history};

/// Records the sample's market.
fn record(path: &str, from: &str, to: &str) {
    let mut record = command("analyze-worker").unwrap();
    record.args(["record", "--dir", path, "--from", from, "--to", to]);
    let told = record.output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn days_over_a_recording_of_the_sample_leave_the_same_behind_as_the_sample_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (path, dates) = (folder.path().to_str().unwrap(), &history().await.dates);
    record(path, &dates[0], &dates[SHORT - 1]);
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

/// An open exchange, one that has closed, a holiday, the morning after it, and an open exchange again.
const INSTANTS: [&str; 5] = [
    "2026-01-15T16:00:00Z",
    "2026-01-16T21:30:00Z",
    "2026-01-19T16:00:00Z",
    "2026-01-20T14:00:00Z",
    "2026-01-20T16:00:00Z",
];

#[tokio::test(flavor = "multi_thread")]
async fn while_the_exchange_is_closed_a_recording_answers_as_the_sample_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    record(path, "2026-01-15", "2026-01-20");
    let source = format!("recorded:{path}");
    let recorded = [
        ("ANALYZE_COMMENTS", "sample"),
        ("ANALYZE_MARKET", &source),
        ("ANALYZE_DAILY", &source),
    ];
    let mut left = Vec::new();
    for settings in [&[] as &[_], &recorded] {
        let days = Days::start(settings).await.unwrap();
        for now in INSTANTS {
            days.at(now).await.unwrap();
        }
        left.push(dump(days.stack()).unwrap());
    }
    assert!(left[0]["prediction_outcomes"].len() > 100 && !left[0]["position_exits"].is_empty());
    ensure_same(&left[0], &left[1]).unwrap();
}
