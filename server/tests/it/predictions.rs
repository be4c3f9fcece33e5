use serde_json::{Value, json};
use server::prices::sources::Prices;

use crate::app::{Answer, App, send};
use crate::trading::Trading;

async fn override_with(app: &App, id: i64, body: &Value) -> Answer {
    send(app.request("PATCH", &format!("/predictions/{id}/override")).json(body)).await
}

async fn say(app: &App, id: i64, word: &str) -> Value {
    let answer = override_with(app, id, &json!({"override_result": word})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["data"].clone()
}

#[tokio::test]
async fn every_filter_narrows_the_list_and_the_newest_comes_first() {
    let app = Trading::new(Prices::default()).await.app;
    for (query, expected) in [
        ("", vec![23, 22, 21]),
        ("?subreddit=wallstreetbets", vec![23, 22, 21]),
        ("?subreddit=stocks", vec![]),
        ("?author=alice", vec![23, 21]),
        ("?author=Alice", vec![]),
        ("?ticker=gme", vec![22, 21]),
        ("?status=resolved", vec![22]),
        ("?analysis_run_id=2", vec![23, 22]),
        ("?author=alice&ticker=GME&status=tracking", vec![21]),
        ("?limit=1&offset=1", vec![22]),
    ] {
        let list = app.get(&format!("/predictions{query}")).await.body;
        let ids: Vec<_> = list["data"]
            .as_array()
            .expect("predictions")
            .iter()
            .map(|one| one["id"].as_i64().expect("an id"))
            .collect();
        assert_eq!(ids, expected, "{query}");
    }
}

#[tokio::test]
async fn a_prediction_shows_its_course_by_day() {
    let app = Trading::new(Prices::default()).await.app;
    let tracked = app.get("/predictions/21").await.body["data"].clone();
    assert_eq!(
        tracked["outcomes"],
        json!([
            {"day_offset": 1, "premium": 1.2, "underlying_price": null, "pnl_pct": -25.0},
            {"day_offset": 3, "premium": 2.0, "underlying_price": 25.0, "pnl_pct": 25.0}
        ])
    );
    assert_eq!(
        (&tracked["author"], &tracked["exits"], &tracked["is_correct"]),
        (&json!("alice"), &json!([]), &Value::Null)
    );
    let resolved = app.get("/predictions/22").await.body["data"].clone();
    assert_eq!(
        (
            &resolved["simulated_return_pct"],
            &resolved["exits"][0]["simulated_pnl"]
        ),
        (&json!(7.0), &json!(140.0))
    );
    assert_eq!(resolved["exits"][0]["quantity_pct"], 100.0);
    let expired = app.get("/predictions/23").await.body["data"].clone();
    assert_eq!(
        (&expired["strike_price"], &expired["entry_premium"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn a_person_has_the_last_word_and_may_take_it_back() {
    let app = Trading::new(Prices::default()).await.app;
    for (word, stored, correct) in [
        ("incorrect", json!("incorrect"), json!(false)),
        ("correct", json!("correct"), json!(true)),
        ("excluded", json!("excluded"), Value::Null),
        ("none", Value::Null, json!(true)),
    ] {
        let said = say(&app, 22, word).await;
        assert_eq!(
            (&said["hitl_override"], &said["is_correct"]),
            (&stored, &correct),
            "{word}"
        );
        assert_eq!(said["hitl_override_at"].is_null(), stored.is_null(), "{word}");
        assert_eq!(said["accuracy_applied_at"], "2026-01-08T20:00:00.000000Z", "{word}");
        assert_eq!(
            (&said["status"], &said["simulated_return_pct"]),
            (&json!("resolved"), &json!(7.0))
        );
    }
    for id in [21, 23] {
        assert_eq!(say(&app, id, "correct").await["is_correct"], true, "in any state");
        assert_eq!(say(&app, id, "none").await["is_correct"], Value::Null);
    }
}

#[tokio::test]
async fn a_repeated_word_changes_nothing() {
    let app = Trading::new(Prices::default()).await.app;
    let first = say(&app, 21, "correct").await;
    assert_eq!(say(&app, 21, "correct").await, first, "its time stays, too");
    let before = say(&app, 22, "none").await;
    assert_eq!(before, app.get("/predictions/22").await.body["data"]);
}

#[tokio::test]
async fn a_wrong_word_is_refused_before_the_prediction_is_looked_for() {
    let app = Trading::new(Prices::default()).await.app;
    for (body, field, constraint) in [
        (json!({}), "override_result", "required"),
        (json!({"override_result": "right"}), "override_result", "enum"),
        (json!({"override_result": null}), "override_result", "type"),
        (json!({"override_result": "correct", "why": "x"}), "why", "unknown"),
    ] {
        for id in [21, 99] {
            let answer = override_with(&app, id, &body).await;
            assert_eq!((answer.status, answer.refused()), (422, (field, constraint)), "{body}");
        }
    }
    let unknown = override_with(&app, 99, &json!({"override_result": "none"})).await;
    assert_eq!((unknown.status, unknown.code()), (404, "NOT_FOUND"));
    let other_method = app.get("/predictions/21/override").await;
    assert_eq!((other_method.status, other_method.header("allow")), (405, "PATCH"));
}
