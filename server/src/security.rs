//! Who may ask: Host check, keys with rights, and the refusal of a browser's cross-origin writes.
//!
//! [`Guard::admit`] runs before routing, so that an unknown path without a key is a 401 like any other. Without keys
//! the server believes only callers on its own machine: it binds loopback ([`refuse_open_bind`]) and serves loopback
//! Host values, so that a page of a stranger whose name was rebound to 127.0.0.1 gets nothing. With keys the key is
//! what counts, compared as SHA-256 in constant time. A key is never logged and never read from a URL.

use std::sync::Arc;

use poem::Request;
use poem::http::header::{AUTHORIZATION, HOST, ORIGIN};
use poem::http::{HeaderMap, Method};
use sha2::{Digest, Sha256};
use shared::config::{ApiKey, Config, Right};

use crate::http::error::{ApiError, Code};

/// Who asks: the name of the key, or `anonymous` without keys.
#[derive(Debug, Clone)]
pub struct Principal(pub Arc<str>);

/// The rules of one server.
#[derive(Debug)]
pub struct Guard {
    keys: Vec<Known>,
    hosts: Vec<String>,
    origins: Vec<String>,
    anonymous: Principal,
}

#[derive(Debug)]
struct Known {
    principal: Principal,
    right: Right,
    sha256: String,
}

/// Why a server that anyone could reach without a key does not start.
#[must_use]
pub fn refuse_open_bind(config: &Config) -> Option<String> {
    if config.listen.ip().is_loopback() || !config.api_keys.is_empty() || config.trust_network {
        return None;
    }
    Some(format!(
        "ANALYZE_LISTEN={} is not loopback and there are no API keys, so anyone on that network could start runs; \
         set ANALYZE_API_KEYS, or listen on 127.0.0.1, or set ANALYZE_TRUST_NETWORK=1 when the port is published on \
         loopback only",
        config.listen
    ))
}

impl Guard {
    /// The rules that the settings ask for.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let known = |key: &ApiKey| Known {
            principal: Principal(key.name.as_str().into()),
            right: key.right,
            sha256: key.sha256.clone(),
        };
        Self {
            keys: config.api_keys.iter().map(known).collect(),
            hosts: config
                .allowed_hosts
                .iter()
                .map(|host| host.to_ascii_lowercase())
                .collect(),
            origins: config
                .cors_origins
                .iter()
                .map(|origin| origin.to_ascii_lowercase())
                .collect(),
            anonymous: Principal("anonymous".into()),
        }
    }

    /// Lets a request in under a name, or refuses it.
    pub fn admit(&self, request: &Request) -> Result<Principal, ApiError> {
        self.check_host(request)?;
        let writes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        let principal = if self.keys.is_empty() || is_open(request.uri().path()) {
            self.anonymous.clone()
        } else {
            self.authenticate(request.headers(), writes)?
        };
        if writes {
            self.check_origin(request)?;
        }
        Ok(principal)
    }

    fn check_host(&self, request: &Request) -> Result<(), ApiError> {
        if !self.keys.is_empty() {
            return Ok(());
        }
        let absolute = request.uri().authority().map(poem::http::uri::Authority::as_str);
        let header = header_text(request.headers(), &HOST);
        let mut named = absolute.into_iter().chain(header).peekable();
        if named.peek().is_some() && named.all(|host| self.is_served(host)) {
            return Ok(());
        }
        Err(ApiError::new(
            Code::Forbidden,
            "this Host is not served; ANALYZE_ALLOWED_HOSTS names further ones",
        ))
    }

    fn is_served(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let name = without_port(&host);
        is_loopback(name) || self.hosts.iter().any(|known| *known == host || known == name)
    }

    fn authenticate(&self, headers: &HeaderMap, writes: bool) -> Result<Principal, ApiError> {
        let key = presented(headers)?;
        let digest = hex(&Sha256::digest(key));
        let mut found = None;
        for known in &self.keys {
            if same(known.sha256.as_bytes(), digest.as_bytes()) {
                found = Some(known);
            }
        }
        let known = found.ok_or_else(|| unauthorized("this key is not known"))?;
        if writes && known.right == Right::Read {
            return Err(ApiError::new(Code::Forbidden, "this key may read only"));
        }
        Ok(known.principal.clone())
    }

    /// A browser names the origin of the page that writes; other clients send none.
    fn check_origin(&self, request: &Request) -> Result<(), ApiError> {
        if !request.headers().contains_key(ORIGIN) {
            return Ok(());
        }
        let origin = header_text(request.headers(), &ORIGIN)
            .unwrap_or("null")
            .to_ascii_lowercase();
        let authority = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        let own = header_text(request.headers(), &HOST);
        let is_own = authority.is_some() && authority == own.map(str::to_ascii_lowercase).as_deref();
        if is_own || self.origins.contains(&origin) {
            return Ok(());
        }
        Err(ApiError::new(
            Code::Forbidden,
            "writes from a page of another origin are refused",
        ))
    }
}

/// Open without a key: health and the document.
fn is_open(path: &str) -> bool {
    matches!(path, "/livez" | "/readyz" | "/docs" | "/openapi.json" | "/openapi.yaml") || path.starts_with("/docs/")
}

/// The header, when it is there once and readable.
fn header_text<'a>(headers: &'a HeaderMap, name: &poem::http::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() {
        None
    } else {
        first.to_str().ok()
    }
}

/// The one key of the request, from either header; two different ones contradict each other.
fn presented(headers: &HeaderMap) -> Result<&str, ApiError> {
    let unreadable = || unauthorized("the key cannot be read");
    let mut keys = Vec::new();
    for value in headers.get_all(AUTHORIZATION) {
        let text = value.to_str().map_err(|_| unreadable())?;
        let (scheme, key) = text.split_once(' ').ok_or_else(unreadable)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(unauthorized("the scheme must be Bearer"));
        }
        keys.push(key.trim());
    }
    for value in headers.get_all("x-api-key") {
        keys.push(value.to_str().map_err(|_| unreadable())?.trim());
    }
    match keys.as_slice() {
        [] => Err(unauthorized(
            "a key is needed: Authorization: Bearer KEY, or X-API-Key: KEY",
        )),
        [first, rest @ ..] if rest.iter().all(|key| key == first) => Ok(first),
        _ => Err(unauthorized("the request carries two different keys")),
    }
}

fn unauthorized(message: &'static str) -> ApiError {
    ApiError::new(Code::Unauthorized, message)
}

/// Takes the same time wherever the first difference lies.
fn same(left: &[u8], right: &[u8]) -> bool {
    let differences = left.iter().zip(right).fold(0, |all, (a, b)| all | (a ^ b));
    left.len() == right.len() && std::hint::black_box(differences) == 0
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String cannot fail
        text
    })
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    }
}

fn is_loopback(name: &str) -> bool {
    let bare = name
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(name);
    name == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
