//! Mending what poem-openapi emits: rules that hold for every node.

use serde_json::{Map, Value, json};

/// Generic wrappers, as the crate names them and as we do.
const WRAPPERS: [(&str, &str); 3] = [("Envelope_", "Envelope"), ("Page_", "Page"), ("List_", "List")];

/// Drops noise, collapses annotated references, writes whole numbers as such.
pub(super) fn clean(node: &mut Value) {
    match node {
        Value::Object(map) => {
            collapse(map);
            drop_noise(map);
            for key in ["minimum", "maximum"] {
                if let Some(whole) = map.get(key).and_then(Value::as_f64).and_then(whole) {
                    map.insert(key.to_owned(), whole);
                }
            }
            map.values_mut().for_each(clean);
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}

/// `allOf: [reference, annotations]` would make generators copy the class: annotations move beside the reference.
fn collapse(map: &mut Map<String, Value>) {
    let Some(parts) = map.get_mut("allOf").and_then(Value::as_array_mut) else {
        return;
    };
    if parts.len() == 2 && parts[0].get("$ref").is_some() && parts[1].get("$ref").is_none() {
        let annotations = parts.pop();
        for (key, value) in annotations.iter().filter_map(Value::as_object).flatten() {
            map.insert(key.clone(), value.clone());
        }
    }
}

fn drop_noise(map: &mut Map<String, Value>) {
    if map.get("title").is_some_and(Value::is_string) && map.contains_key("type") {
        map.shift_remove("title");
    }
    let noise = [
        ("deprecated", json!(false)),
        ("explode", json!(true)),
        ("tags", json!([])),
    ];
    for (key, value) in noise {
        if map.get(key) == Some(&value) {
            map.shift_remove(key);
        }
    }
    if let Some(Value::String(text)) = map.get_mut("description") {
        *text = one_paragraph(text);
    }
}

/// Line breaks of the source are no line breaks of the text; empty lines part paragraphs.
fn one_paragraph(text: &str) -> String {
    let paragraphs = text
        .split("\n\n")
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
fn whole(number: f64) -> Option<Value> {
    (number.fract() == 0.0 && number.abs() < 1e15).then(|| (number as i64).into())
}

/// `Envelope_Job` becomes `JobEnvelope`, and so on, wherever it is named.
pub(super) fn rename_envelopes(document: &mut Value) {
    if let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    {
        *schemas = std::mem::take(schemas)
            .into_iter()
            .map(|(name, schema)| (renamed(&name), schema))
            .collect();
    }
    rename_references(document);
}

fn rename_references(node: &mut Value) {
    match node {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref")
                && let Some((path, name)) = reference.rsplit_once('/')
            {
                *reference = format!("{path}/{}", renamed(name));
            }
            map.values_mut().for_each(rename_references);
        }
        Value::Array(items) => items.iter_mut().for_each(rename_references),
        _ => {}
    }
}

fn renamed(name: &str) -> String {
    let found = WRAPPERS
        .iter()
        .find_map(|(prefix, suffix)| Some((name.strip_prefix(prefix)?, suffix)));
    found.map_or_else(|| name.to_owned(), |(inner, suffix)| format!("{inner}{suffix}"))
}

/// Objects of request bodies take no further fields; those of answers may grow.
pub(super) fn close_requests(document: &mut Value) {
    let mut open: Vec<String> = Vec::new();
    let operations = document["paths"].as_object().into_iter().flatten();
    for (_, item) in operations.flat_map(|(_, item)| item.as_object().into_iter().flatten()) {
        references(&item["requestBody"], &mut open);
    }
    let mut closed = Vec::new();
    while let Some(name) = open.pop() {
        if closed.contains(&name) {
            continue;
        }
        if let Some(schema) = document.pointer_mut(&format!("/components/schemas/{name}")) {
            references(schema, &mut open);
            if schema["type"] == "object" {
                schema["additionalProperties"] = json!(false);
            }
        }
        closed.push(name);
    }
}

/// A request body is described by what it consists of.
pub(super) fn describe_bodies(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let items = document["paths"].as_object_mut().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    for body in operations.filter_map(|(_, operation)| operation.get_mut("requestBody")) {
        let mut named = Vec::new();
        references(body, &mut named);
        if let Some(name) = named.first() {
            body["description"] = schemas[name]["description"].clone();
        }
    }
}

/// Names of the schemas a node refers to.
pub(super) fn references(node: &Value, found: &mut Vec<String>) {
    match node {
        Value::Object(map) => {
            let reference = map.get("$ref").and_then(Value::as_str);
            found.extend(reference.and_then(|text| text.rsplit('/').next()).map(str::to_owned));
            map.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}
