//! Accepting connections: without delay for small answers, and without spinning when the system refuses one.

use std::io;
use std::time::Duration;

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::net::{TcpListener, TcpStream};
use tracing::warn;

use crate::patience::Patient;

/// Pause after a refusal, say for want of file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// A bound address.
#[derive(Debug)]
pub struct Listener {
    /// Where connections come in.
    pub socket: TcpListener,
    /// Longest time a request may take to arrive.
    pub request_timeout: Duration,
}

impl Acceptor for Listener {
    type Io = Patient<TcpStream>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.socket
            .local_addr()
            .map(|address| LocalAddr(address.into()))
            .into_iter()
            .collect()
    }

    async fn accept(&mut self) -> io::Result<(Patient<TcpStream>, LocalAddr, RemoteAddr, Scheme)> {
        let (stream, peer) = loop {
            match self.socket.accept().await {
                Ok(accepted) => break accepted,
                Err(cause) => {
                    warn!(%cause, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        stream.set_nodelay(true)?;
        let local = stream.local_addr()?;
        Ok((
            Patient::new(stream, self.request_timeout),
            LocalAddr(local.into()),
            RemoteAddr(peer.into()),
            Scheme::HTTP,
        ))
    }
}
