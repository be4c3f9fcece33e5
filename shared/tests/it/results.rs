//! Partial and final results.

use shared::{
    run::{failure::ErrorCode, ids::ResultId, result::AnalysisResult, state::RunStatus},
    store::results,
};

use crate::fixture::{Fixture, result};

fn posts(row: &results::ResultRow) -> Option<i64> {
    let payload = row.payload.as_deref()?;
    Some(serde_json::from_str::<AnalysisResult>(payload).unwrap().counts.posts)
}

#[tokio::test(flavor = "multi_thread")]
async fn a17_only_the_newest_20_partial_results_keep_their_payload() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let mut ids = Vec::new();
    for number in 1..=25 {
        ids.push(running.publish(&result(number)).await.unwrap());
    }
    let mut conn = fixture.store.read().await.unwrap();
    for (id, number) in ids.iter().zip(1..) {
        let row = results::find(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((row.kind.as_str(), row.result_seq), ("partial", number));
        assert_eq!(posts(&row), (number > 5).then_some(number));
        assert_eq!(row.pruned_at.is_some(), number <= 5);
    }
    let run = fixture.run(running.run().id).await;
    assert_eq!(
        (run.status, run.partial_count, run.result_id.as_ref()),
        (RunStatus::Partial, 25, ids.last())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a17_the_final_result_is_preferred_and_partials_stay_readable() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    let mut conn = fixture.store.read().await.unwrap();
    assert!(results::latest_of_run(&mut conn, id).await.unwrap().is_none());
    let first = running.publish(&result(1)).await.unwrap();
    let second = running.publish(&result(2)).await.unwrap();
    let latest = results::latest_of_run(&mut conn, id).await.unwrap().unwrap();
    assert_eq!(latest.result_id, second);
    let last = running.complete(&result(3), 1).await.unwrap();
    let latest = results::latest_of_run(&mut conn, id).await.unwrap().unwrap();
    assert_eq!(
        (latest.kind.as_str(), latest.result_seq, posts(&latest)),
        ("final", 3, Some(3))
    );
    assert_eq!(fixture.run(id).await.result_id, Some(last));
    let old = results::find(&mut conn, &first).await.unwrap().unwrap();
    assert_eq!(posts(&old), Some(1));
    assert!(results::find(&mut conn, &ResultId::generate()).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a17_partial_results_outlive_a_failure() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    let partial = running.publish(&result(1)).await.unwrap();
    running.fail(ErrorCode::Internal, "broken", 1).await.unwrap();
    let latest = results::latest_of_run(&mut fixture.store.read().await.unwrap(), id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((latest.result_id, latest.kind.as_str()), (partial, "partial"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a15_a_run_has_no_second_final_result() {
    let fixture = Fixture::new().await;
    let running = fixture.running("stocks").await;
    let id = running.run().id;
    running.publish(&result(1)).await.unwrap();
    running.complete(&result(2), 1).await.unwrap();
    let second = format!(
        "insert into run_results (result_id, run_id, kind, result_seq, schema_version, payload, created_at)
         values ('other', {id}, 'final', 9, 1, '{{}}', '')"
    );
    assert!(fixture.refusal(&second).await.contains("UNIQUE"));
    let promoted = format!("update run_results set kind = 'final' where run_id = {id}");
    assert!(fixture.refusal(&promoted).await.contains("UNIQUE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a12_completing_stores_result_status_time_percent_and_event_at_once() {
    let fixture = Fixture::new().await;
    for table in ["run_results", "run_events"] {
        let running = fixture.running(table).await;
        let before = fixture.rows().await;
        let plant = format!("create trigger planted after insert on {table} begin select raise(abort, 'planted'); end");
        fixture.execute(&plant).await.unwrap();
        running.complete(&result(1), 1).await.unwrap_err();
        fixture.execute("drop trigger planted").await.unwrap();
        assert_eq!(fixture.rows().await, before, "{table}");
    }
    let running = fixture.running("whole").await;
    let id = running.run().id;
    let result_id = running.complete(&result(1), 77).await.unwrap();
    let run = fixture.run(id).await;
    assert_eq!(
        (run.status, run.progress_percent, run.active_ms, run.result_id),
        (RunStatus::Completed, 100, 77, Some(result_id.clone()))
    );
    let events = shared::store::events::newest(&mut fixture.store.read().await.unwrap(), id, 1)
        .await
        .unwrap();
    assert_eq!(events[0].event_type, "job.completed");
    assert_eq!(events[0].parsed_payload().unwrap().result_id, Some(result_id));
}
