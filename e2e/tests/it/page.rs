//! The page at /docs in a headless browser: `e2e/browser/swagger.mjs` uses it as a person would. `make browser` installs
//! what it needs; the screenshots stay in `target/tmp`.

use std::path::Path;
use std::process::Command;

use e2e::stack::Stack;
use serde_json::{Value, json};

/// The key, and its SHA-256 as the server knows it.
const KEY: &str = "seen-by-nobody";
const KEYS: (&str, &str) = (
    "ANALYZE_API_KEYS",
    "visitor:write:6f013283346a666d644b991b03029140c474b6b7f7f24c18a8329ea0f859966f",
);

/// Visits the page of a server; a key is entered after a first try without it.
async fn visit(stack: &Stack, name: &str, key: Option<&str>) -> Value {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    assert!(
        program.join("node_modules/installed").exists(),
        "the browser is missing: run `make browser`"
    );
    let mut command = Command::new("node");
    command.current_dir(program).arg("swagger.mjs").arg(stack.api().base());
    command.arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)).args(key);
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The ids of the document's operations.
fn documented(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|item| item.as_object().unwrap().values());
    let mut ids: Vec<_> = operations
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

async fn shows_every_operation_and_asks_nobody_else(stack: &Stack, seen: &Value) {
    let document = stack.api().get("/openapi.json").await.unwrap().body;
    let mut shown: Vec<String> = serde_json::from_value(seen["operations"].clone()).unwrap();
    shown.sort();
    assert_eq!(shown, documented(&document));
    assert_eq!(
        (&seen["foreign_requests"], &seen["load_errors"]),
        (&json!([]), &json!(0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_loads_offline_and_an_analysis_can_be_tried_out() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let seen = visit(&stack, "page", None).await;
    shows_every_operation_and_asks_nobody_else(&stack, &seen).await;
    assert_eq!(
        (&seen["first_status"], &seen["console_errors"]),
        (&json!(202), &json!([]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_takes_a_key() {
    let stack = Stack::new(&[KEYS]).unwrap();
    let _server = stack.server().await.unwrap();
    let seen = visit(&stack, "page-with-a-key", Some(KEY)).await;
    shows_every_operation_and_asks_nobody_else(&stack, &seen).await;
    assert_eq!(
        (&seen["first_status"], &seen["second_status"]),
        (&json!(401), &json!(202))
    );
    let errors = seen["console_errors"].as_array().unwrap();
    let is_the_refusal = |error: &Value| error.as_str().unwrap().contains("status of 401");
    assert!(errors.len() == 1 && is_the_refusal(&errors[0]), "{errors:?}");
}
