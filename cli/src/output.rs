//! Standard output: what was asked for, and nothing else. What is told beside it goes to standard error.
//!
//! A reader that goes away ends the command, without a word and without a panic.

use std::io::{self, Write as _};

use serde_json::Value;

use crate::failure::Failure;

/// Prints text as it is.
pub fn text(text: &str) -> Result<(), Failure> {
    write(text.as_bytes())
}

/// Prints a value over several lines.
pub fn json(value: &Value) -> Result<(), Failure> {
    write(format!("{value:#}\n").as_bytes())
}

/// Prints a value on a line of its own.
pub fn json_line(value: &Value) -> Result<(), Failure> {
    write(format!("{value}\n").as_bytes())
}

/// Tells something beside the output, on standard error.
pub fn note(text: &str) -> Result<(), Failure> {
    io::stderr().write_all(text.as_bytes()).map_err(Failure::Output)
}

fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(Failure::Output)
}
