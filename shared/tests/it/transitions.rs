//! The rule of `run::state` against the store's guards and against the triggers.

use shared::{
    run::{
        failure::ErrorCode,
        ids::RunId,
        state::{RunEvent, RunStatus, transition},
    },
    store::{
        StoreError, cancel,
        claim::{self, Claimed, RunningRun},
    },
};

use crate::fixture::{Fixture, claimant, result};

/// Puts the run into a state, whatever the triggers say, with its lease expired.
async fn force(fixture: &Fixture, id: RunId, status: RunStatus) {
    let triggers = fixture
        .texts("select sql from sqlite_master where type = 'trigger' and tbl_name = 'analysis_runs'")
        .await;
    assert_eq!(triggers.len(), 2);
    let completed_at = if status.is_terminal() { "updated_at" } else { "null" };
    // One script, so one connection: another one may still remember the triggers.
    let script = format!(
        "drop trigger analysis_runs_terminal_is_final;
         drop trigger analysis_runs_legal_edges;
         update analysis_runs set status = '{status}', completed_at = {completed_at},
                lease_expires_at = '2020-01-01T00:00:00+00:00' where id = {id};
         {}",
        triggers.join(";\n")
    );
    fixture.execute(&script).await.unwrap();
}

/// Whether the store let it happen.
async fn try_event(fixture: &Fixture, running: RunningRun, event: RunEvent) -> bool {
    let id = running.run().id;
    let outcome = match event {
        RunEvent::Claim => {
            let claimed = claim::claim(&fixture.store, id, &claimant("second")).await.unwrap();
            return matches!(claimed, Claimed::Run(_));
        }
        RunEvent::Cancel => {
            let before = fixture.run(id).await.event_seq;
            cancel::request(&fixture.store, id, None, "test").await.unwrap();
            return fixture.run(id).await.event_seq > before;
        }
        RunEvent::Publish => running.publish(&result(1)).await.map(drop),
        RunEvent::Complete => running.complete(&result(1), 1).await.map(drop),
        RunEvent::Fail => running.fail(ErrorCode::Internal, "broken", 1).await,
    };
    assert!(matches!(outcome, Ok(()) | Err(StoreError::ClaimLost)), "{outcome:?}");
    outcome.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_the_store_agrees_with_the_transition_function_on_every_pair() {
    let fixture = Fixture::new().await;
    for from in RunStatus::ALL {
        for event in RunEvent::ALL {
            let running = fixture.running(&format!("{from}_{event:?}")).await;
            let id = running.run().id;
            force(&fixture, id, from).await;
            let (events, rows) = (fixture.event_types(id).await.len(), fixture.rows().await);
            let happened = try_event(&fixture, running, event).await;
            if let Ok(to) = transition(from, event) {
                assert!(happened, "{from} refuses {event:?}");
                assert_eq!(fixture.run(id).await.status, to, "{from} {event:?}");
                assert_eq!(fixture.event_types(id).await.len(), events + 1, "{from} {event:?}");
            } else {
                assert!(!happened, "{from} takes {event:?}");
                assert_eq!(fixture.rows().await, rows, "{from} {event:?} left a trace");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_the_holder_of_a_claim_cancels_a_running_and_a_partial_run_and_no_other() {
    let fixture = Fixture::new().await;
    for from in RunStatus::ALL {
        let running = fixture.running(&format!("holder_{from}")).await;
        let id = running.run().id;
        force(&fixture, id, from).await;
        let rows = fixture.rows().await;
        let legal = matches!(from, RunStatus::Running | RunStatus::Partial);
        assert_eq!(running.cancel(1).await.is_ok(), legal, "{from}");
        if legal {
            assert_eq!(fixture.run(id).await.status, RunStatus::Canceled);
        } else {
            assert_eq!(fixture.rows().await, rows, "{from}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_a_hand_over_keeps_the_status_and_is_refused_outside_running_and_partial() {
    let fixture = Fixture::new().await;
    for from in RunStatus::ALL {
        let running = fixture.running(&format!("over_{from}")).await;
        let id = running.run().id;
        force(&fixture, id, from).await;
        let rows = fixture.rows().await;
        let legal = matches!(from, RunStatus::Running | RunStatus::Partial);
        assert_eq!(running.hand_over(7).await.is_ok(), legal, "{from}");
        let run = fixture.run(id).await;
        assert_eq!(run.status, from);
        if legal {
            assert!(run.worker_id.is_none() && run.lease_expires_at.is_none() && run.active_ms == 7);
        } else {
            assert_eq!(fixture.rows().await, rows, "{from}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_the_database_itself_refuses_every_illegal_edge() {
    let fixture = Fixture::new().await;
    let edges = |from: RunStatus, to: RunStatus| {
        RunEvent::ALL
            .iter()
            .any(|event| transition(from, *event).is_ok_and(|reached| reached == to))
    };
    for from in RunStatus::ALL.into_iter().filter(|from| from.is_active()) {
        for to in RunStatus::ALL.into_iter().filter(|to| *to != from) {
            let id = fixture.running(&format!("edge_{from}_{to}")).await.run().id;
            force(&fixture, id, from).await;
            let completed_at = if to.is_terminal() { "updated_at" } else { "null" };
            let sql =
                format!("update analysis_runs set status = '{to}', completed_at = {completed_at} where id = {id}");
            if edges(from, to) {
                assert_eq!(fixture.execute(&sql).await.unwrap(), 1, "{from} to {to}");
            } else {
                let refusal = fixture.refusal(&sql).await;
                assert!(
                    refusal.contains("analysis_runs_legal_edges"),
                    "{from} to {to}: {refusal}"
                );
                assert_eq!(fixture.run(id).await.status, from);
            }
            cancel::request(&fixture.store, id, None, "test").await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a14_no_column_of_a_terminal_row_can_be_changed() {
    let fixture = Fixture::new().await;
    for status in RunStatus::ALL.into_iter().filter(|status| status.is_terminal()) {
        let id = fixture.running(&format!("final_{status}")).await.run().id;
        force(&fixture, id, status).await;
        let rows = fixture.rows().await;
        let columns = fixture
            .texts("select name from pragma_table_info('analysis_runs')")
            .await;
        for column in columns {
            let refusal = fixture
                .refusal(&format!("update analysis_runs set {column} = {column} where id = {id}"))
                .await;
            assert!(
                refusal.contains("analysis_runs_terminal_is_final"),
                "{column}: {refusal}"
            );
        }
        let refusal = fixture
            .refusal(&format!("delete from analysis_runs where id = {id}"))
            .await;
        assert!(refusal.contains("FOREIGN KEY"), "{refusal}");
        assert_eq!(fixture.rows().await, rows);
    }
}
