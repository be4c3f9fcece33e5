//! Examples: put together from the schemas and a table of sample values, so that they are always of the right shape.

use serde_json::{Map, Value, json};

use super::samples;

/// Adds an example to every JSON media type, and to parameters that have a sample.
pub(super) fn add(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (_, item) in paths {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            add_to(operation, &schemas);
        }
    }
}

fn add_to(operation: &mut Value, schemas: &Value) {
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        if let Some(sample) = parameter["name"]
            .as_str()
            .and_then(|name| samples::of_parameter(&id, name))
        {
            parameter["example"] = sample;
        }
    }
    if let Some(content) = operation.pointer_mut("/requestBody/content/application~1json") {
        content["example"] = samples::of_request(&id).unwrap_or_else(|| json!({}));
    }
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        let Some(content) = response["content"].get_mut("application/json") else {
            continue;
        };
        let mut example = of_schema(&content["schema"], "", schemas);
        samples::adjust(&id, status, &mut example);
        content["example"] = example;
    }
    if let Some(content) = operation.pointer_mut("/responses/200/content/application~1yaml") {
        content["example"] = json!("openapi: 3.0.3\n");
    }
    if let Some(content) = operation.pointer_mut("/responses/200/content/text~1event-stream") {
        content["example"] = json!(samples::STREAM);
    }
    if let Some(content) = operation.pointer_mut("/responses/200/content/text~1plain") {
        content["example"] = json!("analyze_open_positions 26\n");
    }
}

/// An example of a schema; `name` is the property it stands in.
fn of_schema(schema: &Value, name: &str, schemas: &Value) -> Value {
    let reference = schema["$ref"]
        .as_str()
        .or_else(|| schema.pointer("/allOf/0/$ref").and_then(Value::as_str));
    if let Some(reference) = reference {
        let target = reference.rsplit('/').next().unwrap_or_default();
        return match samples::of_schema(target) {
            Some(sample) => sample,
            None => of_schema(&schemas[target], name, schemas),
        };
    }
    if let Some(sample) = samples::of_property(name) {
        return sample;
    }
    match schema["type"].as_str() {
        Some("object") => of_object(schema, schemas),
        Some("array") => json!([of_schema(&schema["items"], name, schemas)]),
        _ if schema["nullable"] == true => Value::Null,
        Some("integer") => json!(1),
        Some("number") => json!(0.5),
        Some("boolean") => json!(true),
        _ => schema["enum"].get(0).cloned().unwrap_or_else(|| json!("text")),
    }
}

fn of_object(schema: &Value, schemas: &Value) -> Value {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let shown = properties.filter(|(name, _)| !samples::ABSENT.contains(&name.as_str()));
    let fields = shown.map(|(name, property)| (name.clone(), of_schema(property, name, schemas)));
    Value::Object(fields.collect::<Map<_, _>>())
}
