//! What holds of every value in the document: a name, a description, a format, a range.

use super::*;

/// The schemas and their properties, each with its name.
fn values(document: &Value) -> Vec<(String, &Value)> {
    let schemas = document["components"]["schemas"].as_object().expect("schemas");
    let mut found = Vec::new();
    for (name, schema) in schemas {
        found.push((name.clone(), schema));
        let properties = schema["properties"].as_object().into_iter().flatten();
        found.extend(properties.map(|(field, property)| (format!("{name}.{field}"), property)));
    }
    found
}

#[test]
fn everything_that_has_a_name_has_a_description() {
    let document = build();
    let mut named = values(&document);
    for (_, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        named.extend(parameters.map(|parameter| (format!("{} {}", id(operation), parameter["name"]), parameter)));
        if let Some(body) = operation.get("requestBody") {
            named.push((format!("{} body", id(operation)), body));
        }
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let headers = response["headers"].as_object().expect("headers").iter();
            let own = headers.filter(|(_, header)| header.get("$ref").is_none());
            named.extend(own.map(|(name, header)| (format!("{} {status} {name}", id(operation)), header)));
        }
    }
    for scheme in document["components"]["securitySchemes"].as_object().expect("schemes") {
        named.push((scheme.0.clone(), scheme.1));
    }
    for (name, thing) in named {
        let text = thing["description"].as_str().unwrap_or_default();
        assert!(text.len() > 3 && !text.contains("TODO"), "{name}: {text:?}");
    }
}

#[test]
fn every_number_has_a_format_and_every_whole_one_a_range() {
    let document = build();
    let signed = ["SignalComment.score", "Position.dte"];
    for (name, value) in values(&document) {
        if value["type"] == "integer" || value["type"] == "number" {
            assert!(value["format"].is_string(), "{name}");
        }
        if value["type"] == "integer" && !signed.contains(&name.as_str()) {
            assert!(value["minimum"].is_i64(), "{name}");
        }
    }
    let job = &document["components"]["schemas"]["Job"]["properties"];
    assert_eq!(
        (&job["progress_percent"]["maximum"], &job["run_id"]["minimum"]),
        (&100.into(), &1.into())
    );
}

#[test]
fn every_instant_day_and_permalink_has_its_format() {
    let document = build();
    for (name, value) in values(&document)
        .into_iter()
        .filter(|(_, value)| value["type"] == "string")
    {
        let field = name.rsplit('.').next().unwrap_or_default();
        let expected = match field {
            "job_id" | "result_id" | "requested_result_id" => "uuid",
            "market_now" | "timestamp" | "created_utc" | "last_seen" => "date-time",
            "date" | "period_start" | "period_end" => "date",
            _ if field.ends_with("_at") => "date-time",
            _ if field.ends_with("_date") => "date",
            _ => continue,
        };
        assert_eq!(value["format"], expected, "{name}");
    }
}
