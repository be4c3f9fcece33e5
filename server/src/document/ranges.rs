//! Ranges of the numbers in answers: what the names promise, said in the schema too.

use serde_json::{Map, Value, json};

/// Shares of one.
const FRACTIONS: [&str; 3] = ["confidence", "ai_confidence", "author_trust_score"];
/// Whole numbers that may be below zero: votes, and days to an end that may have passed.
const SIGNED: [&str; 2] = ["score", "dte"];

/// Adds a range to every number of an answer that has one and does not say so yet.
pub(super) fn add(document: &mut Value) {
    let schemas = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut);
    for (_, schema) in schemas.into_iter().flatten() {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (name, property) in properties.into_iter().flatten() {
            if let Some(property) = property.as_object_mut().filter(|property| is_open(property)) {
                bound(name, property);
            }
        }
    }
}

fn is_open(property: &Map<String, Value>) -> bool {
    !property.contains_key("minimum") && !property.contains_key("maximum")
}

fn bound(name: &str, property: &mut Map<String, Value>) {
    let is_whole = property.get("type") == Some(&json!("integer"));
    let (least, most) = match name {
        "progress_percent" => (Some(0), Some(100)),
        "sentiment_score" => (Some(-1), Some(1)),
        _ if FRACTIONS.contains(&name) => (Some(0), Some(1)),
        _ if !is_whole || SIGNED.contains(&name) => (None, None),
        "id" | "event_seq" | "result_seq" | "phase_index" => (Some(1), None),
        _ if name.ends_with("_id") => (Some(1), None),
        _ => (Some(0), None),
    };
    for (key, value) in [("minimum", least), ("maximum", most)] {
        if let Some(value) = value {
            property.insert(key.to_owned(), value.into());
        }
    }
}
