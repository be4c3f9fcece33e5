//! Where one request ends and the next begins: no client may make the server see it otherwise than others do.

use e2e::stack::Stack;

use super::wire::{exchange, request, unharmed};

/// Follows a request whose end is in doubt.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_request_with_two_ends_is_refused_or_ends_the_connection() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    for (fields, body, refused) in [
        ("Content-Length: 0\r\nContent-Length: 5\r\n", "", true),
        ("Content-Length: -1\r\n", "", true),
        ("Content-Length: +2\r\n", "{}", true),
        ("Content-Length: 0x2\r\n", "{}", true),
        ("Content-Length: 99999999999999999999\r\n", "", true),
        ("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n", true),
        ("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n", true),
        ("Transfer-Encoding: chunked\r\n", "zz\r\n\r\n", true),
        ("Transfer-Encoding: chunked\r\n", "-1\r\n\r\n", true),
        ("Transfer-Encoding: chunked\r\n", "ffffffffffffffffff\r\n\r\n", true),
        (
            "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
            false,
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
            "0\r\n\r\n",
            false,
        ),
    ] {
        let head = "POST /runs/1/cancel HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
        let bytes = format!("{head}{fields}\r\n{body}{SMUGGLED}");
        let answers = exchange(&stack, bytes.as_bytes()).await;
        let status = if refused { 400 } else { 404 };
        assert_eq!(
            (answers.status(), answers.count()),
            (status, 1),
            "{fields}: {}",
            answers.0
        );
        assert!(
            !answers.0.contains("there is nothing at this path"),
            "{fields}: {}",
            answers.0
        );
    }
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_a_400_without_a_body() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    let tls = [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], &[0; 200]].concat();
    for bytes in [
        b"garbage\r\n\r\n".to_vec(),
        b"GET /livez\r\n\r\n".to_vec(),
        b"GET /livez HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n".to_vec(),
        b"GE\0T /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".to_vec(),
        request(b"GET \\livez", b"", b""),
        request(b"GET /runs/\xff", b"", b""),
        request(b"GET /livez", b"X: a\0b\r\n", b""),
        request(b"GET /livez", b"X: a\r\n folded\r\n", b""),
        request(b"GET /livez", b"X : a\r\n", b""),
        request(b"GET /livez", b": a\r\n", b""),
        tls,
    ] {
        let answers = exchange(&stack, &bytes).await;
        assert_eq!(
            (answers.status(), answers.body()),
            (400, ""),
            "{bytes:?}: {}",
            answers.0
        );
    }
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_behind_a_request_does_not_cost_its_answer() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    let first = "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    let answers = exchange(&stack, format!("{first}{first}garbage\r\n\r\n").as_bytes()).await;
    assert_eq!(
        (answers.count(), answers.0.matches("200 OK").count()),
        (3, 2),
        "{}",
        answers.0
    );
    assert!(answers.0.contains("HTTP/1.1 400 Bad Request"), "{}", answers.0);
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_client_is_answered_as_it_asks() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    let answers = exchange(&stack, b"GET /livez HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n").await;
    assert!(answers.0.starts_with("HTTP/1.0 200"), "{}", answers.0);
    let nameless = exchange(&stack, b"GET /livez HTTP/1.0\r\n\r\n").await;
    assert_eq!((nameless.status(), &*nameless.code()), (403, "FORBIDDEN"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_of_another_protocol_is_not_taken_up() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    for offer in ["websocket", "h2c"] {
        let head = "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close, Upgrade\r\n";
        let answers = exchange(&stack, format!("{head}Upgrade: {offer}\r\n\r\n").as_bytes()).await;
        assert_eq!(answers.status(), 200, "{}", answers.0);
    }
}
