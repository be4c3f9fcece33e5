//! Pages of other origins that may read answers: none, unless `ANALYZE_CORS_ORIGINS` names them.
//!
//! A browser asks before it sends a key or JSON across origins (preflight); the question carries no key and is answered
//! before anything else. Own pages need none of this. Whether a foreign page may write is the guard's business.

use poem::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Request, Response};

/// What a page may send.
const METHODS: &str = "GET, HEAD, POST, PATCH";
/// Headers a page may send.
const HEADERS: &str =
    "Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer, X-API-Key, X-Request-Id";
/// Headers a page may read.
const EXPOSED: &str = "ETag, Idempotency-Replayed, Location, Preference-Applied, Retry-After, X-Request-Id";
/// Seconds for which a browser remembers the answer.
const MAX_AGE: &str = "600";

/// The origins that may read.
#[derive(Debug)]
pub struct Cors(Vec<String>);

impl Cors {
    /// Lets pages of these origins read.
    #[must_use]
    pub fn new(origins: &[String]) -> Self {
        Self(origins.iter().map(|origin| origin.to_ascii_lowercase()).collect())
    }

    /// The origin of the request, if it is one that may read.
    #[must_use]
    pub fn origin(&self, request: &Request) -> Option<HeaderValue> {
        let origin = request.headers().get(ORIGIN)?;
        let text = origin.to_str().ok()?.to_ascii_lowercase();
        self.0.contains(&text).then(|| origin.clone())
    }

    /// The answer to a browser that asks whether it may send something.
    #[must_use]
    pub fn preflight(&self, request: &Request) -> Option<Response> {
        let asks =
            *request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        asks.then(|| self.origin(request)).flatten()?;
        let response = Response::builder()
            .status(StatusCode::NO_CONTENT)
            .header(ACCESS_CONTROL_ALLOW_METHODS, METHODS)
            .header(ACCESS_CONTROL_ALLOW_HEADERS, HEADERS)
            .header(ACCESS_CONTROL_MAX_AGE, MAX_AGE)
            .finish();
        Some(response)
    }
}

/// Lets the page read the answer.
pub fn allow(response: &mut Response, origin: HeaderValue) {
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
    headers.append(VARY, HeaderValue::from_static("Origin"));
}
