//! Many at once.

use std::process::Command;

use e2e::{
    process::{Process, binary},
    stack::Stack,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::wire::unharmed;

const CROWD: usize = 1_000;

/// Opens that many streams of the first run; yields those that were let in, and the answers to the others.
async fn crowd(stack: &Stack, count: usize) -> (Vec<reqwest::Response>, Vec<reqwest::Response>) {
    let url = format!("{}/runs/1/stream", stack.api().base());
    let client = reqwest::Client::new();
    let tasks: Vec<_> = (0..count).map(|_| tokio::spawn(client.get(&url).send())).collect();
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for task in tasks {
        let answer = task.await.unwrap().unwrap();
        let side = if answer.status() == StatusCode::OK {
            &mut inside
        } else {
            &mut outside
        };
        side.push(answer);
    }
    (inside, outside)
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_beyond_the_limit_are_429_and_everybody_else_is_served() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    assert_eq!(stack.api().start().await.unwrap().status, 202);
    let (inside, outside) = crowd(&stack, CROWD).await;
    assert_eq!((inside.len(), outside.len()), (100, CROWD - 100));
    for refused in outside {
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(refused.headers().contains_key("retry-after"));
        let body: Value = serde_json::from_slice(&refused.bytes().await.unwrap()).unwrap();
        assert_eq!(body["error"]["code"], "RATE_LIMITED");
    }
    unharmed(&stack, &server).await;
    drop(inside);
    // Whoever leaves makes place.
    while crowd(&stack, 1).await.0.is_empty() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_open_streams_are_told_of_the_end_and_cost_little() {
    let stack = Stack::new(&[("ANALYZE_MAX_STREAMS", "1000")]).unwrap();
    let server = stack.server().await.unwrap();
    let api = stack.api();
    let run = api.start().await.unwrap().run_id();
    let (inside, outside) = crowd(&stack, CROWD).await;
    assert_eq!((inside.len(), outside.len()), (CROWD, 0));
    assert_eq!(api.get(&format!("/runs/{run}/status")).await.unwrap().status, 200);
    let canceled = api.post(&format!("/runs/{run}/cancel"), json!({})).await.unwrap();
    assert_eq!(canceled.status, 200);
    for stream in inside {
        let text = stream.text().await.unwrap();
        assert!(
            text.contains("event: job.canceled") && text.contains("event: end"),
            "{text}"
        );
    }
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_takes_as_many_open_files_as_it_may_have() {
    let stack = Stack::new(&[]).unwrap();
    let address = stack.api().base().strip_prefix("http://").unwrap().to_owned();
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -Sn 64 && exec \"$0\" \"$@\""])
        .arg(binary("analyze-server").unwrap())
        .args(["--listen", &address, "--database"])
        .arg(format!("sqlite://{}", stack.database().display()));
    let server = Process::start(command, &stack.folder().join("few.log")).unwrap();
    while !stack.api().is_ready().await {}
    assert_eq!(stack.api().start().await.unwrap().status, 202);
    let (inside, _) = crowd(&stack, 90).await;
    assert_eq!(inside.len(), 90, "{}", server.log());
    unharmed(&stack, &server).await;
}
