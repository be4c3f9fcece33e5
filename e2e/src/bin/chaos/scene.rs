//! One database with the processes over it, each of which may be ended at any time.

use anyhow::Context as _;
use e2e::{
    client::Api,
    process::Process,
    stack::{Settings, Stack},
};
use serde_json::{Value, json};

/// A stack with a server and a worker.
pub(crate) struct Scene {
    /// The worker, while there is one.
    pub(crate) worker: Option<Process>,
    /// The server, while there is one.
    pub(crate) server: Option<Process>,
    /// The folder; last, so that it outlives the processes.
    pub(crate) stack: Stack,
}

impl Scene {
    /// Starts both over an empty database.
    pub(crate) async fn start(settings: Settings<'_>) -> anyhow::Result<Self> {
        Self::over(Stack::new(settings)?).await
    }

    /// Starts both over that stack.
    pub(crate) async fn over(stack: Stack) -> anyhow::Result<Self> {
        let server = Some(stack.server().await?);
        let worker = Some(stack.worker()?);
        Ok(Self { worker, server, stack })
    }

    /// Speaks with the server.
    pub(crate) fn api(&self) -> Api {
        self.stack.api()
    }

    /// Asks for the next day, again for as long as the database is busy and nothing has changed; yields the run.
    pub(crate) async fn post(&self) -> anyhow::Result<i64> {
        loop {
            let answer = self.api().post("/analyze", request()).await?;
            if answer.code() == "DATABASE_BUSY" {
                continue;
            }
            anyhow::ensure!(answer.status == 202, "{}", answer.body);
            return Ok(answer.run_id());
        }
    }

    /// Waits until a worker has claimed that run.
    pub(crate) async fn claimed(&self, run: i64) -> anyhow::Result<()> {
        let claimed = |status: &Value| status["status"] != "queued";
        self.api().wait_until(run, claimed).await?;
        Ok(())
    }

    /// SIGKILL for the worker.
    pub(crate) fn kill_worker(&mut self) -> anyhow::Result<()> {
        Ok(self.worker.take().context("there is no worker")?.kill()?)
    }

    /// SIGKILL for the server.
    pub(crate) fn kill_server(&mut self) -> anyhow::Result<()> {
        Ok(self.server.take().context("there is no server")?.kill()?)
    }

    /// Another server on the same port.
    pub(crate) async fn start_server(&mut self) -> anyhow::Result<()> {
        self.server = Some(self.stack.server().await?);
        Ok(())
    }

    /// Another worker.
    pub(crate) fn start_worker(&mut self) -> anyhow::Result<()> {
        self.worker = Some(self.stack.worker()?);
        Ok(())
    }

    /// Events of a run.
    pub(crate) async fn events(&self, run: i64) -> anyhow::Result<Value> {
        let answer = self.api().get(&format!("/runs/{run}/events?limit=100")).await?;
        anyhow::ensure!(answer.status == 200, "{}", answer.body);
        Ok(answer.data().clone())
    }
}

/// A day that passes every phase in about a second.
pub(crate) fn request() -> Value {
    json!({ "options": { "post_limit": 6, "comments_per_post": 200, "top_comments": 20 } })
}
