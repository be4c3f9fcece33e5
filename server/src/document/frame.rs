//! What stands around the operations: version, licence, server, keys, and the request id on every answer.

use serde_json::{Value, json};

const DESCRIPTION: &str = "Starts analyses, shows how they go and what they found.\n\n\
    Every JSON answer has an envelope: `data` and `meta`, or `error` and `meta`. A scalar or an array without a value \
    is null; an object without a value is absent. Times are UTC with microseconds. Fields ending in `_pct` are \
    percents, in `_fraction` fractions. New fields and new words of open word lists may appear at any time.\n\n\
    A request may carry `X-Request-Id`; the answer repeats it, or brings a new one. An unchanged status is answered \
    304 to a request with `If-None-Match`. When the service has keys, every path but health and document needs one, \
    as `Authorization: Bearer KEY` or `X-API-Key: KEY`.";

/// Paths that need no key.
const OPEN: [&str; 4] = ["/livez", "/readyz", "/openapi.json", "/openapi.yaml"];

/// Adds the frame.
pub(super) fn add(document: &mut Value) {
    document["openapi"] = json!("3.0.3");
    document["info"]["description"] = json!(DESCRIPTION);
    document["info"]["license"] = json!({"name": "MIT", "url": "https://opensource.org/licenses/MIT"});
    document["servers"] = json!([{"url": "/"}]);
    document["security"] = json!([{"bearer": []}, {"api_key": []}]);
    document["components"]["securitySchemes"] = json!({
        "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer KEY`"},
        "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "`X-API-Key: KEY`"},
    });
    document["components"]["headers"] = json!({
        "RequestId": {"description": "Name of the request.", "schema": {"type": "string"}},
    });
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (path, item) in paths {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            if OPEN.contains(&path.as_str()) {
                operation["security"] = json!([]);
                operation["responses"]
                    .as_object_mut()
                    .and_then(|responses| responses.shift_remove("401"));
            }
            for (_, response) in operation["responses"].as_object_mut().into_iter().flatten() {
                response["headers"]["X-Request-Id"] = json!({"$ref": "#/components/headers/RequestId"});
            }
        }
    }
}
