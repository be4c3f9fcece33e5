//! A server on a free port with a fresh database, and a client for it.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::Value;
use server::prices::sources::Prices;
use server::serve;
use shared::config::{Config, Layers};
use shared::run::ids::RunId;
use shared::store::Store;
use shared::store::claim::{self, Claimant, Claimed, RunningRun};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// A running server; it stops when dropped.
pub struct App {
    pub url: String,
    pub client: Client,
    pub store: Store,
    pub closing: CancellationToken,
    pub stopped: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
    _folder: TempDir,
}

impl Drop for App {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

/// Settings over a database in `folder`.
pub fn config(folder: &TempDir, settings: &[(&str, &str)]) -> Config {
    let database = format!("sqlite://{}/analyze.db", folder.path().display());
    let own = [("DATABASE_URL", database.as_str()), ("ANALYZE_LISTEN", "127.0.0.1:0")];
    let flags: Vec<_> = own
        .iter()
        .chain(settings)
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    Config::from_layers(Layers::new(&flags, &[], &[]).expect("known settings")).expect("right settings")
}

/// Starts a server with default settings.
pub async fn start() -> App {
    start_with(&[]).await
}

/// Starts a server with these settings.
pub async fn start_with(settings: &[(&str, &str)]) -> App {
    start_priced(settings, Prices::default()).await
}

/// Starts a server with these settings and sources of prices.
pub async fn start_priced(settings: &[(&str, &str)], prices: Prices) -> App {
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(&folder, settings);
    let store = Store::open(&config).await.expect("a database");
    let ready = serve::prepare_with(config, prices).await.expect("a server");
    let (url, closing) = (format!("http://{}", ready.address()), ready.closing());
    let stopped = Some(tokio::spawn(ready.run()));
    let client = Client::builder()
        .timeout(Duration::from_secs(20))
        .build()
        .expect("a client");
    App {
        url,
        client,
        store,
        closing,
        stopped,
        _folder: folder,
    }
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// Reads an answer; an empty body is null.
    pub async fn read(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("a body");
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).expect("JSON")
        };
        Self { status, headers, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    /// Field and rule of a refused value.
    pub fn refused(&self) -> (&str, &str) {
        let details = &self.body["error"]["details"];
        (
            details["field"].as_str().unwrap_or_default(),
            details["constraint"].as_str().unwrap_or_default(),
        )
    }

    pub fn run_id(&self) -> i64 {
        self.body["data"]["run_id"].as_i64().expect("a run_id")
    }
}

/// Sends a request and reads the answer.
pub async fn send(request: RequestBuilder) -> Answer {
    Answer::read(request.send().await.expect("an answer")).await
}

impl App {
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request("GET", path)).await
    }

    pub async fn post(&self, path: &str) -> Answer {
        send(self.request("POST", path)).await
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Answer {
        send(self.request("POST", path).json(body)).await
    }

    /// Takes a run as a worker would.
    pub async fn claim(&self, id: i64) -> RunningRun {
        let claimant = Claimant {
            worker_id: "test".into(),
            lease: Duration::from_mins(1),
            max_crashes: 3,
        };
        match claim::claim(&self.store, RunId(id), &claimant).await.expect("a claim") {
            Claimed::Run(run) => *run,
            other => panic!("not claimed: {other:?}"),
        }
    }
}
