//! Lines of dumps.

use serde_json::{Value, json};

/// 2021-01-28T15:00:00Z.
pub(crate) const START: i64 = 1_611_846_000;

/// A comment line; `parent` is `t3_p1` or `t1_...`.
pub(crate) fn comment(id: &str, post: &str, parent: &str, author: &str, score: i64, body: &str) -> Value {
    json!({
        "id": id, "author": author, "body": body, "score": score, "created_utc": START + 60,
        "link_id": format!("t3_{post}"),
        "parent_id": parent, "subreddit": "Stocks", "gildings": {"gid_1": 0}, "all_awardings": [], "edited": false
    })
}

/// The lines of a dump.
pub(crate) fn lines(values: &[Value]) -> Vec<u8> {
    let lines: Vec<_> = values.iter().map(ToString::to_string).collect();
    (lines.join("\n") + "\n").into_bytes()
}
