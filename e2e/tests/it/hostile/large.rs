//! Requests that are too large.

use e2e::stack::Stack;
use tokio::io::AsyncWriteExt as _;

use super::wire::{Answers, connect, exchange, request, rest, unharmed};

const CHUNK: usize = 64 * 1024;
/// 1 GiB in chunks.
const CHUNKS: usize = 16 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_in_chunks_is_refused_before_it_has_come() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    let mut chunk = format!("{CHUNK:x}\r\n").into_bytes();
    chunk.extend(std::iter::repeat_n(b' ', CHUNK));
    chunk.extend(b"\r\n");
    for (line, status) in [("POST /analyze", 413), ("POST /nowhere", 404), ("GET /runs", 200)] {
        let mut stream = connect(&stack).await;
        let fields = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
        stream.write_all(&request(line.as_bytes(), fields, b"")).await.unwrap();
        let (mut reading, mut writing) = stream.split();
        let mut answer = [0; 12];
        let mut sent = 0;
        let flood = async {
            while sent < CHUNKS && writing.write_all(&chunk).await.is_ok() {
                sent += 1;
            }
        };
        let head = tokio::io::AsyncReadExt::read_exact(&mut reading, &mut answer);
        let ((), head) = tokio::join!(flood, head);
        head.unwrap();
        assert_eq!(&answer, format!("HTTP/1.1 {status}").as_bytes(), "{line}");
        assert!(sent < CHUNKS / 16, "{line}: {sent} chunks were taken");
    }
    assert_eq!(stack.api().get("/runs").await.unwrap().body["meta"]["total"], 0);
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_announced_too_large_is_refused_unread() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    for length in ["65537", "1073741824", "9223372036854775807"] {
        let fields = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n");
        let answers = exchange(&stack, &request(b"POST /analyze", fields.as_bytes(), b"{")).await;
        assert_eq!(
            (answers.status(), &*answers.code()),
            (413, "PAYLOAD_TOO_LARGE"),
            "{length}"
        );
    }
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_that_are_too_large_are_refused_without_a_body() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    let many = "X: 1\r\n".repeat(1_000);
    let long = format!("X: {}\r\n", "a".repeat(1_000_000));
    let path = format!("GET /{}", "a".repeat(1_000_000));
    for (bytes, status) in [
        (request(b"GET /livez", many.as_bytes(), b""), 431),
        (request(b"GET /livez", long.as_bytes(), b""), 431),
        (request(path.as_bytes(), b"", b""), 414),
    ] {
        let answers = exchange(&stack, &bytes).await;
        // The connection is closed with bytes unread, which may cost the client the answer.
        assert!([status, 0].contains(&answers.status()), "{}", answers.0);
        assert_eq!(answers.body(), "");
    }
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_large_heads_that_never_end_is_held_in_bounds() {
    let stack = Stack::new(&[("ANALYZE_REQUEST_TIMEOUT", "5s")]).unwrap();
    let server = stack.server().await.unwrap();
    let mut head = b"GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ".to_vec();
    head.extend(std::iter::repeat_n(b'a', 31 * 1024));
    let mut streams = Vec::new();
    for _ in 0..500 {
        let mut stream = connect(&stack).await;
        stream.write_all(&head).await.unwrap();
        streams.push(stream);
    }
    unharmed(&stack, &server).await;
    // One that ends is answered like any other; the rest are too late.
    let mut first = streams.swap_remove(0);
    let answered = first.write_all(b"\r\nConnection: close\r\n\r\n").await;
    let answer = Answers(String::from_utf8_lossy(&rest(&mut first).await).into_owned());
    assert!(answered.is_err() || [200, 0].contains(&answer.status()), "{}", answer.0);
    for mut stream in streams {
        assert_eq!(rest(&mut stream).await, b"");
    }
    unharmed(&stack, &server).await;
}
