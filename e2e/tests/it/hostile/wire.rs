//! Bytes to a server and back, without a client that would put them right.

use std::io;

use e2e::{
    process::Process,
    stack::{PATIENCE, Stack},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What the server may hold in memory, whatever is done to it, in kilobytes.
const MOST_MEMORY: u64 = 200 * 1024;

/// A connection to the server.
pub async fn connect(stack: &Stack) -> TcpStream {
    let api = stack.api();
    let address = api.base().strip_prefix("http://").unwrap();
    TcpStream::connect(address).await.unwrap()
}

/// A request with the fields that every one needs, after which the server closes the connection.
pub fn request(line: &[u8], fields: &[u8], body: &[u8]) -> Vec<u8> {
    let common = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
    [line, common, fields, b"\r\n", body].concat()
}

/// A POST of JSON.
pub fn post(path: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let length = format!("Content-Length: {}\r\n{fields}", body.len());
    request(format!("POST {path}").as_bytes(), length.as_bytes(), body)
}

/// Everything the server sends until it closes the connection.
pub async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let read = async {
        // A reset ends the connection as well as a close does.
        let _: io::Result<usize> = stream.read_to_end(&mut bytes).await;
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("the server closes the connection");
    bytes
}

/// What came back, up to the end of the connection.
pub struct Answers(pub String);

/// Sends bytes, and reads to the end of the connection.
pub async fn exchange(stack: &Stack, bytes: &[u8]) -> Answers {
    let mut stream = connect(stack).await;
    // The server may have heard enough before it has heard all.
    let _: io::Result<()> = stream.write_all(bytes).await;
    Answers(String::from_utf8_lossy(&rest(&mut stream).await).into_owned())
}

impl Answers {
    /// Status of the first answer; 0 when the connection was cut without one.
    pub fn status(&self) -> u16 {
        let status = self.0.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.unwrap_or_default()
    }

    /// How many answers there are.
    pub fn count(&self) -> usize {
        self.0.matches("HTTP/1.").count()
    }

    /// Body of the first answer.
    pub fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    /// `error.code` of the first answer, whose envelope must be whole; empty for an answer without a body.
    pub fn code(&self) -> String {
        if self.body().is_empty() {
            return String::new();
        }
        let body: Value = serde_json::from_str(self.body()).unwrap_or_else(|error| panic!("{error}: {}", self.0));
        let id = body["meta"]["request_id"].as_str().unwrap();
        assert!(self.0.contains(&format!("x-request-id: {id}\r\n")), "{}", self.0);
        assert!(body["meta"]["timestamp"].is_string() && body["error"]["message"].is_string());
        body["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// The server answers others, and has never held more than it may.
pub async fn unharmed(stack: &Stack, server: &Process) {
    let alive = stack.api().get("/readyz").await.unwrap();
    assert_eq!(alive.status, 200, "{}", alive.body);
    let peak = server.peak_kb().unwrap();
    assert!((1..=MOST_MEMORY).contains(&peak), "{peak} KB");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}
