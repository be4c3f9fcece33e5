//! Operations that poem-openapi does not know: the document itself.

use serde_json::{Value, json};

/// Adds the plain paths.
pub(super) fn add(document: &mut Value) {
    document["paths"]["/openapi.json"] = json!({"get": one(
        "get_openapi_json",
        "Get this document as JSON",
        "application/json",
        &json!({"$ref": "#/components/schemas/Document"}),
    )});
    document["paths"]["/openapi.yaml"] = json!({"get": one(
        "get_openapi_yaml",
        "Get this document as YAML",
        "application/yaml",
        &json!({"type": "string"}),
    )});
    document["components"]["schemas"]["Document"] =
        json!({"type": "object", "description": "An OpenAPI 3.0 document.", "additionalProperties": {}});
}

fn one(id: &str, summary: &str, kind: &str, schema: &Value) -> Value {
    let error = json!({"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}});
    let mut ok = json!({"description": "The document.", "content": {}});
    ok["content"][kind] = json!({"schema": schema});
    json!({
        "tags": ["System"],
        "summary": summary,
        "description": "The same document the page at `/docs` shows.",
        "operationId": id,
        "responses": {
            "200": ok,
            "403": {"description": "`FORBIDDEN`: Host is foreign.", "content": error},
        },
    })
}
