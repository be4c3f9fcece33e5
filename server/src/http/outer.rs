//! What stands around every route: the request id, admission, the envelope of errors nobody else made, and panics.
//!
//! poem answers unknown paths and methods by itself, in plain text; here they get the envelope, and a 405 its `Allow`.
//! This is also the place for what must happen before routing: the limit on writes.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt;
use poem::http::header::CONTENT_TYPE;
use poem::http::{HeaderValue, Method, StatusCode};
use poem::{Endpoint, Request, Response, Result};
use tracing::debug;

use super::error::{ApiError, Code};
use super::reply::JSON;
use super::request_id;
use crate::cors::{self, Cors};
use crate::document::routes::Routes;
use crate::rate::Limiter;
use crate::security::{Guard, Principal};

/// The outermost endpoint.
pub struct Outer<E> {
    inner: E,
    guard: Guard,
    limiter: Option<Limiter>,
    cors: Cors,
    routes: Arc<Routes>,
}

impl<E: Endpoint<Output = Response>> Outer<E> {
    /// Puts `inner` behind the guard, and the limit if there is one.
    pub fn new(inner: E, guard: Guard, limiter: Option<Limiter>, cors: Cors, routes: Arc<Routes>) -> Self {
        Self {
            inner,
            guard,
            limiter,
            cors,
            routes,
        }
    }

    async fn answer(&self, mut request: Request) -> Response {
        let principal = match self.guard.admit(&request) {
            Ok(principal) => principal,
            Err(error) => return error.into_response(),
        };
        if let Err(seconds) = self.take_token(&request, &principal) {
            return ApiError::too_many_writes(seconds).into_response();
        }
        request.extensions_mut().insert(principal);
        let path = request.uri().path().to_owned();
        let work = AssertUnwindSafe(self.inner.get_response(request)).catch_unwind();
        match work.await {
            Ok(response) => self.enveloped(response, &path),
            Err(panic) => ApiError::internal(&panic_text(panic.as_ref())).into_response(),
        }
    }

    /// A write to a known route counts, unless it only stops work.
    fn take_token(&self, request: &Request, principal: &Principal) -> Result<(), u64> {
        let (Some(limiter), path, method) = (&self.limiter, request.uri().path(), request.method()) else {
            return Ok(());
        };
        let writes = matches!(*method, Method::POST | Method::PATCH | Method::PUT | Method::DELETE);
        let known = || {
            self.routes
                .methods_of(path)
                .split(", ")
                .any(|word| word == method.as_str())
        };
        if !writes || path.ends_with("/cancel") || !known() {
            return Ok(());
        }
        limiter.take(&principal.0, Instant::now())
    }

    /// Replaces an error that is not ours by one that is.
    fn enveloped(&self, response: Response, path: &str) -> Response {
        let status = response.status();
        let is_ours = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == JSON);
        if is_ours || !(status.is_client_error() || status.is_server_error()) {
            return response;
        }
        let error = match status {
            // Whatever reads bodies and parameters answers for itself: what is left of 400 is a path that is no text.
            StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST => {
                ApiError::new(Code::NotFound, "there is nothing at this path")
            }
            StatusCode::METHOD_NOT_ALLOWED => ApiError::method_not_allowed(self.routes.methods_of(path)),
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(Code::PayloadTooLarge, "the body is larger than 64 KiB"),
            status if status.is_client_error() => ApiError::new(Code::BadRequest, "the request cannot be read"),
            status => ApiError::internal(&format!("an endpoint answered {status} without an envelope")),
        };
        error.into_response()
    }
}

impl<E: Endpoint<Output = Response>> Endpoint for Outer<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let id = request_id::of(&request);
        let asked = tracing::enabled!(tracing::Level::DEBUG)
            .then(|| (request.method().clone(), request.uri().path().to_owned()));
        let origin = self.cors.origin(&request);
        let mut response = match self.cors.preflight(&request) {
            Some(response) => response,
            None => request_id::scope(id.clone(), self.answer(request)).await,
        };
        if let Some(origin) = origin {
            cors::allow(&mut response, origin);
        }
        if let Some((method, path)) = asked {
            debug!(request.id = %id, %method, path, status = response.status().as_u16(), "answered");
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(request_id::HEADER, id);
        }
        Ok(response)
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a handler panicked: {}", text.unwrap_or("without a message"))
}

#[cfg(test)]
mod tests {
    use poem::{EndpointExt, endpoint::make};
    use serde_json::{Value, json};
    use shared::config::{Config, Layers};

    use super::*;

    /// An endpoint that answers as the path says.
    async fn ask(path: &'static str) -> (StatusCode, Value) {
        let config = Config::from_layers(Layers::new(&[], &[], &[]).expect("no settings")).expect("defaults");
        let inner = make(move |_| async move {
            match path {
                "/panics" => panic!("secret"),
                "/fails" => Response::builder().status(StatusCode::BAD_GATEWAY).body("secret"),
                "/teapot" => Response::builder().status(StatusCode::IM_A_TEAPOT).body("secret"),
                _ => Response::default(),
            }
        });
        let routes = Arc::new(Routes::of(&json!({}), &[]));
        let outer = Outer::new(
            inner.map_to_response(),
            Guard::new(&config),
            None,
            Cors::new(&[]),
            routes,
        );
        let request = Request::builder().uri_str(path).header("host", "localhost").finish();
        let response = outer.get_response(request).await;
        assert!(response.headers().contains_key(request_id::HEADER));
        let status = response.status();
        let body = response.into_body().into_string().await.expect("text");
        assert!(!body.contains("secret"), "{body}");
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    #[tokio::test]
    async fn a_panic_and_a_failure_of_nobody_are_internal_and_say_nothing() {
        for path in ["/panics", "/fails"] {
            let (status, body) = ask(path).await;
            assert_eq!(
                (status, &body["error"]["code"]),
                (StatusCode::INTERNAL_SERVER_ERROR, &json!("INTERNAL"))
            );
        }
        assert_eq!(ask("/teapot").await.1["error"]["code"], "BAD_REQUEST");
        assert_eq!(ask("/").await, (StatusCode::OK, Value::Null));
    }
}
