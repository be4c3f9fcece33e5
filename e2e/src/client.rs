//! HTTP with the server, as a test or a benchmark needs it.

use std::time::Duration;

use anyhow::bail;
use reqwest::{Client, Method};
use serde_json::Value;

use crate::{process::Process, stack::PATIENCE};

/// Speaks with one server.
#[derive(Debug, Clone)]
pub struct Api {
    base: String,
    client: Client,
}

/// An answer: status, headers, and the body as JSON (null when it is none).
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, lower-case names.
    pub headers: reqwest::header::HeaderMap,
    /// Body.
    pub body: Value,
}

impl Answer {
    /// `body.data`.
    #[must_use]
    pub fn data(&self) -> &Value {
        &self.body["data"]
    }

    /// `body.error.code`.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// `body.data.run_id`.
    #[must_use]
    pub fn run_id(&self) -> i64 {
        self.body["data"]["run_id"].as_i64().unwrap_or_default()
    }
}

impl Api {
    /// With the server at `base`.
    #[must_use]
    pub fn new(base: String) -> Self {
        Self {
            base,
            client: Client::new(),
        }
    }

    /// The server's address.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whether the server answers that it is ready.
    pub async fn is_ready(&self) -> bool {
        let call = self
            .client
            .get(format!("{}/readyz", self.base))
            .timeout(Duration::from_secs(5));
        call.send().await.is_ok_and(|answer| answer.status().is_success())
    }

    /// GET.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path, &[], None).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Answer> {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// Any request.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> anyhow::Result<Answer> {
        let mut call = self.client.request(method, format!("{}{path}", self.base));
        for (name, value) in headers {
            call = call.header(*name, *value);
        }
        if let Some(body) = body {
            call = call.json(&body);
        }
        let answer = call.timeout(PATIENCE * 3).send().await?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = serde_json::from_slice(&answer.bytes().await?).unwrap_or(Value::Null);
        Ok(Answer { status, headers, body })
    }

    /// Starts a run with the defaults.
    pub async fn start(&self) -> anyhow::Result<Answer> {
        self.post("/analyze", serde_json::json!({})).await
    }

    /// `RunStatus` once it satisfies the condition.
    pub async fn wait_until(&self, run: i64, condition: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
        let since = std::time::Instant::now();
        loop {
            let answer = self.get(&format!("/runs/{run}/status")).await?;
            if condition(answer.data()) {
                return Ok(answer.data().clone());
            }
            if since.elapsed() > PATIENCE {
                bail!("waited in vain: {}", answer.body);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until the worker is dead (`true`) or the run has ended.
    pub async fn dies_before_end(&self, worker: &mut Process, run: i64) -> anyhow::Result<bool> {
        loop {
            if worker.has_ended()? {
                return Ok(true);
            }
            let status = self.get(&format!("/runs/{run}/status")).await?;
            if !status.data()["completed_at"].is_null() {
                return Ok(false);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// `RunStatus` after the run has ended.
    pub async fn wait_for_end(&self, run: i64) -> anyhow::Result<Value> {
        self.wait_until(run, |status| {
            matches!(status["status"].as_str(), Some("completed" | "failed" | "canceled"))
        })
        .await
    }
}
