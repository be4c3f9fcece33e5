//! The doorbell: commits of others ring, nothing else does, and the last ring is not lost.

use std::{os::unix::fs::symlink, time::Duration};

use futures::StreamExt as _;
use shared::{
    doorbell::{Bell, Listener},
    store::Store,
};

use crate::fixture::{Fixture, PATIENCE, config_at};

/// No test waits that long: the tick has no part in it.
const NEVER: Duration = Duration::from_hours(1);
/// How long a test listens for a ring that must not come.
const SILENCE: Duration = Duration::from_millis(300);

const WRITE: &str = "update system_config set value = value + 1 where key = 'quality_min_users'";

async fn quiet(listener: &mut Listener) {
    while listener.wait(SILENCE).await {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_of_somebody_else_rings_for_every_listener() {
    let fixture = Fixture::new().await;
    let other = fixture.another_store().await;
    let bell = Bell::open(&other, NEVER).unwrap();
    let mut listeners = [bell.listen(), bell.listen()];
    fixture.submit("stocks").await;
    for listener in &mut listeners {
        assert!(listener.wait(PATIENCE).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_of_the_own_process_rings_too() {
    let fixture = Fixture::new().await;
    let bell = Bell::open(&fixture.store, NEVER).unwrap();
    let mut listener = bell.listen();
    fixture.submit("stocks").await;
    assert!(listener.wait(PATIENCE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_committed_does_not_ring() {
    let fixture = Fixture::new().await;
    let bell = Bell::open(&fixture.store, NEVER).unwrap();
    let mut listener = bell.listen();
    quiet(&mut listener).await;
    let mut rolled_back = fixture.raw.begin_with("begin immediate").await.unwrap();
    sqlx::query(WRITE).execute(&mut *rolled_back).await.unwrap();
    rolled_back.rollback().await.unwrap();
    fixture.rows().await;
    std::fs::write(fixture.folder.path().join("neighbour"), "text").unwrap();
    assert!(!listener.wait(SILENCE).await, "it rang without a commit");
    fixture.execute(WRITE).await.unwrap();
    assert!(listener.wait(PATIENCE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rings_that_nobody_fetched_are_one() {
    let fixture = Fixture::new().await;
    let bell = Bell::open(&fixture.store, NEVER).unwrap();
    let (mut witness, mut late) = (bell.listen(), bell.listen());
    for _ in 0..20 {
        fixture.execute(WRITE).await.unwrap();
    }
    assert!(witness.wait(PATIENCE).await);
    quiet(&mut witness).await;
    assert!(late.wait(SILENCE).await);
    assert!(!late.wait(SILENCE).await, "20 rings were not coalesced");
    assert!(
        !bell.listen().wait(SILENCE).await,
        "a new listener hears only what comes"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_looks_on_every_ring_sees_the_last_commit() {
    let fixture = Fixture::new().await;
    let bell = Bell::open(&fixture.another_store().await, Duration::from_secs(5)).unwrap();
    let mut listener = bell.listen();
    for round in 3..60 {
        let writes = async {
            for _ in 0..round % 4 {
                fixture
                    .execute("update portfolios set last_valued_at = 'x'")
                    .await
                    .unwrap();
            }
            fixture
                .execute(&format!(
                    "update system_config set value = '{round}' where key = 'phase'"
                ))
                .await
                .unwrap();
        };
        let looks = async {
            while fixture
                .texts("select value from system_config where key = 'phase'")
                .await
                != [round.to_string()]
            {
                assert!(listener.wait(PATIENCE).await, "the last ring was lost");
            }
        };
        tokio::join!(writes, looks);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_signal_of_the_file_system_the_tick_rings() {
    let fixture = Fixture::new().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("test.db");
    symlink(fixture.path(), &link).unwrap();
    // The log is written beside the file and not beside the link, whose folder is watched.
    let linked = Store::open(&config_at(link.to_str().unwrap(), &[])).await.unwrap();
    let bell = Bell::open(&linked, Duration::from_millis(50)).unwrap();
    let mut listener = bell.listen();
    quiet(&mut listener).await;
    fixture.execute(WRITE).await.unwrap();
    assert!(listener.wait(PATIENCE).await);
    assert!(!listener.wait(SILENCE).await, "a tick without a commit rang");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_yields_at_rings_and_at_ticks_and_ends_with_the_bell() {
    let fixture = Fixture::new().await;
    let bell = Bell::open(&fixture.store, NEVER).unwrap();
    let mut ticking = bell.listen().into_stream(Duration::from_millis(20));
    for _ in 0..3 {
        tokio::time::timeout(PATIENCE, ticking.next()).await.unwrap().unwrap();
    }
    let mut ringing = bell.listen().into_stream(NEVER);
    tokio::time::timeout(PATIENCE, ringing.next()).await.unwrap().unwrap();
    fixture.execute(WRITE).await.unwrap();
    tokio::time::timeout(PATIENCE, ringing.next()).await.unwrap().unwrap();
    drop(bell);
    let ended = async { while ringing.next().await.is_some() {} };
    tokio::time::timeout(PATIENCE, ended).await.unwrap();
}
