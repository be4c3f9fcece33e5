//! Clients that take their time.

use std::time::{Duration, Instant};

use e2e::{
    load::{self, Connection},
    stack::Stack,
};
use tokio::io::AsyncWriteExt as _;

use super::wire::{connect, exchange, post, request, rest, unharmed};

const CROWD: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_were_begun_and_fall_silent_are_cut_off_and_others_are_served() {
    let stack = Stack::new(&[("ANALYZE_REQUEST_TIMEOUT", "2s")]).unwrap();
    let server = stack.server().await.unwrap();
    let base = stack.api().base().to_owned();
    let (mut silent, mut used) = (
        Connection::open(&base).await.unwrap(),
        Connection::open(&base).await.unwrap(),
    );
    assert_eq!(used.call(&load::get("/livez")).await.unwrap(), 200);
    let since = Instant::now();
    let mut begun = Vec::new();
    for number in 0..CROWD {
        let mut stream = connect(&stack).await;
        let head = &b"GET /runs HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: 1\r\n"[..=number % 45];
        stream.write_all(head).await.unwrap();
        begun.push(stream);
    }
    for _ in 0..CROWD {
        assert_eq!(stack.api().get("/status").await.unwrap().status, 200);
    }
    assert_eq!(stack.api().start().await.unwrap().status, 202);
    for mut stream in begun {
        assert_eq!(rest(&mut stream).await, b"", "cut off without an answer");
    }
    assert!(since.elapsed() >= Duration::from_secs(2), "not before their time");
    // Whoever has begun nothing was not meant.
    for idle in [&mut silent, &mut used] {
        assert_eq!(idle.call(&load::get("/livez")).await.unwrap(), 200);
    }
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_falls_silent_is_given_up_and_starts_nothing() {
    let stack = Stack::new(&[("ANALYZE_REQUEST_TIMEOUT", "300ms")]).unwrap();
    let server = stack.server().await.unwrap();
    for fields in ["Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n"] {
        let fields = format!("Content-Type: application/json\r\n{fields}");
        let answers = exchange(&stack, &request(b"POST /analyze", fields.as_bytes(), b"2\r\n{}\r\n")).await;
        assert_eq!(
            (answers.status(), &*answers.code()),
            (400, "BAD_REQUEST"),
            "{}",
            answers.0
        );
    }
    assert_eq!(stack.api().get("/runs").await.unwrap().body["meta"]["total"], 0);
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_waits_for_its_answer_is_not_taken_for_a_slow_one() {
    let stack = Stack::new(&[("ANALYZE_REQUEST_TIMEOUT", "200ms")]).unwrap();
    let _server = stack.server().await.unwrap();
    for fields in ["", "Expect: 100-continue\r\n"] {
        let fields = format!("Prefer: wait=1\r\nContent-Type: application/json\r\n{fields}");
        let answers = exchange(&stack, &post("/analyze", &fields, br#"{"on_conflict": "join"}"#)).await;
        let last = answers.0.rsplit("HTTP/1.1 ").next().unwrap();
        assert!(last.starts_with("202 "), "{}", answers.0);
    }
}
