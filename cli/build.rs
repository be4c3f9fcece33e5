//! Generates the HTTP client from the committed `openapi.yaml`.
//!
//! The document is the only thing this crate knows of the service. One thing is done to it before generating, so
//! that the server stays the judge of values: bounds and patterns are dropped. They would become types such as
//! `NonZeroU64`, and wrong values would fail here, with a worse message.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use serde_json::Value;

/// Rules that are left to the server.
const BOUNDS: [&str; 5] = ["minimum", "maximum", "pattern", "minLength", "maxLength"];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?;
    let document = Path::new(&folder).join("../openapi.yaml");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", document.display());

    let text = fs::read_to_string(&document).map_err(|cause| format!("{}: {cause}", document.display()))?;
    let target = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?).join("client.rs");
    fs::write(target, generate(&text)?)?;
    Ok(())
}

fn generate(text: &str) -> Result<String, Box<dyn Error>> {
    let mut document: Value = serde_yaml::from_str(text)?;
    drop_bounds(&mut document);
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_hooks(HooksMode::Expected)
        .with_inner_type("crate::api::Tap".parse()?);
    let tokens = Generator::new(&settings).generate_tokens(&serde_json::from_value(document)?)?;
    Ok(prettyplease::unparse(&syn::parse2(tokens)?))
}

fn drop_bounds(node: &mut Value) {
    match node {
        Value::Object(map) => {
            map.retain(|key, value| !is_dropped(key, value));
            map.values_mut().for_each(drop_bounds);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_bounds),
        _ => {}
    }
}

/// Bounds. A property may be called `pattern` too, but a rule is never an object.
fn is_dropped(key: &str, value: &Value) -> bool {
    BOUNDS.contains(&key) && !value.is_object()
}
