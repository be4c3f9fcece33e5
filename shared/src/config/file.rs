//! A settings file: `NAME=value` lines with the names of the table, `#` comments, blank lines.

use std::path::Path;

use super::ConfigError;

/// Reads the file into pairs; the first malformed line is an error with its number.
pub(super) fn read(path: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        ConfigError(format!(
            "cannot read the settings file {}: {error}; check the path and its permissions",
            path.display()
        ))
    })?;
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| {
            let (name, value) = line.split_once('=').ok_or_else(|| {
                ConfigError(format!(
                    "{}:{number}: expected NAME=value, found `{line}`",
                    path.display()
                ))
            })?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}
