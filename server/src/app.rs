//! The application: what handlers need, and the one endpoint that serves everything.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use poem::endpoint::BoxEndpoint;
use poem::{EndpointExt, Response, Route};
use poem_openapi::OpenApiService;
use shared::config::{CommentsKind, Config, SingleFlight};
use shared::doorbell::{Bell, Listener};
use shared::store::version::CommitVersion;
use shared::store::{Store, StoreError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::analyze::AnalyzeApi;
use crate::analyze::waits::Waits;
use crate::auth::AuthApi;
use crate::cors::Cors;
use crate::document;
use crate::document::routes::Routes;
use crate::evaluation::EvaluationApi;
use crate::evaluation::benchmark::Benchmark;
use crate::events::EventsApi;
use crate::http::body::Patience;
use crate::http::outer::Outer;
use crate::jobs::JobsApi;
use crate::metrics::MetricsApi;
use crate::portfolios::PortfoliosApi;
use crate::positions::PositionsApi;
use crate::predictions::PredictionsApi;
use crate::prices::PricesApi;
use crate::prices::sources::Prices;
use crate::rate::Limiter;
use crate::results::ResultsApi;
use crate::runs::RunsApi;
use crate::security::Guard;
use crate::signals::SignalsApi;
use crate::stream::StreamApi;
use crate::swagger;
use crate::system::SystemApi;
use crate::views::Views;

/// Everything of ours that poem-openapi serves.
pub type Apis = (
    AnalyzeApi,
    RunsApi,
    EventsApi,
    StreamApi,
    JobsApi,
    ResultsApi,
    SignalsApi,
    PortfoliosApi,
    PositionsApi,
    EvaluationApi,
    PricesApi,
    PredictionsApi,
    SystemApi,
    AuthApi,
    MetricsApi,
);

/// What handlers need; cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Inner>);

/// The parts of an [`App`].
#[derive(Debug)]
pub struct Inner {
    /// The database.
    pub store: Store,
    bell: OnceLock<Bell>,
    wake_fallback: Duration,
    /// Runs read since the last commit.
    pub views: Views,
    /// Requests that wait for a run they started under a key.
    pub waits: Waits,
    /// Free places for event streams.
    pub streams: Arc<Semaphore>,
    /// Places for event streams in all.
    pub max_streams: usize,
    /// Set when the server is about to stop: whoever waits answers at once.
    pub closing: CancellationToken,
    /// Subreddit of requests that name none.
    pub subreddit: String,
    /// What may be active once only.
    pub single_flight: SingleFlight,
    /// Longest wait of a request.
    pub sync_max: Duration,
    /// Where prices come from.
    pub prices: Prices,
    /// Returns of the index that were asked for lately.
    pub benchmark: Benchmark,
    /// Whether comments come from somewhere that can be asked about the past.
    pub replays: bool,
}

impl std::ops::Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Opens the database; prices come from `prices`.
    pub async fn open(config: &Config, prices: Prices, closing: CancellationToken) -> Result<Self, StoreError> {
        let store = Store::open(config).await?;
        let version = CommitVersion::of(&store).map_err(|error| StoreError::Open(error.to_string()))?;
        Ok(Self(Arc::new(Inner {
            store,
            bell: OnceLock::new(),
            wake_fallback: config.wake_fallback,
            views: Views::new(version),
            waits: Waits::default(),
            streams: Arc::new(Semaphore::new(config.max_streams as usize)),
            max_streams: config.max_streams as usize,
            closing,
            subreddit: config.subreddit.clone(),
            single_flight: config.single_flight,
            sync_max: config.sync_max,
            prices,
            benchmark: Benchmark::default(),
            replays: matches!(config.comments, CommentsKind::Sample | CommentsKind::Dump(_)),
        })))
    }

    /// Hears every commit from now on. The bell is hung up for the first one who listens: until then no commit need wake
    /// this process.
    pub fn listen(&self) -> Result<Listener, StoreError> {
        if let Some(bell) = self.bell.get() {
            return Ok(bell.listen());
        }
        let bell = Bell::open(&self.store, self.wake_fallback)?;
        Ok(self.bell.get_or_init(|| bell).listen())
    }

    fn apis(&self) -> Apis {
        (
            AnalyzeApi(self.clone()),
            RunsApi(self.clone()),
            EventsApi(self.clone()),
            StreamApi(self.clone()),
            JobsApi(self.clone()),
            ResultsApi(self.clone()),
            SignalsApi(self.clone()),
            PortfoliosApi(self.clone()),
            PositionsApi(self.clone()),
            EvaluationApi(self.clone()),
            PricesApi(self.clone()),
            PredictionsApi(self.clone()),
            SystemApi(self.clone()),
            AuthApi(self.clone()),
            MetricsApi(self.clone()),
        )
    }

    /// The endpoint: all operations, the document and its page, behind the guard.
    #[must_use]
    pub fn endpoint(&self, config: &Config) -> BoxEndpoint<'static, Response> {
        let document = document::build();
        let routes = Arc::new(Routes::of(&document, &swagger::PATHS));
        let service = OpenApiService::new(self.apis(), document::TITLE, env!("CARGO_PKG_VERSION"));
        let inner = swagger::mount(Route::new(), &document)
            .nest_no_strip("/", service)
            .map_to_response();
        let limiter = config.rate_limit.map(Limiter::new);
        let cors = Cors::new(&config.cors_origins);
        let patience = Patience(config.request_timeout);
        Outer::new(inner.data(patience), Guard::new(config), limiter, cors, routes).boxed()
    }
}
