//! The server as the commands see it: one method a question, errors as [`Failure`].
//!
//! Every method asks one question of the generated client and gives both the typed answer, for tables, and the data as
//! it came, for `--json`.

mod trading;

use std::time::Duration;

use progenitor_client::{ClientInfo as _, Error, ResponseValue};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use serde_json::Value;
use uuid::Uuid;

use crate::api::{Client, Tap, types};
use crate::failure::Failure;
use crate::name::{ResultName, RunName};

/// Longest time to find the server.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest silence of the server.
const SILENCE: Duration = Duration::from_secs(30);

/// An answer, understood and as it came.
#[derive(Debug)]
pub struct Answer<T> {
    /// The envelope, understood.
    pub value: T,
    /// Its `data`, as it came.
    pub data: Value,
}

type Call<T> = Result<ResponseValue<T>, Error<types::ErrorBody>>;
type Told<T> = Result<Answer<T>, Failure>;

/// A server to ask.
#[derive(Debug, Clone)]
pub struct Server {
    client: Client,
    url: String,
}

impl Server {
    /// A server at `url`, which may ask for `key`. Nothing is asked yet.
    pub fn new(url: &str, key: Option<&str>) -> Result<Self, Failure> {
        let mut headers = HeaderMap::new();
        if let Some(key) = key {
            let value = HeaderValue::try_from(format!("Bearer {key}"));
            let mut value =
                value.map_err(|_| Failure::Unsendable("the key has letters that no header can carry".to_owned()))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT);
        let http = http.read_timeout(SILENCE).no_proxy().build();
        let http = http.map_err(|cause| Failure::Unsendable(cause.to_string()))?;
        Ok(Self {
            client: Client::new_with_client(url, http, Tap::default()),
            url: url.to_owned(),
        })
    }

    /// Starts an analysis, or joins one.
    pub async fn start(
        &self,
        request: &types::AnalyzeRequest,
        key: Option<&str>,
    ) -> Told<types::StartedAnalysisEnvelope> {
        self.told(self.client.start_analysis(key, None, request).await)
    }

    /// A run with its phases.
    pub async fn run(&self, id: i64) -> Told<types::RunEnvelope> {
        self.told(self.client.get_run(id).await)
    }

    /// The events of a run behind number `after`, one page.
    pub async fn events(&self, id: i64, after: i64) -> Told<types::RunEventPage> {
        self.told(self.client.list_run_events(id, Some(after), None).await)
    }

    /// The key of a run.
    pub async fn resolve(&self, name: RunName) -> Result<i64, Failure> {
        match name {
            RunName::Id(id) => Ok(id),
            RunName::Job(job) => Ok(self.job(&job).await?.value.data.job.run_id),
        }
    }

    async fn job(&self, job: &Uuid) -> Told<types::JobDetailEnvelope> {
        self.told(self.client.get_job(job).await)
    }

    /// A result; a link may name a result or a job.
    pub async fn result(&self, name: ResultName) -> Told<types::RunResultEnvelope> {
        let link = match name {
            ResultName::OfRun(id) => return self.told(self.client.get_run_result(id).await),
            ResultName::Link(link) => link,
        };
        match self.told(self.client.get_result(&link, None).await) {
            Err(failure) if failure.is_not_found() => {
                let Ok(job) = self.job(&link).await else {
                    return Err(failure);
                };
                self.told(self.client.get_run_result(job.value.data.job.run_id).await)
            }
            told => told,
        }
    }

    /// Runs, newest first.
    pub async fn runs(&self, filter: &crate::args::Runs) -> Told<types::RunSummaryPage> {
        let subreddit = filter.subreddit.as_deref();
        self.told(
            self.client
                .list_runs(filter.limit, None, None, filter.status, subreddit)
                .await,
        )
    }

    /// Signals, newest day first.
    pub async fn signals(&self, filter: &crate::args::Signals) -> Told<types::SignalSummaryPage> {
        let (from, to, ticker) = (filter.from.as_ref(), filter.to.as_ref(), filter.ticker.as_deref());
        self.told(
            self.client
                .list_signals(from, to, filter.limit, None, None, filter.kind, None, ticker)
                .await,
        )
    }

    /// One signal.
    pub async fn signal(&self, id: i64) -> Told<types::SignalEnvelope> {
        self.told(self.client.get_signal(id).await)
    }

    /// All comments behind a signal.
    pub async fn comments(&self, id: i64) -> Told<types::SignalCommentPage> {
        self.told(self.client.list_signal_comments(id, None, None).await)
    }

    /// Asks a run to end.
    pub async fn cancel(&self, id: i64, reason: Option<String>) -> Told<types::CancelResultEnvelope> {
        self.told(self.client.cancel_run(id, &types::CancelRequest { reason }).await)
    }

    /// Where the service stands.
    pub async fn overview(&self) -> Told<types::SystemStatusEnvelope> {
        self.told(self.client.get_status().await)
    }

    /// Whether it serves requests.
    pub async fn ready(&self) -> Told<types::HealthEnvelope> {
        self.told(self.client.get_readyz(None).await)
    }

    fn told<T>(&self, call: Call<T>) -> Told<T> {
        let answer = call.map_err(|error| Failure::of(&self.url, error))?;
        Ok(Answer {
            value: answer.into_inner(),
            data: self.client.inner().data(),
        })
    }
}
