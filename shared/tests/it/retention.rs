//! Retention: what goes, when, and what never does.

use std::time::Duration;

use chrono::Utc;
use shared::{
    clock,
    run::failure::ErrorCode,
    store::retention::{Pruned, Retention, due, prune},
};

use crate::fixture::{Fixture, result};

const DAY: Duration = Duration::from_hours(24);
const KEPT: Retention = Retention {
    results: Some(Duration::from_hours(90 * 24)),
    partials: Some(Duration::from_hours(14 * 24)),
    events: Some(Duration::from_hours(30 * 24)),
    queue: Some(Duration::from_hours(7 * 24)),
};

fn in_days(days: u32) -> chrono::DateTime<Utc> {
    clock::now() + DAY * days
}

/// One run that is over, with two partial results and a final one, a used key and a finished queue row; and one that
/// is still running, with a partial result.
async fn history() -> Fixture {
    let fixture = Fixture::new().await;
    let over = fixture.running("stocks").await;
    over.publish(&result(1)).await.unwrap();
    over.publish(&result(2)).await.unwrap();
    over.complete(&result(3), 1).await.unwrap();
    let going = fixture.running("options").await;
    going.publish(&result(1)).await.unwrap();
    for sql in [
        "insert into idempotency_keys (principal, key, request_hash, run_id, created_at)
         select 'a', 'k', 'h', id, queued_at from analysis_runs where id = 1",
        "update Jobs set status = 'Done', done_at = strftime('%s', 'now') where rowid = 1",
    ] {
        fixture.execute(sql).await.unwrap();
    }
    fixture
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_each_kind_goes_when_its_own_time_has_passed_and_a_dry_run_says_so_before() {
    let fixture = history().await;
    let events = fixture.count("select count(*) from run_events where run_id = 1").await;
    let none = Pruned::default();
    for (days, expected) in [
        (0, none),
        (2, Pruned { keys: 1, ..none }),
        (8, Pruned { queue: 1, ..none }),
        (15, Pruned { partials: 2, ..none }),
        (31, Pruned { events, ..none }),
        (91, Pruned { results: 1, ..none }),
        (3_000, none),
    ] {
        let now = in_days(days);
        assert_eq!(
            due(&fixture.store, &KEPT, now).await.unwrap(),
            expected,
            "due after {days} days"
        );
        assert_eq!(
            prune(&fixture.store, &KEPT, now).await.unwrap(),
            expected,
            "gone after {days} days"
        );
        assert_eq!(
            due(&fixture.store, &KEPT, now).await.unwrap(),
            none,
            "left after {days} days"
        );
    }
    // Tombstones stay, and so does everything of a run that goes on.
    assert_eq!(
        fixture
            .count("select count(*) from run_results where run_id = 1 and pruned_at is not null")
            .await,
        3
    );
    assert_eq!(
        fixture
            .count("select count(*) from run_results where run_id = 2 and payload is not null")
            .await,
        1
    );
    assert!(fixture.count("select count(*) from run_events where run_id = 2").await >= 3);
    assert_eq!(fixture.count("select count(*) from Jobs").await, 1);
    assert_eq!(fixture.count("select count(*) from analysis_runs").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_nothing_kept_goes_at_once_and_off_stays_for_ever() {
    let fixture = history().await;
    let forever = Retention {
        results: None,
        partials: None,
        events: None,
        queue: None,
    };
    let gone = prune(&fixture.store, &forever, in_days(10_000)).await.unwrap();
    assert_eq!(
        gone,
        Pruned {
            keys: 1,
            ..Pruned::default()
        }
    );
    let at_once = Retention {
        results: Some(Duration::ZERO),
        ..forever
    };
    let gone = prune(&fixture.store, &at_once, clock::now()).await.unwrap();
    assert_eq!(
        gone,
        Pruned {
            results: 1,
            ..Pruned::default()
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_more_than_a_batch_goes_too() {
    let fixture = Fixture::new().await;
    fixture
        .execute(
            "insert into idempotency_keys (principal, key, request_hash, created_at)
             with recursive n (i) as (select 1 union all select i + 1 from n where i < 1234)
             select 'a', 'k' || i, 'h', '2026-01-01T00:00:00+00:00' from n",
        )
        .await
        .unwrap();
    let gone = prune(&fixture.store, &KEPT, clock::now()).await.unwrap();
    assert_eq!(gone.keys, 1_234);
}

#[tokio::test(flavor = "multi_thread")]
async fn a16_a_failed_run_is_pruned_like_any_other() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    running.publish(&result(1)).await.unwrap();
    running.fail(ErrorCode::Internal, "planted", 1).await.unwrap();
    let gone = prune(&fixture.store, &KEPT, in_days(40)).await.unwrap();
    assert_eq!((gone.partials, gone.events), (1, 5));
}
