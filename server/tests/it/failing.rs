//! When the database fails: told in the envelope, never with its reason.

use std::time::Duration;

use crate::app::{App, start};

async fn spoil(app: &App, sql: &'static str) {
    let raw = app
        .store
        .separate_pool(1, Duration::from_secs(10))
        .await
        .expect("a pool");
    sqlx::raw_sql(sql).execute(&raw).await.expect(sql);
}

#[tokio::test]
async fn a_database_that_fails_is_a_500_that_names_the_request_and_nothing_else() {
    let app = start().await;
    app.post("/analyze").await;
    for (sql, path, word) in [
        ("update run_events set payload = 'broken'", "/runs/1/events", "broken"),
        ("drop table run_phases", "/runs/1/status", "run_phases"),
    ] {
        spoil(&app, sql).await;
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.code()), (500, "DATABASE_ERROR"), "{path}");
        assert_eq!(answer.body["meta"]["request_id"], answer.header("x-request-id"));
        assert!(!answer.body.to_string().contains(word), "{}", answer.body);
    }
    assert_eq!(
        app.get("/livez").await.status,
        200,
        "it lives, whatever its database does"
    );
}

#[tokio::test]
async fn a_server_without_its_tables_lives_and_is_not_ready() {
    let app = start().await;
    assert_eq!(app.get("/readyz?verbose=true").await.status, 200);
    spoil(&app, "alter table analysis_runs rename to gone").await;
    let answer = app.get("/readyz").await;
    assert_eq!((answer.status, answer.code()), (503, "NOT_READY"));
    assert!(!answer.header("retry-after").is_empty());
    assert_eq!(app.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_server_whose_database_lacks_a_migration_is_not_ready() {
    let app = start().await;
    let newest = "delete from analyze_migrations where version = (select max(version) from analyze_migrations)";
    spoil(&app, newest).await;
    let answer = app.get("/readyz").await;
    assert_eq!((answer.status, answer.code()), (503, "NOT_READY"));
    let message = answer.body["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("lacks migrations"), "{message}");
}
