//! A server and a worker that live through market days, one run a day.

use anyhow::{Context as _, ensure};
use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use shared::market::calendar::eastern_day;

use crate::{
    client::Api,
    process::Process,
    stack::{Settings, Stack},
};

/// A stack with a server and a worker; a run is a day.
#[derive(Debug)]
pub struct Days {
    worker: Option<Process>,
    _server: Process,
    stack: Stack,
}

impl Days {
    /// Starts both over an empty database.
    pub async fn start(settings: Settings<'_>) -> anyhow::Result<Self> {
        let stack = Stack::new(settings)?;
        let server = stack.server().await?;
        let worker = Some(stack.worker()?);
        Ok(Self {
            worker,
            _server: server,
            stack,
        })
    }

    /// The stack.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Speaks with the server.
    #[must_use]
    pub fn api(&self) -> Api {
        self.stack.api()
    }

    /// The next trading day of the sample, at 11:00 Eastern; yields the completed run as `GET /runs/{id}` shows it.
    pub async fn next(&self) -> anyhow::Result<Value> {
        self.analyse(json!({})).await
    }

    /// A run at an instant.
    pub async fn at(&self, as_of: &str) -> anyhow::Result<Value> {
        self.analyse(json!({"options": {"as_of": as_of}})).await
    }

    async fn analyse(&self, body: Value) -> anyhow::Result<Value> {
        let wait = [("prefer", "wait=120")];
        let answer = self.api().send(Method::POST, "/analyze", &wait, Some(body)).await?;
        ensure!(answer.status == 200, "{}", answer.body);
        self.completed(answer.run_id()).await
    }

    /// The run as `GET /runs/{id}` shows it, if it has completed.
    pub async fn completed(&self, run: i64) -> anyhow::Result<Value> {
        let run = self.api().get(&format!("/runs/{run}")).await?;
        ensure!(run.data()["status"] == "completed", "{}", run.body);
        Ok(run.data().clone())
    }

    /// The Eastern day that a run was about.
    pub async fn date(&self, run: &Value) -> anyhow::Result<String> {
        let path = format!("/runs/{}/result", run["run_id"]);
        let result = self.api().get(&path).await?;
        let now = result.data()["result"]["market_now"].as_str();
        let now: DateTime<Utc> = now.with_context(|| result.body.to_string())?.parse()?;
        Ok(eastern_day(now).to_string())
    }

    /// Kills the worker with SIGKILL and starts another.
    pub fn replace_worker(&mut self) -> anyhow::Result<()> {
        self.worker.take().context("there is no worker")?.kill()?;
        self.worker = Some(self.stack.worker()?);
        Ok(())
    }

    /// Every position with its exits, as `GET /positions/{id}` shows it.
    pub async fn positions(&self) -> anyhow::Result<Vec<Value>> {
        let mut positions = Vec::new();
        for id in self.stack.texts("select id from positions order by id")? {
            let position = self.api().get(&format!("/positions/{id}")).await?;
            ensure!(position.status == 200, "{}", position.body);
            positions.push(position.data().clone());
        }
        Ok(positions)
    }
}
