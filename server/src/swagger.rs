//! The document and its page: `/openapi.json`, `/openapi.yaml`, `/docs`.
//!
//! The page is ours, its script and style are the ones poem-openapi carries, cut out of the page that crate makes. It
//! asks nobody outside: no validator, no fonts, and a content policy that allows our own origin only, whatever host
//! name it is opened under. Addresses in it are relative, so that it also works behind a path prefix.

use std::sync::LazyLock;

use poem::endpoint::make_sync;
use poem::{IntoEndpoint, Response, Route, get};
use poem_openapi::OpenApiService;
use serde_json::Value;

use crate::document;

/// The paths served here, all of them GET only.
pub const PATHS: [&str; 4] = ["/docs", "/docs/ui.js", "/docs/ui.css", "/docs/start.js"];

const POLICY: &str = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'";

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Analysis jobs: API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/ui.css">
</head>
<body>
<div id="ui"></div>
<script src="docs/ui.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"#;

const START: &str = r##"SwaggerUIBundle({
  dom_id: "#ui",
  url: "openapi.json",
  validatorUrl: null,
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
});
"##;

/// Script and style as the crate carries them.
struct Assets {
    script: String,
    style: String,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| {
    let page = OpenApiService::new((), "", "").swagger_ui_html();
    let cut = |from: &str, to: &str| {
        let rest = page.split_once(from).map_or("", |(_, rest)| rest);
        rest.split_once(to).map_or("", |(inside, _)| inside).to_owned()
    };
    Assets {
        script: cut("<script charset=\"UTF-8\">", "</script>\n</head>"),
        style: cut("<style charset=\"UTF-8\">", "</style>"),
    }
});

/// Adds the document and its page to `route`.
#[must_use]
pub fn mount(route: Route, document: &Value) -> Route {
    let (json, yaml) = (document::json(document), document::yaml(document));
    route
        .at("/openapi.json", fixed("application/json", move || json.clone()))
        .at("/openapi.yaml", fixed("application/yaml", move || yaml.clone()))
        .at("/docs", fixed("text/html; charset=utf-8", || PAGE.to_owned()))
        .at(
            "/docs/ui.js",
            fixed("text/javascript; charset=utf-8", || ASSETS.script.clone()),
        )
        .at(
            "/docs/ui.css",
            fixed("text/css; charset=utf-8", || ASSETS.style.clone()),
        )
        .at(
            "/docs/start.js",
            fixed("text/javascript; charset=utf-8", || START.to_owned()),
        )
}

fn fixed(kind: &'static str, body: impl Fn() -> String + Send + Sync + 'static) -> impl IntoEndpoint {
    get(make_sync(move |_| {
        Response::builder()
            .content_type(kind)
            .header("content-security-policy", POLICY)
            .header("x-content-type-options", "nosniff")
            .header("referrer-policy", "no-referrer")
            .body(body())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_and_style_are_found_in_the_page_of_the_crate() {
        assert!(ASSETS.script.len() > 1_000_000 && ASSETS.script.contains("SwaggerUIBundle"));
        assert!(ASSETS.style.len() > 100_000 && ASSETS.style.contains(".swagger-ui"));
        assert!(!ASSETS.script.contains("</script>"));
    }

    #[test]
    fn the_page_asks_nobody_outside() {
        assert!(!PAGE.contains("//") && !START.contains("//"));
        assert!(START.contains("validatorUrl: null"));
    }
}
