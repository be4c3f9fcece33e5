//! The write-ahead log is written back in a quiet moment, not by whoever commits next.

use std::time::Duration;

use shared::store::version::CommitVersion;
use tokio_util::sync::CancellationToken;
use worker::logkeeper::keep_short;

use crate::fixture::{Fixture, PATIENCE};

#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_is_written_back_while_nobody_commits() {
    let fixture = Fixture::new(&[]).await;
    let version = CommitVersion::of(&fixture.store).unwrap();
    fixture
        .plant("insert into system_config values ('ballast', hex(randomblob(2500000)), '2026-01-05T00:00:00Z')")
        .await;
    let before = (version.stamp(), version.backlog());
    assert!(before.1 > Some(1_000), "{before:?}");
    let stop = CancellationToken::new();
    let kept = keep_short(&fixture.store, &stop);
    let written = async {
        while version.backlog() != Some(0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        stop.cancel();
    };
    tokio::time::timeout(PATIENCE, async { tokio::join!(kept, written) })
        .await
        .unwrap();
    assert_eq!(version.stamp(), before.0, "it was written back by a commit");
}
