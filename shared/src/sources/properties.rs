//! What archives and recordings hold: any bytes are read or passed over, and what is read survives being written.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    ndjson::{self, Line},
    wire,
};

/// JSON of any kind, with names that archives and recordings use among others.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "(t[0-9]_)?[a-z0-9]{0,8}".prop_map(Value::from),
        Just(json!("NaN")),
    ];
    let names = "id|link_id|parent_id|author|body|title|selftext|subreddit|created_utc|score|num_comments|url|error|\
                 candles|open|high|low|close|volume|datetime|quote|lastPrice|mark|bidPrice|askPrice|symbol|\
                 callExpDateMap|putExpDateMap|strikePrice|delta|underlyingPrice|chart|result|timestamp|indicators|\
                 adjclose|meta|2026-01-23:5|25\\.0|[a-z]{0,2}";
    leaf.prop_recursive(6, 48, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names, inner, 0..10)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// A comment of the right fields with any texts and numbers.
fn comment() -> impl Strategy<Value = Value> {
    let texts = (any::<String>(), any::<String>(), "[a-zA-Z0-9_]{2,21}", "[a-z0-9]{1,7}");
    (
        texts,
        0_i64..=253_402_214_399,
        -1_000_000_000_i64..=1_000_000_000,
        any::<bool>(),
    )
        .prop_map(|((author, body, subreddit, id), created, score, is_reply)| {
            let parent = if is_reply { "t1_p" } else { "t3_x" };
            json!({
                "id": id, "author": author, "body": body, "subreddit": subreddit, "created_utc": created,
                "score": score, "link_id": "t3_x", "parent_id": parent
            })
        })
}

proptest! {
    #[test]
    fn any_bytes_are_a_line_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        let _ = ndjson::parse(&bytes);
    }

    #[test]
    fn any_json_is_a_line_or_none_and_can_be_shown(value in document()) {
        match ndjson::parse(value.to_string().as_bytes()) {
            Some(Line::Comment(line)) => drop(line.comment()),
            Some(Line::Submission(line)) => drop((line.post(0), line.author(), line.permalink())),
            None => {}
        }
    }

    #[test]
    fn a_line_that_was_cut_anywhere_does_no_harm(value in comment(), at in any::<prop::sample::Index>()) {
        let line = value.to_string();
        let _ = ndjson::parse(&line.as_bytes()[..at.index(line.len())]);
    }

    #[test]
    fn a_comment_is_read_whole_and_survives_the_lean_form(value in comment()) {
        let line = value.to_string();
        let Some(Line::Comment(read)) = ndjson::parse(line.as_bytes()) else {
            return Err(TestCaseError::fail(line));
        };
        prop_assert_eq!(read.id, value["id"].as_str().unwrap_or_default());
        prop_assert_eq!((Some(read.created), Some(read.score)), (value["created_utc"].as_i64(), value["score"].as_i64()));
        let mut lean = Vec::new();
        read.write_lean(&mut lean);
        let Some(Line::Comment(again)) = ndjson::parse(&lean) else {
            return Err(TestCaseError::fail(String::from_utf8_lossy(&lean).into_owned()));
        };
        prop_assert_eq!(again.comment(), read.comment());
    }

    #[test]
    fn any_document_is_a_recording_or_refused(value in document(), symbol in "[A-Z]{1,5}") {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        let _ = wire::chain(&value, at);
        let _ = wire::daily_bars(&value);
        let _ = wire::candles(&value);
        let _ = wire::quote(&value, &symbol, at);
    }

    #[test]
    fn any_text_is_a_document_or_refused(text in prop_oneof![any::<String>(), r#"[\[\]{}:,"NaInfinity0-9.-]{0,60}"#]) {
        let strict: Option<Value> = serde_json::from_str(&text).ok();
        let read = wire::document(&text).ok();
        prop_assert!(strict.is_none() || read == strict, "what is JSON is read as JSON reads it");
    }
}
