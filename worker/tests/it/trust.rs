//! Authors and evaluation periods after planted comments, predictions and positions.

use shared::run::ids::RunId;
use worker::phases;

use crate::world::{MONDAY, NOON, World};

const FAR: &str = "2026-03-27";

/// Authors as `name comments reasoned upvotes conviction accuracy trust first_seen last_active`.
async fn authors(world: &World) -> Vec<String> {
    world
        .fixture
        .texts(
            "select concat_ws(' ', username, total_comments, high_quality_comments, total_upvotes,
                              round(avg_conviction_score, 6), coalesce(round(avg_sentiment_accuracy, 6), '-'), trust_score,
                              date(first_seen), date(last_active)) from authors order by username",
        )
        .await
}

async fn known(world: &World, name: &str, comments: (i64, i64), accuracy: &str, first_seen: &str) {
    let (total, good) = comments;
    world
        .plant(&format!(
            "insert into authors (username, first_seen, total_comments, high_quality_comments, avg_conviction_score,
                 avg_sentiment_accuracy, last_active, trust_score)
             values ('{name}', '{first_seen}T16:00:00+00:00', {total}, {good}, 0.5, {accuracy},
                     '{first_seen}T16:00:00+00:00', 0.5)"
        ))
        .await;
}

/// A prediction of `author` that has ended.
async fn ended(world: &World, id: i64, author: &str, earned: f64, resolved_at: &str) {
    world.prediction(id, "ABC", FAR).await;
    world
        .plant(&format!("update comments set author = '{author}' where id = {id}"))
        .await;
    world
        .plant(&format!(
            "update predictions set status = 'resolved', simulated_return_pct = {earned}, is_correct = {earned} > 0,
                 contracts_remaining = 0, resolved_at = '{resolved_at}' where id = {id}"
        ))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn authors_of_newly_annotated_comments_are_counted_and_trusted() {
    let world = World::new().await;
    known(&world, "old", (22, 17), "0.68", "2026-01-24").await;
    known(&world, "bad", (44, 4), "0.32", "2026-01-09").await;
    let id = world.submit(NOON).await;
    world.comment(1, "new", &"x".repeat(250), true, id).await;
    world.comment(2, "old", "", true, id).await;
    world.comment(3, "bad", "", true, id).await;
    world.comment(4, "twice", "", false, id).await;
    world.comment(5, "twice", "", true, id).await;
    world.comment(6, "[deleted]", "", true, id).await;
    world.comment(7, "reused", "", true, RunId(1)).await;
    world.trust_of(id).await;
    assert_eq!(
        authors(&world).await,
        [
            // 0.40 x 5/45 + 0.50 x 0.32 + 0.10; conviction (44 x 0.5 + 0.5) / 45.
            "bad 45 5 10 0.5 0.32 0.304 2026-01-09 2026-03-10",
            "new 1 1 10 0.6 - 0.65 2026-03-10 2026-03-10",
            "old 23 18 10 0.5 0.68 0.753 2026-01-24 2026-03-10",
            "twice 2 1 20 0.4 - 0.45 2026-03-10 2026-03-10",
        ]
    );
    assert_eq!(world.fixture.phases(id).await[0].progress_total, 4);
    world.trust("2026-03-10T17:00:00+00:00").await;
    assert_eq!(
        authors(&world).await[1],
        "new 1 1 10 0.6 - 0.65 2026-03-10 2026-03-10",
        "nobody counts twice"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_phase_is_there_unless_its_completion_is() {
    let world = World::new().await;
    let id = world.submit(NOON).await;
    world.comment(1, "new", "", true, id).await;
    ended(&world, 2, "seer", 0.5, MONDAY).await;
    let trap = "create trigger trap before update on run_phases when new.status = 'completed'
                begin select raise(abort, 'not now'); end";
    world.fixture.texts(trap).await;
    let worker = world.worker(phases::registry().only(&["trust"]), true).await;
    let run = world.fixture.wait_for_end(id).await;
    worker.stop().await;
    assert_eq!(run.error_code.as_deref(), Some("database_error"), "{run:?}");
    assert!(authors(&world).await.is_empty() && periods(&world).await.is_empty());
    let applied = "select count(*) from predictions where accuracy_applied_at is not null";
    assert_eq!(world.fixture.count(applied).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn resolved_predictions_move_the_accuracy_in_their_order_and_once() {
    let world = World::new().await;
    known(&world, "half", (1, 0), "0.5", "2026-03-10").await;
    for id in 1..=3 {
        ended(&world, id, "half", 0.2, MONDAY).await;
    }
    ended(&world, 4, "first", -0.5, "2026-03-09T18:00:00+00:00").await;
    ended(&world, 5, "first", 0.5, "2026-03-09T17:00:00+00:00").await;
    ended(&world, 6, "even", 0.0, MONDAY).await;
    ended(&world, 7, "[deleted]", 0.5, MONDAY).await;
    world.prediction(8, "ABC", FAR).await;
    world.trust(NOON).await;
    let expected = [
        // Breaking even is wrong; of the two of `first` the right one ended first.
        "even 0 0 0 0.0 0.0 2026-03-10 2026-03-10",
        "first 0 0 0 0.7 0.35 2026-03-10 2026-03-10",
        "half 1 0 0 0.5 0.8285 0.414 2026-03-10 2026-03-10",
    ];
    assert_eq!(authors(&world).await, expected);
    let applied = "select count(*) from predictions where accuracy_applied_at is not null";
    assert_eq!(world.fixture.count(applied).await, 6);
    world.trust("2026-03-10T17:00:00+00:00").await;
    assert_eq!(authors(&world).await[2], expected[2], "nothing counts twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_word_of_a_person_wins_and_an_excluded_prediction_waits() {
    let world = World::new().await;
    for (id, author, earned, word) in [
        (1, "right", -0.5, "correct"),
        (2, "wrong", 0.5, "incorrect"),
        (3, "nobody", 0.5, "excluded"),
    ] {
        ended(&world, id, author, earned, MONDAY).await;
        world
            .plant(&format!(
                "update predictions set hitl_override = '{word}' where id = {id}"
            ))
            .await;
    }
    world.trust(NOON).await;
    let accuracy = "select username || ' ' || avg_sentiment_accuracy from authors order by username";
    assert_eq!(world.fixture.texts(accuracy).await, ["right 1.0", "wrong 0.0"]);
    let waiting = "select id from predictions where accuracy_applied_at is null";
    assert_eq!(world.fixture.count(waiting).await, 3);
    world
        .plant("update predictions set hitl_override = null where id = 3")
        .await;
    world.trust("2026-03-10T17:00:00+00:00").await;
    assert_eq!(
        world.fixture.texts(accuracy).await,
        ["nobody 1.0", "right 1.0", "wrong 0.0"]
    );
}

/// Periods as `portfolio start end status value return index relative beat total winning losing avg accuracy`.
async fn periods(world: &World) -> Vec<String> {
    world
        .fixture
        .texts(
            "select concat_ws(' ', portfolio_id, period_start, period_end, status, value_at_period_start_micros / 1000000,
                              round(portfolio_return_pct, 6), round(sp500_return_pct, 6), round(relative_performance, 6),
                              beat_benchmark, total_positions_closed, winning_positions, losing_positions,
                              round(avg_return_pct, 6), round(signal_accuracy_pct, 6))
             from evaluation_periods order by id",
        )
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn periods_begin_together_go_on_and_roll_over_with_their_measures() {
    let world = World::new().await;
    world.trust(NOON).await;
    let begun = |portfolio: i64| format!("{portfolio} 2026-03-10 2026-04-09 active 100000");
    assert_eq!(periods(&world).await, (1..=4).map(begun).collect::<Vec<_>>());
    world.trust("2026-04-09T16:00:00+00:00").await;
    assert_eq!(periods(&world).await.len(), 4, "the last day belongs to the period");
    for (id, closed, pnl) in [(1, "2026-03-10", 100), (2, "2026-04-08", -50), (3, "2026-04-09", 70)] {
        world.shares(id, "ABC", 10, MONDAY).await;
        world
            .plant(&format!(
                "update positions set status = 'closed', shares_remaining = 0, exit_date = '{closed}',
                     exit_reason = 'time_stop', realized_return_pct = {pnl} / 1000.0 where id = {id}"
            ))
            .await;
        world
            .plant(&format!(
                "insert into position_exits (position_id, exit_date, exit_price_micros, exit_reason, quantity_pct,
                     shares_exited, realized_pnl_micros, triggered_at, created_at)
                 values ({id}, '{closed}', 1, 'time_stop', 1.0, 10, {pnl} * 1000000, '{MONDAY}', '{MONDAY}')"
            ))
            .await;
    }
    world
        .plant("update portfolios set current_value_micros = 105000000000 where id = 1")
        .await;
    world.market.bars(
        "^GSPC",
        &[
            ("2026-03-09", 1.0, 1.0, 1.0, 1.0),
            ("2026-03-10", 6000.0, 6000.0, 6000.0, 6000.0),
            ("2026-04-08", 6120.0, 6120.0, 6120.0, 6120.0),
            ("2026-04-10", 9.0, 9.0, 9.0, 9.0),
        ],
    );
    world.trust("2026-04-15T16:00:00+00:00").await;
    assert_eq!(world.market.asked("bars ^GSPC 2026-02-28 2026-04-09"), 1);
    let found = periods(&world).await;
    assert_eq!(found.len(), 8);
    assert_eq!(
        found[0],
        "1 2026-03-10 2026-04-09 completed 100000 5.0 2.0 3.0 1 2 1 1 2.5 50.0"
    );
    assert_eq!(
        found[1],
        "2 2026-03-10 2026-04-09 completed 100000 0.0 2.0 -2.0 0 0 0 0 0.0 0.0"
    );
    assert_eq!(found[4], "1 2026-04-09 2026-05-09 active 105000");
    assert_eq!(found[7], "4 2026-04-09 2026-05-09 active 100000");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_closes_of_the_index_the_comparison_stays_empty() {
    let world = World::new().await;
    world.trust(NOON).await;
    world.trust("2026-04-10T16:00:00+00:00").await;
    let found = periods(&world).await;
    assert_eq!(found.len(), 8);
    assert_eq!(found[3], "4 2026-03-10 2026-04-09 completed 100000 0.0 0 0 0 0.0 0.0");
    let empty = "select count(*) from evaluation_periods where beat_benchmark is null and sp500_return_pct is null";
    assert_eq!(world.fixture.count(empty).await, 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn periods_out_of_step_are_left_alone() {
    let world = World::new().await;
    world.trust(NOON).await;
    world
        .plant("update evaluation_periods set period_end = '2026-05-01' where portfolio_id = 2")
        .await;
    let before = periods(&world).await;
    world.trust("2026-04-10T16:00:00+00:00").await;
    assert_eq!(periods(&world).await, before);
}
