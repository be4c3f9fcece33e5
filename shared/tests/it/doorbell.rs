//! The doorbell: commits of others ring, nothing else does, and the last ring is not lost.

use std::{os::unix::fs::symlink, time::Duration};

use futures::StreamExt as _;
use shared::{
    doorbell::{Bell, Listener},
    store::{
        Store,
        session::{Raw, Session as _},
    },
};

use crate::fixture::{Fixture, PATIENCE, config_at};

/// No test waits that long: the tick has no part in it.
pub(crate) const NEVER: Duration = Duration::from_hours(1);
/// How long a test listens for a ring that must not come.
pub(crate) const SILENCE: Duration = Duration::from_millis(300);

const WRITE: &str = "update system_config set value = value + 1 where key = 'quality_min_users'";

/// As every part of the product writes; `fixture.execute` writes as another program does.
async fn commit(store: &Store, sql: &'static str) {
    let mut tx = store.begin().await.unwrap();
    let Raw::Sqlite(conn) = tx.raw();
    sqlx::query(sql).execute(conn).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn quiet(listener: &mut Listener) {
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
    let mut rolled_back = fixture.store.begin().await.unwrap();
    let Raw::Sqlite(conn) = rolled_back.raw();
    sqlx::query(WRITE).execute(conn).await.unwrap();
    drop(rolled_back);
    fixture.rows().await;
    std::fs::write(fixture.folder.path().join("neighbour"), "text").unwrap();
    assert!(!listener.wait(SILENCE).await, "it rang without a commit");
    commit(&fixture.store, WRITE).await;
    assert!(listener.wait(PATIENCE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_submission_does_not_ring_and_uses_up_no_key() {
    let fixture = Fixture::new().await;
    fixture.submit("stocks").await;
    let bell = Bell::open(&fixture.store, NEVER).unwrap();
    let mut listener = bell.listen();
    quiet(&mut listener).await;
    fixture.try_submit("stocks").await.unwrap();
    assert!(!listener.wait(SILENCE).await, "a refusal is nobody's news");
    assert_eq!(fixture.submit("options").await.id.0, 2);
    assert!(listener.wait(PATIENCE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rings_that_nobody_fetched_are_one() {
    let fixture = Fixture::new().await;
    let bell = Bell::open(&fixture.store, NEVER).unwrap();
    let (mut witness, mut late) = (bell.listen(), bell.listen());
    for _ in 0..20 {
        commit(&fixture.store, WRITE).await;
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
    let bell = Bell::open(&fixture.another_store().await, NEVER).unwrap();
    let mut listener = bell.listen();
    let read = "select value from system_config where key = 'quality_min_users'";
    let mut last: u32 = fixture.texts(read).await[0].parse().unwrap();
    for round in 0..60 {
        let commits = 1 + round % 4;
        last += commits;
        let writes = async {
            for _ in 0..commits {
                commit(&fixture.store, WRITE).await;
            }
        };
        let looks = async {
            while fixture.texts(read).await != [last.to_string()] {
                assert!(listener.wait(PATIENCE).await, "the last ring was lost");
            }
        };
        tokio::join!(writes, looks);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_behind_a_link_rings_too() {
    let fixture = Fixture::new().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("test.db");
    symlink(fixture.path(), &link).unwrap();
    let linked = Store::open(&config_at(link.to_str().unwrap(), &[])).await.unwrap();
    let bell = Bell::open(&linked, NEVER).unwrap();
    let mut listener = bell.listen();
    commit(&fixture.store, WRITE).await;
    assert!(listener.wait(PATIENCE).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_nobody_signals_is_heard_with_the_tick() {
    let fixture = Fixture::new().await;
    let bell = Bell::open(&fixture.store, Duration::from_millis(50)).unwrap();
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
    commit(&fixture.store, WRITE).await;
    tokio::time::timeout(PATIENCE, ringing.next()).await.unwrap().unwrap();
    drop(bell);
    let ended = async { while ringing.next().await.is_some() {} };
    tokio::time::timeout(PATIENCE, ended).await.unwrap();
}
