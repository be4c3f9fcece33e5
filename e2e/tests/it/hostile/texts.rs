//! Bodies and fields that are no text, no JSON, or JSON that nobody would write in good faith.

use e2e::stack::Stack;

use super::wire::{exchange, post, unharmed};

const JSON: &str = "Content-Type: application/json\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_json_of_the_right_shape_or_refused_for_the_right_reason() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    let nested = [r#"{"options":"#.repeat(5_000), "}".repeat(5_000)].join("1");
    let digits = format!(r#"{{"options": {{"post_limit": {}}}}}"#, "9".repeat(60_000));
    let keys: Vec<_> = (0..5_000).map(|number| format!("\"k{number}\":1")).collect();
    let keys = format!("{{{}}}", keys.join(","));
    let brackets = "[".repeat(60_000);
    for (body, status) in [
        (&b"\xef\xbb\xbf{}"[..], 400),
        (b"{\"subreddit\": \"\xff\xfe\"}", 400),
        (b"{\"\xff\": 1}", 400),
        (b"\xff\xfe{\0}\0", 400),
        (br#"{"subreddit": "\ud800"}"#, 400),
        (br#"{"subreddit": "stocks",}"#, 400),
        (b"{/* */}", 400),
        (b"{}{}", 400),
        (br#"{"options": {"post_limit": NaN}}"#, 400),
        (br#"{"options": {"post_limit": 1e400}}"#, 400),
        (nested.as_bytes(), 400),
        (brackets.as_bytes(), 400),
        (digits.as_bytes(), 400),
        (keys.as_bytes(), 422),
        (br#"{"subreddit": "stocks", "subreddit": "stocks"}"#, 422),
        (br#"{"subreddit": "stocks\u0000"}"#, 422),
        (br#"{"options": {"post_limit": 18446744073709551616}}"#, 422),
        (br#"{"options": {"post_limit": -0}}"#, 422),
        (br#"{"options": {"post_limit": 1e-5}}"#, 422),
        (br#"{"options": {"as_of": "0000-01-01"}}"#, 422),
        (br#"{"options": {"as_of": "0001-01-01T00:00:00+23:59"}}"#, 422),
        (br#"{"options": {"as_of": "9999-12-31T23:59:59-23:59"}}"#, 422),
        (br#"{"__proto__": {}}"#, 422),
        (b"null", 422),
        (b"1", 422),
        (b"\"\"", 422),
    ] {
        let answers = exchange(&stack, &post("/analyze", JSON, body)).await;
        let code = if status == 400 {
            "BAD_REQUEST"
        } else {
            "VALIDATION_ERROR"
        };
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(
            (answers.status(), &*answers.code()),
            (status, code),
            "{shown}: {}",
            answers.0
        );
    }
    assert_eq!(stack.api().get("/runs").await.unwrap().body["meta"]["total"], 0);
    unharmed(&stack, &server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_another_kind_or_encoding_is_a_415() {
    let stack = Stack::new(&[]).unwrap();
    let _server = stack.server().await.unwrap();
    for fields in [
        "",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/json; charset=utf-16\r\n",
        "Content-Type: application/json; charset=\"latin1\"\r\n",
        "Content-Type: application/json, text/plain\r\n",
        "Content-Type: application/json\r\nContent-Type: application/json\r\n",
        "Content-Type: \u{e4}\r\n",
        "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
        "Content-Type: application/json\r\nContent-Encoding: identity\r\n",
    ] {
        let answers = exchange(&stack, &post("/analyze", fields, b"{}")).await;
        assert_eq!(
            (answers.status(), &*answers.code()),
            (415, "UNSUPPORTED_MEDIA_TYPE"),
            "{fields}"
        );
    }
    let accepted = "Content-Type: APPLICATION/json ; charset=\"UTF-8\"; q=1\r\n";
    assert_eq!(exchange(&stack, &post("/analyze", accepted, b"{}")).await.status(), 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_cannot_be_read_are_refused_or_count_as_absent() {
    let stack = Stack::new(&[]).unwrap();
    let server = stack.server().await.unwrap();
    let long = format!("Idempotency-Key: {}\r\n", "k".repeat(256));
    for key in [
        "Idempotency-Key: \"\r\n",
        "Idempotency-Key: \"\"\r\n",
        "Idempotency-Key: \"half\r\n",
        "Idempotency-Key: \u{e4}\r\n",
        "Idempotency-Key: a\tb\r\n",
        "Idempotency-Key: \r\n",
        "Idempotency-Key: a\r\nIdempotency-Key: a\r\n",
        &long,
    ] {
        let answers = exchange(&stack, &post("/analyze", &format!("{JSON}{key}"), b"{}")).await;
        assert_eq!((answers.status(), &*answers.code()), (422, "VALIDATION_ERROR"), "{key}");
        assert!(answers.0.contains("header.idempotency-key"), "{}", answers.0);
    }
    let odd = "Prefer: \u{e4}, wait=-1\r\nX-Request-Id: \u{e4}\r\ntraceparent: \u{e4}\r\nIf-None-Match: \u{e4}\r\n";
    let answers = exchange(&stack, &post("/analyze", &format!("{JSON}{odd}"), b"{}")).await;
    assert_eq!(answers.status(), 202, "{}", answers.0);
    unharmed(&stack, &server).await;
}
