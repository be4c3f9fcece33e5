//! The login of the live market source, as its file tells it.

use serde_json::{Value, json};

use crate::app::{App, start};

fn store(app: &App, login: &str) {
    let file = app.store.path().with_file_name("schwab_token.json");
    std::fs::write(file, login).expect("a file");
}

#[tokio::test]
async fn without_a_login_there_is_none() {
    let app = start().await;
    let answer = app.get("/auth/status").await;
    let nothing = json!({
        "status": "not_configured", "warning": false, "access_token_expires_at": null, "refresh_token_expires_at": null
    });
    assert_eq!((answer.status, &answer.body["data"]), (200, &nothing));
}

#[tokio::test]
async fn a_login_is_told_by_its_times_and_never_by_its_tokens() {
    let app = start().await;
    store(
        &app,
        r#"{"access_token": "hush-1", "refresh_token": "hush-2",
            "expires_at": "2026-01-05T20:30:00Z", "refresh_expires_at": "2126-01-12T20:00:00Z"}"#,
    );
    let answer = app.get("/auth/status").await;
    let healthy = json!({
        "status": "healthy", "warning": false, "access_token_expires_at": "2026-01-05T20:30:00.000000Z",
        "refresh_token_expires_at": "2126-01-12T20:00:00.000000Z"
    });
    assert_eq!((answer.status, &answer.body["data"]), (200, &healthy));

    store(
        &app,
        r#"{"expires_at": "2026-01-05T20:30:00Z", "refresh_expires_at": "2026-01-12T20:00:00Z"}"#,
    );
    let data = app.get("/auth/status").await.body["data"].take();
    assert_eq!((&data["status"], &data["warning"]), (&json!("expired"), &json!(true)));
}

#[tokio::test]
async fn a_login_that_cannot_be_read_is_told_without_its_content() {
    let app = start().await;
    for broken in [
        "hush",
        r#"{"access_token": "hush"}"#,
        r#"{"expires_at": "hush", "refresh_expires_at": 1}"#,
    ] {
        store(&app, broken);
        let answer = app.get("/auth/status").await;
        assert_eq!((answer.status, answer.code()), (503, "NOT_READY"), "{broken}");
        assert!(!Value::to_string(&answer.body).contains("hush"), "{}", answer.body);
    }
}
