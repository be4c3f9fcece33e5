//! The generated client, and a tap that keeps each answer as it came.
//!
//! `build.rs` writes the client from `openapi.yaml`. Its types are what the tables are made from; `--json` prints the
//! answer itself, so that fields this build does not know and the exact form of numbers and times survive. The tap
//! holds the newest JSON body only: a command asks one thing after the other.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use progenitor_client::{ClientHooks, ClientInfo as _, OperationInfo};
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

// Not `expect`: which of these the generator breaks changes with the document, and with the generator's version.
#[allow(
    missing_docs,
    dead_code,
    unused_imports,
    clippy::all,
    clippy::pedantic,
    rustdoc::all,
    reason = "generated code is judged by its generator"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/client.rs"));
}

pub use generated::{Client, types};

/// Holds the newest JSON body that was received.
#[derive(Debug, Default)]
pub struct Tap(Mutex<Bytes>);

impl Tap {
    /// `data` of the newest answer, with every field it came with.
    #[must_use]
    pub fn data(&self) -> Value {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        answer.get_mut("data").map(Value::take).unwrap_or_default()
    }

    fn keep(&self, body: &Bytes) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body.clone();
    }
}

impl Clone for Tap {
    fn clone(&self) -> Self {
        Self(Mutex::new(
            self.0.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        ))
    }
}

impl ClientHooks<Tap> for Client {
    async fn exec(&self, request: reqwest::Request, _: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let response = self.client().execute(request).await?;
        let kind = response.headers().get(CONTENT_TYPE);
        if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json")) {
            return Ok(response); // a stream has no end to wait for
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await?;
        self.inner().keep(&body);
        let mut again = http::Response::new(body);
        *again.status_mut() = status;
        *again.headers_mut() = headers;
        Ok(again.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tap_gives_data_as_it_came() {
        let tap = Tap::default();
        assert_eq!(tap.data(), Value::Null);
        let body = r#"{"data":{"z":1.50,"a":"2026-01-05T20:00:00.000000Z","new":null},"meta":{}}"#;
        tap.keep(&Bytes::from_static(body.as_bytes()));
        let data = tap.data();
        assert_eq!(data["a"], "2026-01-05T20:00:00.000000Z");
        let keys: Vec<_> = data.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["z", "a", "new"], "order and unknown fields are kept");
    }
}
