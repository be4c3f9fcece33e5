//! A connection that takes too long to send its request is closed.
//!
//! The clock starts with the first byte of a request and stops with the first byte of the answer. It is read when
//! further bytes come in: a client that trickles its request is cut off, one that has sent it and waits for its answer
//! is not. A client that sends nothing at all meets the idle timeout.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Longest time a request may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// A connection with a clock.
#[derive(Debug)]
pub struct Patient<T> {
    stream: T,
    /// When the request that is being read began.
    since: Option<Instant>,
    longest: Duration,
}

impl<T> Patient<T> {
    /// Watches over `stream`.
    pub const fn new(stream: T) -> Self {
        Self {
            stream,
            since: None,
            longest: PATIENCE,
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            let since = *self.since.get_or_insert_with(Instant::now);
            if since.elapsed() > self.longest {
                return Poll::Ready(Err(io::Error::new(
                    ErrorKind::TimedOut,
                    "the request took too long to arrive",
                )));
            }
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.since = None;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.since = None;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    fn pair(longest: Duration) -> (DuplexStream, Patient<DuplexStream>) {
        let (client, server) = duplex(64);
        let server = Patient {
            longest,
            ..Patient::new(server)
        };
        (client, server)
    }

    #[tokio::test]
    async fn a_request_that_trickles_past_the_limit_is_cut_off() {
        let (mut client, mut server) = pair(Duration::ZERO);
        client.write_all(b"G").await.expect("sent");
        let first = server.read_u8().await;
        // The first byte starts the clock; with no patience at all the second one is too late.
        client.write_all(b"E").await.expect("sent");
        let second = server.read_u8().await;
        let cut = first.and(second).expect_err("cut off");
        assert_eq!(cut.kind(), ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_answer_stops_the_clock() {
        let (mut client, mut server) = pair(Duration::from_hours(1));
        client.write_all(b"G").await.expect("sent");
        server.read_u8().await.expect("read");
        assert!(server.since.is_some());
        server.write_all(b"H").await.expect("answered");
        assert!(server.since.is_none());
    }
}
