//! The OpenAPI document: one pure function from what poem-openapi emits to what everybody reads.
//!
//! `/openapi.json`, `/openapi.yaml`, the page at `/docs`, the committed file and every client build use the output of
//! [`build`]. It needs no database, so `analyze-server openapi` can print it anywhere, and it is the same bytes every
//! time: order comes from the code.

mod errors;
mod examples;
mod frame;
mod links;
mod plain;
mod ranges;
pub mod routes;
mod samples;
#[cfg(test)]
mod tests;
mod tidy;
mod trading;

use std::collections::HashMap;

use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem_openapi::registry::{MetaApi, Registry};
use poem_openapi::{OpenApi, OpenApiService};
use serde_json::Value;

use crate::app::Apis;

/// Title of the document.
pub const TITLE: &str = "Analysis jobs";

/// The operations without anything behind them: what the document needs, and no database.
struct Shape;

impl OpenApi for Shape {
    fn meta() -> Vec<MetaApi> {
        Apis::meta()
    }

    fn register(registry: &mut Registry) {
        Apis::register(registry);
    }

    fn add_routes(self, _: &mut HashMap<String, HashMap<Method, BoxEndpoint<'static>>>) {}
}

/// The document.
#[must_use]
pub fn build() -> Value {
    let emitted = OpenApiService::new(Shape, TITLE, env!("CARGO_PKG_VERSION")).spec();
    let emitted = serde_json::from_str(&emitted).unwrap_or_default(); // the crate's own output is JSON
    post_process(emitted)
}

fn post_process(mut document: Value) -> Value {
    tidy::clean(&mut document);
    tidy::rename_envelopes(&mut document);
    tidy::close_requests(&mut document);
    tidy::describe_bodies(&mut document);
    ranges::add(&mut document);
    plain::add(&mut document);
    frame::add(&mut document);
    links::add(&mut document);
    examples::add(&mut document);
    document
}

/// The document as JSON text.
#[must_use]
pub fn json(document: &Value) -> String {
    format!("{document:#}\n")
}

/// The document as YAML text. Times are quoted: YAML would take them for something else than strings.
#[must_use]
pub fn yaml(document: &Value) -> String {
    let text = serde_yaml::to_string(document).unwrap_or_default(); // a JSON value is always YAML
    let mut quoted = String::with_capacity(text.len());
    for line in text.lines() {
        quoted.push_str(&quote_time(line));
        quoted.push('\n');
    }
    quoted
}

fn quote_time(line: &str) -> String {
    let (head, value) = match line.rsplit_once(": ") {
        Some((head, value)) => (format!("{head}: "), value),
        None => match line.split_once("- ") {
            Some((head, value)) => (format!("{head}- "), value),
            None => return line.to_owned(),
        },
    };
    let mut bytes = value.bytes();
    let is_day = value.len() >= 10 && (0..10).all(|at| bytes.next().is_some_and(|b| is_day_byte(at, b)));
    let is_time = is_day && (value.len() == 10 || value.as_bytes()[10] == b'T') && !value.contains(' ');
    if is_time {
        format!("{head}'{value}'")
    } else {
        line.to_owned()
    }
}

fn is_day_byte(at: usize, byte: u8) -> bool {
    if at == 4 || at == 7 {
        byte == b'-'
    } else {
        byte.is_ascii_digit()
    }
}
