//! Keys that clients may present: from the setting and from a file, one form for both.

use super::{ConfigError, settings::Layers, value::list};

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// Read only.
    Read,
    /// Read and write.
    Write,
}

/// A key that clients may present.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Who it belongs to.
    pub name: String,
    /// What it may do.
    pub right: Right,
    /// SHA-256 of the key, lower-case hex.
    pub sha256: String,
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApiKey({}, {:?})", self.name, self.right)
    }
}

pub(super) fn api_keys(get: &Layers) -> Result<Vec<ApiKey>, ConfigError> {
    let entries = list(get, "ANALYZE_API_KEYS");
    if entries.is_empty() && !get.text("ANALYZE_API_KEYS").is_empty() {
        return Err(get.wrong("ANALYZE_API_KEYS", KEY_FORM));
    }
    let mut keys = entries
        .iter()
        .map(|entry| api_key(entry).ok_or_else(|| get.wrong("ANALYZE_API_KEYS", KEY_FORM)))
        .collect::<Result<Vec<_>, _>>()?;
    let path = get.text("ANALYZE_API_KEYS_FILE");
    if !path.is_empty() {
        let text = std::fs::read_to_string(path).map_err(|error| {
            ConfigError(format!(
                "ANALYZE_API_KEYS_FILE={path}: cannot be read: {error}; check the path and its permissions"
            ))
        })?;
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if !line.is_empty() && !line.starts_with('#') {
                let wrong = || {
                    ConfigError(format!(
                        "ANALYZE_API_KEYS_FILE={path}:{}: expected {KEY_FORM}",
                        index + 1
                    ))
                };
                keys.push(api_key(line).ok_or_else(wrong)?);
            }
        }
        if keys.is_empty() {
            return Err(ConfigError(format!(
                "ANALYZE_API_KEYS_FILE={path}: holds no key; expected {KEY_FORM}"
            )));
        }
    }
    Ok(keys)
}

const KEY_FORM: &str = "name:read|write:SHA-256 of the key in 64 hex digits";

fn api_key(entry: &str) -> Option<ApiKey> {
    let mut parts = entry.split(':');
    let (name, right, sha256) = (parts.next()?, parts.next()?, parts.next()?);
    let right = match right {
        "read" => Right::Read,
        "write" => Right::Write,
        _ => return None,
    };
    let hex = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
    (parts.next().is_none() && !name.is_empty() && hex).then(|| ApiKey {
        name: name.to_owned(),
        right,
        sha256: sha256.to_ascii_lowercase(),
    })
}
