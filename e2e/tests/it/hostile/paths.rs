//! Paths, methods and names of hosts that are meant to be misread.

use e2e::stack::Stack;

use super::wire::{exchange, post, request, unharmed};

#[tokio::test(flavor = "multi_thread")]
async fn a_path_means_what_it_says_and_nothing_more() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    for path in [
        "/..%2f",
        "//",
        "//runs",
        "/runs/",
        "/runs//1",
        "/./runs",
        "/docs/../runs",
        "/docs/..%2f..%2fetc/passwd",
        "/%00",
        "/runs/%00",
        "/runs/1%00",
        "/runs/1%2fstatus",
        "/runs/1%2e",
        "/runs/1;x=1",
        "/runs;x",
        "/%72uns",
        "/anal%79ze",
        "/runs%20",
        "/runs/%FF",
        "/%C3%28",
        "/runs/%",
        "/runs/%zz",
        "/runs/+1",
        "/runs/1%20",
        "/runs/%e2%80%8b1",
        "/RUNS",
        "/runs/0x1",
        "/runs/1e0",
        "*",
    ] {
        let answers = exchange(&stack, &request(format!("GET {path}").as_bytes(), b"", b"")).await;
        assert_eq!((answers.status(), &*answers.code()), (404, "NOT_FOUND"), "{path}");
    }
    let long = format!("GET /runs/{}", "1".repeat(30_000));
    assert_eq!(
        exchange(&stack, &request(long.as_bytes(), b"", b"")).await.status(),
        404
    );
    let absolute = exchange(&stack, &request(b"GET http://localhost/runs", b"", b"")).await;
    assert_eq!(absolute.status(), 200);
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_is_read_once_and_strictly() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    for (query, status) in [
        ("?", 200),
        ("?%00=1&unknown=%FF", 200),
        ("?limit=%35", 200),
        ("?limit=%FF", 422),
        ("?limit=%00", 422),
        ("?limit=1&limit", 422),
        ("?limit=1&%6cimit=1", 422),
        ("?limit=1;offset=1", 422),
        ("?limit=1%26limit=2", 422),
        ("?limit[]=1", 200),
        ("?subreddit=%C3%28", 422),
        ("?since=9999-12-31T23:59:59-23:59", 422),
        ("?offset=9223372036854775807", 200),
        ("?offset=9223372036854775808", 422),
    ] {
        let answers = exchange(&stack, &request(format!("GET /runs{query}").as_bytes(), b"", b"")).await;
        assert_eq!(answers.status(), status, "{query}: {}", answers.0);
    }
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_nobody_knows_are_405_where_there_is_a_path() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    let long = "A".repeat(10_000);
    for method in ["BREW", "TRACE", "PROPFIND", "get", &long] {
        let answers = exchange(&stack, &request(format!("{method} /runs").as_bytes(), b"", b"")).await;
        assert_eq!(
            (answers.status(), &*answers.code()),
            (405, "METHOD_NOT_ALLOWED"),
            "{method}"
        );
        assert!(answers.0.contains("\r\nallow: GET, HEAD\r\n"), "{}", answers.0);
    }
    let overridden = request(b"GET /runs/1/cancel", b"X-HTTP-Method-Override: POST\r\n", b"");
    assert_eq!(exchange(&stack, &overridden).await.status(), 405);
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_only_look_like_ours_are_refused() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    let ask = |fields: &str, target: &str| format!("GET {target} HTTP/1.1\r\nConnection: close\r\n{fields}\r\n");
    for (fields, target) in [
        ("", "/runs"),
        ("Host: \r\n", "/runs"),
        ("Host: evil.example\r\n", "/runs"),
        ("Host: 127.0.0.1.evil.example\r\n", "/runs"),
        ("Host: evil@127.0.0.1\r\n", "/runs"),
        ("Host: 127.0.0.1:80:90\r\n", "/runs"),
        ("Host: 127.0.0.1\r\nHost: evil.example\r\n", "/runs"),
        ("Host: 127.0.0.1\r\n", "http://evil.example/runs"),
        ("Host: evil.example\r\n", "http://127.0.0.1/runs"),
        ("Host: evil.example\r\nX-Forwarded-Host: 127.0.0.1\r\n", "/runs"),
    ] {
        let answers = exchange(&stack, ask(fields, target).as_bytes()).await;
        assert_eq!(
            (answers.status(), &*answers.code()),
            (403, "FORBIDDEN"),
            "{fields}{target}"
        );
    }
    for host in ["localhost:9", "127.9.9.9", "[::1]:8000", "LOCALHOST"] {
        let answers = exchange(&stack, ask(&format!("Host: {host}\r\n"), "/runs").as_bytes()).await;
        assert_eq!(answers.status(), 200, "{host}");
    }
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_can_neither_start_nor_cancel_a_run() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    assert_eq!(stack.api().start().await.unwrap().status, 202);
    let foreign = [
        "null",
        "http://evil.example",
        "http://127.0.0.1.evil.example",
        "file://",
        "\u{e4}",
        "",
    ];
    for origin in foreign {
        for path in ["/analyze", "/runs/1/cancel"] {
            // What a form can send without asking first.
            for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json"] {
                let fields = format!("Origin: {origin}\r\nContent-Type: {kind}\r\n");
                let answers = exchange(&stack, &post(path, &fields, b"{}")).await;
                assert_eq!(
                    (answers.status(), &*answers.code()),
                    (403, "FORBIDDEN"),
                    "{origin} {path}"
                );
            }
        }
    }
    let runs = stack.api().get("/runs").await.unwrap();
    assert_eq!(
        (&runs.body["meta"]["total"], &runs.data()[0]["status"]),
        (&1.into(), &"queued".into())
    );
}
