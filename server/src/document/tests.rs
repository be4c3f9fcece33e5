//! What holds of the document as a whole and of its operations.

mod values;

use std::collections::HashSet;

use super::*;

fn operations(document: &Value) -> Vec<(&str, &Value)> {
    let paths = document["paths"].as_object().expect("paths").values();
    paths
        .flat_map(|item| item.as_object().expect("operations"))
        .map(|(method, op)| (method.as_str(), op))
        .collect()
}

fn id(operation: &Value) -> &str {
    operation["operationId"].as_str().expect("an operationId")
}

fn everywhere(node: &Value, look: &mut impl FnMut(&Value)) {
    look(node);
    match node {
        Value::Object(map) => map.values().for_each(|value| everywhere(value, look)),
        Value::Array(items) => items.iter().for_each(|value| everywhere(value, look)),
        _ => {}
    }
}

/// Whether `value` has the shape of `schema`; the path to the first difference otherwise.
fn fits(value: &Value, schema: &Value, document: &Value) -> Result<(), String> {
    let reference = schema["$ref"]
        .as_str()
        .or_else(|| schema.pointer("/allOf/0/$ref").and_then(Value::as_str));
    if let Some(reference) = reference {
        let target = document
            .pointer(&reference[1..])
            .ok_or_else(|| format!("{reference} is not there"))?;
        return fits(value, target, document).map_err(|path| format!("{reference}: {path}"));
    }
    if value.is_null() && schema["nullable"] == true {
        return Ok(());
    }
    let is_right = match schema["type"].as_str() {
        Some("object") => return fields_fit(value, schema, document),
        Some("array") => {
            let items = value.as_array().ok_or("not an array")?;
            return items.iter().try_for_each(|item| fits(item, &schema["items"], document));
        }
        Some("integer") => value.is_i64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("string") => value.is_string(),
        _ => true,
    };
    let listed = schema["enum"].as_array().is_none_or(|words| words.contains(value));
    if is_right && listed {
        Ok(())
    } else {
        Err(format!("{value} is not {schema}"))
    }
}

fn fields_fit(value: &Value, schema: &Value, document: &Value) -> Result<(), String> {
    let fields = value.as_object().ok_or("not an object")?;
    for name in schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        fields.get(name).ok_or_else(|| format!("{name} is missing"))?;
    }
    for (name, field) in fields {
        match schema["properties"].get(name) {
            Some(property) => fits(field, property, document).map_err(|path| format!("{name}: {path}"))?,
            None if schema.get("additionalProperties").is_some_and(|rest| rest != false) => {}
            None => return Err(format!("{name} is not in the schema")),
        }
    }
    Ok(())
}

#[test]
fn the_committed_file_is_what_the_server_makes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi.yaml");
    let committed = std::fs::read_to_string(path).expect("openapi.yaml");
    assert!(committed == yaml(&build()), "openapi.yaml is stale: make spec");
}

#[test]
fn the_document_is_the_same_bytes_every_time_and_in_both_forms() {
    let document = build();
    assert_eq!(json(&document), json(&build()));
    let read_back: Value = serde_yaml::from_str(&yaml(&document)).expect("yaml");
    assert_eq!(read_back, document);
}

#[test]
fn no_time_stands_unquoted_in_the_yaml() {
    for line in yaml(&build()).lines() {
        let value = line.rsplit(": ").next().unwrap_or_default().trim_start_matches("- ");
        let bare = value.starts_with("20") && value.contains('-') && value.len() >= 10;
        assert!(!bare, "{line}");
    }
}

#[test]
fn every_operation_has_a_name_a_summary_a_description_and_a_tag() {
    let document = build();
    let mut ids = HashSet::new();
    for (_, operation) in operations(&document) {
        let id = id(operation);
        let words = id.split('_').collect::<Vec<_>>();
        assert!(
            words.len() >= 2 && ["get", "list", "start", "stream", "cancel", "close", "override"].contains(&words[0]),
            "{id}"
        );
        assert!(ids.insert(id.to_owned()), "{id} twice");
        for part in ["summary", "description"] {
            assert!(
                operation[part].as_str().is_some_and(|text| !text.is_empty()),
                "{id} {part}"
            );
        }
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{id}");
    }
}

#[test]
fn an_operation_has_one_success_schema_one_error_schema_and_no_empty_success() {
    let document = build();
    for (_, operation) in operations(&document) {
        let (mut good, mut bad) = (HashSet::new(), HashSet::new());
        for (status, response) in operation["responses"].as_object().expect("responses") {
            assert!(!status.starts_with('3'), "{} documents {status}", id(operation));
            assert!(
                response["description"].as_str().is_some_and(|text| !text.is_empty()),
                "{}",
                id(operation)
            );
            let media = response["content"].as_object().expect("a body");
            let set = if status.starts_with('2') { &mut good } else { &mut bad };
            set.extend(media.iter().map(|(kind, media)| format!("{kind} {}", media["schema"])));
        }
        assert_eq!((good.len(), bad.len()), (1, 1), "{}", id(operation));
    }
}

#[test]
fn every_request_and_every_answer_has_an_example_of_its_schema() {
    let document = build();
    for (_, operation) in operations(&document) {
        let mut media: Vec<&Value> = operation["requestBody"]["content"]
            .as_object()
            .into_iter()
            .flat_map(|m| m.values())
            .collect();
        for response in operation["responses"].as_object().expect("responses").values() {
            media.extend(response["content"].as_object().expect("a body").values());
        }
        for media in media.into_iter().filter(|media| media.get("schema").is_some()) {
            let example = media.get("example").unwrap_or(&Value::Null);
            if let Err(path) = fits(example, &media["schema"], &document) {
                assert!(
                    example.is_null() && id(operation).starts_with("get_openapi"),
                    "{}: {path}",
                    id(operation)
                );
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(
                parameter.get("example").is_some(),
                "{}: {}",
                id(operation),
                parameter["name"]
            );
        }
    }
}

#[test]
fn request_objects_are_closed_and_answers_may_grow() {
    let document = build();
    let schemas = &document["components"]["schemas"];
    for name in [
        "AnalyzeRequest",
        "AnalyzeOptions",
        "AsyncMode",
        "CancelRequest",
        "ClosePositionRequest",
        "OverridePredictionRequest",
    ] {
        assert_eq!(schemas[name]["additionalProperties"], false, "{name}");
    }
    for name in ["Job", "RunStatus", "ErrorBody", "JobDetailEnvelope"] {
        assert!(
            schemas[name]["type"] == "object" && schemas[name].get("additionalProperties").is_none(),
            "{name}"
        );
    }
}

#[test]
fn nothing_is_nullable_that_generators_cannot_say() {
    everywhere(&build(), &mut |node| {
        if node["nullable"] == true {
            let named = node.get("$ref").is_some() || node.get("allOf").is_some() || node.get("enum").is_some();
            assert!(!named, "{node}");
        }
        if let Some(parts) = node["allOf"].as_array() {
            assert_eq!(parts.len(), 1, "{node}");
        }
    });
}

#[test]
fn a_scalar_or_array_of_an_answer_is_required() {
    let document = build();
    let requests = [
        "AnalyzeRequest",
        "AnalyzeOptions",
        "AsyncMode",
        "CancelRequest",
        "ClosePositionRequest",
        "OverridePredictionRequest",
        "Document",
    ];
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    for (name, schema) in schemas.iter().filter(|(name, _)| !requests.contains(&name.as_str())) {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let optional = !required.contains(&Value::from(field.as_str()));
            let is_object = property.get("$ref").is_some() || property.get("allOf").is_some();
            assert!(!optional || is_object, "{name}.{field}");
            assert!(
                property.get("properties").is_none(),
                "{name}.{field} is an object without a name"
            );
        }
    }
}

#[test]
fn times_and_days_are_quoted_and_nothing_else() {
    assert_eq!(quote_time("  a: 2026-01-05T20:00:00Z"), "  a: '2026-01-05T20:00:00Z'");
    assert_eq!(quote_time("- 2026-01-05"), "- '2026-01-05'");
    assert_eq!(quote_time("  a: '2026-01-05'"), "  a: '2026-01-05'");
    assert_eq!(quote_time("  a: nightly-2026-01-05"), "  a: nightly-2026-01-05");
    assert_eq!(quote_time("  a: 2026"), "  a: 2026");
}

#[test]
fn a_link_leads_to_an_operation_that_takes_what_the_answer_holds() {
    let document = build();
    let operations = operations(&document);
    let mut followed = 0;
    for (_, operation) in &operations {
        for (_, response) in operation["responses"].as_object().into_iter().flatten() {
            for (to, link) in response["links"].as_object().into_iter().flatten() {
                let target = operations.iter().find(|(_, target)| id(target) == to);
                let (_, target) = target.unwrap_or_else(|| panic!("{to} is no operation"));
                let (name, from) = link["parameters"]
                    .as_object()
                    .and_then(|all| all.iter().next())
                    .expect("a parameter");
                let takes = target["parameters"]
                    .as_array()
                    .is_some_and(|all| all.iter().any(|parameter| parameter["name"] == *name));
                assert!(takes, "{to} does not take {name}");
                let at = from.as_str().and_then(|text| text.strip_prefix("$response.body#"));
                let example = &response["content"]["application/json"]["example"];
                assert!(
                    example.pointer(at.expect("a pointer")).is_some(),
                    "{} has no {from}",
                    id(operation)
                );
                followed += 1;
            }
        }
    }
    assert!(followed > 20, "{followed}");
}

#[test]
fn an_operation_says_whether_it_needs_a_key() {
    let document = build();
    let open = ["get_livez", "get_readyz", "get_openapi_json", "get_openapi_yaml"];
    assert_eq!(document["security"].as_array().map(Vec::len), Some(2));
    for (_, operation) in operations(&document) {
        let is_open = operation.get("security") == Some(&serde_json::json!([]));
        assert_eq!(is_open, open.contains(&id(operation)), "{}", id(operation));
        assert_eq!(
            is_open,
            operation["responses"].get("401").is_none(),
            "{}",
            id(operation)
        );
    }
}

#[test]
fn an_example_of_an_error_has_a_code_of_its_status() {
    let document = build();
    for (_, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let example = &response["content"]["application/json"]["example"]["error"];
            let told = response["description"].as_str().unwrap_or_default();
            let code = example["code"].as_str().unwrap_or_default();
            let is_told = told.contains(code) || status == "409";
            assert!(
                status.starts_with('2') || (!code.is_empty() && is_told),
                "{} {status}",
                id(operation)
            );
        }
    }
}

#[test]
fn a_write_says_that_it_may_come_too_often_and_a_cancel_never_does() {
    let document = build();
    for (method, operation) in operations(&document) {
        let is_limited = method != "get" && !id(operation).starts_with("cancel") || id(operation) == "stream_run";
        assert_eq!(
            is_limited,
            operation["responses"].get("429").is_some(),
            "{}",
            id(operation)
        );
    }
}
