//! A connection whose client takes too long is closed.
//!
//! Two clocks. The first starts with the first byte of a request: a client that trickles its head is cut off when a
//! byte comes too late, and one that has begun a head and falls silent is cut off while the server waits for the rest.
//! A head that has arrived whole is the server's to answer, which may take as long as the client is ready to wait,
//! whatever it sends meanwhile; a body that does not arrive is given up by whoever reads it, with the same patience. The
//! second clock runs while the client does not take what it is sent.
//!
//! A head that is too long is refused before it has ended: what it says is not held in memory meanwhile.
//!
//! A client that has begun nothing meets the idle timeout. HTTP/2 has no heads of this kind and meets it too.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use crate::arrival::{Arrival, Excess};

/// What a client that asked is told before it sends its body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

const URI_TOO_LONG: &[u8] = b"HTTP/1.1 414 URI Too Long\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
const FIELDS_TOO_LARGE: &[u8] =
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// A connection with its clocks.
#[derive(Debug)]
pub struct Patient<T> {
    stream: T,
    arrival: Arrival,
    /// When the request that is being read began.
    since: Option<Instant>,
    /// Wakes the server when a silent head is too late.
    silence: Option<Pin<Box<Sleep>>>,
    /// Runs while the client takes nothing.
    stall: Option<Pin<Box<Sleep>>>,
    longest: Duration,
}

impl<T> Patient<T> {
    /// Watches over `stream`; a request may take `longest` to arrive, and an answer as long to move on.
    pub fn new(stream: T, longest: Duration) -> Self {
        Self {
            stream,
            arrival: Arrival::default(),
            since: None,
            silence: None,
            stall: None,
            longest,
        }
    }

    /// Bytes came in: late ones end the connection, and those of a head that is too long.
    fn arrived(&mut self, bytes: &[u8]) -> io::Result<()>
    where
        T: AsyncWrite + Unpin,
    {
        let in_head = !self.arrival.is_whole();
        self.arrival.take(bytes);
        self.silence = None;
        if !self.arrival.has_begun() {
            return Ok(());
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        if in_head && since.elapsed() > self.longest {
            return Err(too_late("the request took too long to arrive"));
        }
        self.arrival.excess().map_or(Ok(()), |excess| Err(self.refuse(excess)))
    }

    /// Says why, if the client takes it at once.
    fn refuse(&mut self, excess: Excess) -> io::Error
    where
        T: AsyncWrite + Unpin,
    {
        let answer = match excess {
            Excess::Line => URI_TOO_LONG,
            Excess::Fields => FIELDS_TOO_LARGE,
        };
        // The connection ends here: nobody is left to be woken.
        let mut cx = Context::from_waker(Waker::noop());
        let _ = Pin::new(&mut self.stream).poll_write(&mut cx, answer);
        io::Error::new(ErrorKind::InvalidData, "the head of the request is too long")
    }

    /// Nothing came in: a head that has begun is waited for until its time is over.
    fn silent(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let (Some(since), true) = (self.since, self.arrival.is_incomplete()) else {
            return Poll::Pending;
        };
        let left = self.longest.saturating_sub(since.elapsed());
        let silence = self.silence.get_or_insert_with(|| Box::pin(tokio::time::sleep(left)));
        silence
            .as_mut()
            .poll(cx)
            .map(|()| Err(too_late("the request was begun and never finished")))
    }

    /// The client took something, or did not.
    fn moved<R>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let longest = self.longest;
        let stall = self.stall.get_or_insert_with(|| Box::pin(tokio::time::sleep(longest)));
        stall
            .as_mut()
            .poll(cx)
            .map(|()| Err(too_late("the client takes no answer")))
    }

    /// An answer goes out: the request is no longer awaited. `100 Continue` is no answer.
    fn answers(&mut self, bytes: &[u8]) {
        if bytes != CONTINUE {
            self.since = None;
            self.arrival.answered();
        }
    }
}

fn too_late(text: &'static str) -> io::Error {
    io::Error::new(ErrorKind::TimedOut, text)
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Patient<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if read.is_pending() {
            return self.silent(cx);
        }
        match self.arrived(&buf.filled()[before..]) {
            Ok(()) => read,
            Err(refused) => {
                buf.set_filled(before);
                Poll::Ready(Err(refused))
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.answers(buf);
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.moved(cx, written)
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
        self.answers(bufs.first().map_or(&[][..], |first| first));
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.moved(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};

    use super::*;

    const AN_HOUR: Duration = Duration::from_hours(1);

    fn pair(longest: Duration) -> (DuplexStream, Patient<DuplexStream>) {
        let (client, server) = duplex(64);
        (client, Patient::new(server, longest))
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
    async fn a_head_that_was_begun_is_not_waited_for_longer_than_the_limit() {
        let (mut client, mut server) = pair(Duration::from_millis(20));
        client.write_all(b"GET /livez HTTP/1.1\r\nHo").await.expect("sent");
        let mut head = Vec::new();
        // The client holds the connection and says nothing more: without the clock this would wait forever.
        let cut = server.read_to_end(&mut head).await.expect_err("cut off");
        assert_eq!((cut.kind(), head.len()), (ErrorKind::TimedOut, 23));
        drop(client);
    }

    #[tokio::test]
    async fn a_head_that_is_too_long_is_refused_before_it_ends() {
        for (begin, status) in [("GET /", "414 "), ("GET / HTTP/1.1\r\nX: ", "431 ")] {
            let (mut client, server) = duplex(256 * 1024);
            let mut server = Patient::new(server, AN_HOUR);
            client.write_all(begin.as_bytes()).await.expect("sent");
            client.write_all(&vec![b'a'; 64 * 1024]).await.expect("sent");
            let cut = server.read_to_end(&mut Vec::new()).await.expect_err("cut off");
            assert_eq!(cut.kind(), ErrorKind::InvalidData);
            drop(server);
            let mut answer = String::new();
            client.read_to_string(&mut answer).await.expect("read");
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        }
    }

    #[tokio::test]
    async fn nothing_begun_and_a_head_that_is_complete_run_no_clock() {
        for sent in [&b""[..], b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n"] {
            let (mut client, mut server) = pair(Duration::from_millis(1));
            client.write_all(sent).await.expect("sent");
            let mut read = vec![0; sent.len()];
            server.read_exact(&mut read).await.expect("read");
            let waited = tokio::time::timeout(Duration::from_millis(20), server.read_u8()).await;
            assert!(waited.is_err(), "{sent:?}: {waited:?}");
        }
    }

    #[tokio::test]
    async fn a_client_that_sends_more_while_it_waits_is_not_cut_off() {
        let (mut client, mut server) = pair(Duration::ZERO);
        let mut read = [0; 18];
        // A head that comes at once is in time for any patience.
        client.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("sent");
        server.since = Some(Instant::now());
        server.longest = AN_HOUR;
        server.read_exact(&mut read).await.expect("read");
        server.longest = Duration::ZERO;
        client.write_all(b"GET /livez").await.expect("sent");
        assert_eq!(server.read_u8().await.expect("read"), b'G');
    }

    #[tokio::test]
    async fn an_answer_stops_the_clock_and_an_interim_one_does_not() {
        let (mut client, mut server) = pair(AN_HOUR);
        client.write_all(b"G").await.expect("sent");
        server.read_u8().await.expect("read");
        server.write_all(CONTINUE).await.expect("asked");
        assert!(server.since.is_some());
        server.write_all(b"HTTP/1.1 200 OK\r\n").await.expect("answered");
        assert!(server.since.is_none());
    }

    #[tokio::test]
    async fn a_client_that_takes_no_answer_is_cut_off() {
        let (client, mut server) = pair(Duration::from_millis(20));
        let cut = server.write_all(&[b'x'; 65]).await.expect_err("cut off");
        assert_eq!(cut.kind(), ErrorKind::TimedOut);
        drop(client);
    }
}
