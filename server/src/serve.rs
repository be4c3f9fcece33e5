//! Listening, and stopping in order.
//!
//! Asked to end (SIGTERM, SIGINT), nothing new is accepted, whoever waits is answered at once, open requests are finished, and
//! then the process ends. Work goes on in the workers; nothing here has to be handed over.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use poem::Server;
use shared::config::{CommentsKind, Config};
use shared::sources::bind::MarketSources;
use shared::sources::comments::SourceError;
use shared::sources::dump::DumpComments;
use shared::stop::Requests;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::app::App;
use crate::listen::Listener;
use crate::orphans;
use crate::prices::sources::Prices;
use crate::security;

/// Idle connections are closed after this.
const IDLE: Duration = Duration::from_secs(150);
/// Longest time open requests are given to finish; less than those who stop us have patience for.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why the server does not start, in one line with its remedy.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings contradict safety.
    #[error("{0}")]
    Refused(String),
    /// A source cannot work; the text names its setting or its path.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {cause}; stop what uses it, or choose another address with ANALYZE_LISTEN")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// The database cannot be opened; the text names cause and remedy.
    #[error(transparent)]
    Database(#[from] shared::store::StoreError),
    /// The system refuses something that never fails in practice.
    #[error("the system refused to watch for signals")]
    System(#[from] io::Error),
}

/// A server that is bound and has its database, and only needs to be run.
pub struct Ready {
    app: App,
    listener: Listener,
    address: SocketAddr,
    config: Config,
    closing: CancellationToken,
}

/// Binds and opens; nothing is served yet. A source that cannot work is refused before anything is opened.
pub async fn prepare(config: Config) -> Result<Ready, StartError> {
    check_comments(&config).await?;
    let prices = MarketSources::bind(&config)?.into();
    prepare_with(config, prices).await
}

/// Comments are read by workers only; a dump that they would refuse is refused here too.
async fn check_comments(config: &Config) -> Result<(), SourceError> {
    match &config.comments {
        CommentsKind::Sample => Ok(()),
        CommentsKind::Dump(path) => DumpComments::open(path, 1)?.check().await,
    }
}

/// The same with these sources of prices.
pub async fn prepare_with(config: Config, prices: Prices) -> Result<Ready, StartError> {
    if let Some(reason) = security::refuse_open_bind(&config) {
        return Err(StartError::Refused(reason));
    }
    let refused = |cause| StartError::Listen {
        address: config.listen,
        cause,
    };
    let socket = TcpListener::bind(config.listen).await.map_err(refused)?;
    let address = socket.local_addr()?;
    let request_timeout = config.request_timeout;
    let closing = CancellationToken::new();
    let app = App::open(&config, prices, closing.clone()).await?;
    Ok(Ready {
        app,
        listener: Listener {
            socket,
            request_timeout,
        },
        address,
        config,
        closing,
    })
}

impl Ready {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Ends the server when cancelled.
    #[must_use]
    pub fn closing(&self) -> CancellationToken {
        self.closing.clone()
    }

    /// Serves until [`closing`](Self::closing) is cancelled and open requests are finished.
    pub async fn run(self) -> io::Result<()> {
        let endpoint = self.app.endpoint(&self.config);
        info!(address = %self.address, docs = %format!("http://{}/docs", self.address), "ready");
        let (store, config, closing) = (self.app.store.clone(), self.config.clone(), self.closing.clone());
        tokio::spawn(async move { orphans::keep_sweeping(store, &config, closing).await });
        let server = Server::new_with_acceptor(self.listener).idle_timeout(IDLE);
        server
            .run_with_graceful_shutdown(endpoint, self.closing.cancelled_owned(), Some(PATIENCE))
            .await?;
        self.app.store.close().await;
        info!("stopped");
        Ok(())
    }
}

/// Starts, serves until it is asked to end, by standard input too if `stop_at_eof`, and stops in order.
pub async fn serve(config: Config, stop_at_eof: bool) -> Result<(), StartError> {
    let ready = prepare(config).await?;
    let closing = ready.closing();
    let mut requests = Requests::listen(stop_at_eof)?;
    tokio::spawn(async move {
        requests.next().await;
        closing.cancel();
    });
    Ok(ready.run().await?)
}
