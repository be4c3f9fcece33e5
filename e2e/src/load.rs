//! Many requests over few connections: raw HTTP/1.1 with keep-alive, so that the client costs little.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// To a server on loopback; `base` is `http://127.0.0.1:PORT`.
    pub async fn open(base: &str) -> anyhow::Result<Self> {
        let address = base.strip_prefix("http://").context("http only")?;
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends a request and reads the whole answer; yields its status.
    pub async fn call(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await?;
            if read == 0 {
                bail!("the server closed the connection");
            }
            if let Some(status) = complete(&self.buffer)? {
                return Ok(status);
            }
        }
    }

    /// The last answer, head and body.
    #[must_use]
    pub fn answer(&self) -> &[u8] {
        &self.buffer
    }
}

/// The status of an answer that has no body.
const NOT_MODIFIED: u16 = 304;

/// The status, when the buffer holds a whole answer.
fn complete(buffer: &[u8]) -> anyhow::Result<Option<u16>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&buffer[..end])?;
    let status = head.get(9..12).context("no status")?.parse()?;
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length:")
            .map(|v| v.trim().to_owned())
    });
    let length: usize = match length {
        _ if status == NOT_MODIFIED => 0,
        length => length.context("an answer without Content-Length")?.parse()?,
    };
    Ok((buffer.len() >= end + 4 + length).then_some(status))
}

/// A GET request with keep-alive.
#[must_use]
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes()
}

/// A GET request whose answer the client has already, under that tag.
#[must_use]
pub fn get_unless(path: &str, etag: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-None-Match: {etag}\r\n\r\n").into_bytes()
}

/// A POST request with a JSON body.
#[must_use]
pub fn post(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends the same request over `connections` for `duration`; yields answers per second, all of them 200 or 304.
pub async fn rate(base: &str, request: &[u8], connections: usize, duration: Duration) -> anyhow::Result<f64> {
    let since = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (base, request) = (base.to_owned(), request.to_vec());
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(&base).await?;
            let mut count = 0_u32;
            while since.elapsed() < duration {
                let status = connection.call(&request).await?;
                if status != 200 && status != NOT_MODIFIED {
                    bail!("status {status}");
                }
                count += 1;
            }
            Ok::<_, anyhow::Error>(count)
        }));
    }
    let mut total = 0;
    for task in tasks {
        total += task.await??;
    }
    Ok(f64::from(total) / since.elapsed().as_secs_f64())
}
