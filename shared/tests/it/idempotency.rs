//! Idempotency keys, and joining an equal run.

use shared::{
    queue::{self, Submission, Submitted},
    run::request::RunRequest,
    store::cancel,
};

use crate::fixture::{Fixture, submission};

fn keyed<'a>(request: &'a RunRequest, principal: &'a str, key: &'a str) -> Submission<'a> {
    Submission {
        key: Some((principal, key)),
        ..submission(request)
    }
}

fn joining(request: &RunRequest) -> Submission<'_> {
    Submission {
        join: true,
        ..submission(request)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_again_answers_with_the_same_run_also_after_its_end() {
    let fixture = Fixture::new().await;
    let request = RunRequest::new("stocks");
    let first = keyed(&request, "ann", "key");
    let Submitted::Accepted(run) = queue::submit(&fixture.store, &first).await.unwrap() else {
        panic!("not accepted")
    };
    for end in [false, true] {
        if end {
            cancel::request(&fixture.store, run.id, None, "ann").await.unwrap();
        }
        let before = fixture.rows().await;
        let again = queue::submit(&fixture.store, &first).await.unwrap();
        assert!(
            matches!(&again, Submitted::Replayed(known) if known.id == run.id && known.status.is_terminal() == end),
            "{again:?}"
        );
        assert_eq!(fixture.rows().await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_another_request_is_refused_before_anything_else() {
    let fixture = Fixture::new().await;
    let request = RunRequest::new("stocks");
    queue::submit(&fixture.store, &keyed(&request, "ann", "key"))
        .await
        .unwrap();
    let other = RunRequest {
        post_limit: 3,
        ..request
    };
    let before = fixture.rows().await;
    let answer = queue::submit(&fixture.store, &keyed(&other, "ann", "key"))
        .await
        .unwrap();
    assert!(matches!(answer, Submitted::KeyMismatch), "{answer:?}");
    assert_eq!(fixture.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_different_principals_have_nothing_to_do_with_each_other() {
    let fixture = Fixture::new().await;
    let (stocks, options) = (RunRequest::new("stocks"), RunRequest::new("options"));
    let answers = [
        queue::submit(&fixture.store, &keyed(&stocks, "ann", "key")).await,
        queue::submit(&fixture.store, &keyed(&options, "bob", "key")).await,
    ];
    assert!(
        answers.iter().all(|a| matches!(a, Ok(Submitted::Accepted(_)))),
        "{answers:?}"
    );
    assert_eq!(fixture.count("select count(*) from idempotency_keys").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_forgotten_after_24_hours_and_not_before() {
    let fixture = Fixture::new().await;
    let request = RunRequest::new("stocks");
    let first = keyed(&request, "ann", "key");
    let Submitted::Accepted(run) = queue::submit(&fixture.store, &first).await.unwrap() else {
        panic!("not accepted")
    };
    cancel::request(&fixture.store, run.id, None, "ann").await.unwrap();
    age(&fixture, "-1439 minutes").await;
    let again = queue::submit(&fixture.store, &first).await.unwrap();
    assert!(matches!(again, Submitted::Replayed(_)), "{again:?}");
    age(&fixture, "-1441 minutes").await;
    let Submitted::Accepted(second) = queue::submit(&fixture.store, &first).await.unwrap() else {
        panic!("not accepted after a day")
    };
    assert_ne!(second.id, run.id);
    let again = queue::submit(&fixture.store, &first).await.unwrap();
    assert!(matches!(again, Submitted::Replayed(known) if known.id == second.id));
    assert_eq!(fixture.count("select count(*) from idempotency_keys").await, 1);
}

async fn age(fixture: &Fixture, offset: &str) {
    let sql =
        format!("update idempotency_keys set created_at = strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now', '{offset}')");
    assert_eq!(fixture.execute(&sql).await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_does_not_use_the_key_up() {
    let fixture = Fixture::new().await;
    let active = fixture.submit("stocks").await;
    let request = RunRequest::new("stocks");
    let second = keyed(&request, "ann", "key");
    let answer = queue::submit(&fixture.store, &second).await.unwrap();
    assert!(matches!(answer, Submitted::Conflict(_)), "{answer:?}");
    cancel::request(&fixture.store, active.id, None, "ann").await.unwrap();
    let answer = queue::submit(&fixture.store, &second).await.unwrap();
    assert!(matches!(answer, Submitted::Accepted(_)), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_request_joins_the_active_run_and_another_one_does_not() {
    let fixture = Fixture::new().await;
    let active = fixture.submit("stocks").await;
    let equal = RunRequest::new("STOCKS");
    let answer = queue::submit(&fixture.store, &joining(&equal)).await.unwrap();
    assert!(matches!(answer, Submitted::Joined(run) if run.id == active.id));
    let other = RunRequest {
        top_comments: 7,
        ..equal
    };
    let answer = queue::submit(&fixture.store, &joining(&other)).await.unwrap();
    assert!(matches!(answer, Submitted::Conflict(run) if run.id == active.id));
    assert_eq!(fixture.count("select count(*) from analysis_runs").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_joined_a_run_answers_with_it_later() {
    let fixture = Fixture::new().await;
    let active = fixture.submit("stocks").await;
    let request = RunRequest::new("stocks");
    let joining = Submission {
        join: true,
        ..keyed(&request, "ann", "key")
    };
    queue::submit(&fixture.store, &joining).await.unwrap();
    cancel::request(&fixture.store, active.id, None, "ann").await.unwrap();
    let answer = queue::submit(&fixture.store, &joining).await.unwrap();
    assert!(matches!(answer, Submitted::Replayed(run) if run.id == active.id));
}
