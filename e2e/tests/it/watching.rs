//! Watching: signals and their comments, the overview, the document and its page.

use e2e::stack::Stack;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn signals_of_a_run_are_listed_with_the_comments_behind_them() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    api.wait_for_end(run).await.unwrap();
    let result = api.get(&format!("/runs/{run}/result")).await.unwrap();
    let signals = api.get("/signals?limit=100").await.unwrap();
    assert_eq!(
        signals.body["meta"]["total"],
        result.data()["result"]["signals"].as_array().unwrap().len()
    );
    let first = &signals.data()[0];
    let comments = api.get(&format!("/signals/{}/comments", first["id"])).await.unwrap();
    assert_eq!(comments.body["meta"]["total"], first["comment_count"]);
    let ticker = first["ticker"].as_str().unwrap();
    let mentioned = |comment: &serde_json::Value| {
        comment["ticker_sentiments"]
            .as_array()
            .unwrap()
            .iter()
            .any(|entry| entry["ticker"] == ticker)
    };
    assert!(
        comments.data().as_array().unwrap().iter().all(mentioned),
        "{}",
        comments.body
    );
    let overview = api.get("/status").await.unwrap();
    assert_eq!(
        (&overview.data()["phase"], &overview.data()["active_runs"]),
        (&json!("paper_trading"), &json!([]))
    );
    assert_eq!(overview.data()["workers"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a25_the_committed_document_is_what_the_server_serves() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let client = reqwest::get(format!("{}/openapi.yaml", stack.api().base()))
        .await
        .unwrap();
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml")).unwrap();
    assert_eq!(client.text().await.unwrap(), committed);
    let page = reqwest::get(format!("{}/docs", stack.api().base())).await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'self'"), "{policy}");
    let text = page.text().await.unwrap();
    assert!(!text.contains("https://") && !text.contains("http://"), "{text}");
}
