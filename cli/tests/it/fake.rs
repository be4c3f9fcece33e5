//! A server of canned answers, in the order they are given.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;

use serde_json::{Value, json};

/// Answers each request with the next of its answers, then goes away.
pub struct Fake {
    pub url: String,
    thread: JoinHandle<Vec<String>>,
}

impl Fake {
    pub fn new(answers: Vec<(u16, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serve = move || {
            let serve_one = |(status, body): (u16, String)| {
                let (stream, _) = listener.accept().expect("a request");
                serve_one(&stream, status, &body)
            };
            answers.into_iter().map(serve_one).collect()
        };
        Self {
            url,
            thread: std::thread::spawn(serve),
        }
    }

    /// Leaves its first request without an answer, which the receiver is told, and then goes on as ever.
    pub fn holding(answers: Vec<(u16, String)>) -> (Self, Receiver<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (tell, held) = mpsc::channel();
        let serve = move || {
            let _held = listener.accept().expect("a request");
            tell.send(()).expect("somebody waits");
            let serve_one = |(status, body): (u16, String)| {
                let (stream, _) = listener.accept().expect("a request");
                serve_one(&stream, status, &body)
            };
            answers.into_iter().map(serve_one).collect()
        };
        let thread = std::thread::spawn(serve);
        (Self { url, thread }, held)
    }

    /// The requests, once all answers are given.
    pub fn requests(self) -> Vec<String> {
        self.thread.join().expect("every answer was asked for")
    }
}

fn serve_one(stream: &TcpStream, status: u16, body: &str) -> String {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).expect("a head"), 0);
    }
    for line in head.to_ascii_lowercase().lines() {
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
    }
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent).expect("a body");
    let size = body.len();
    let answer = format!(
        "HTTP/1.1 {status} Canned\r\ncontent-type: application/json\r\ncontent-length: {size}\r\nconnection: close\r\n\r\n{body}"
    );
    (&*stream).write_all(answer.as_bytes()).expect("an answer");
    head + &String::from_utf8(sent).expect("text")
}

/// `data` in its envelope.
pub fn ok(data: &Value) -> (u16, String) {
    (200, json!({"data": data, "meta": meta()}).to_string())
}

/// An error in its envelope.
pub fn error(status: u16, code: &str, message: &str, details: &Value) -> (u16, String) {
    let mut error = json!({"code": code, "message": message});
    if !details.is_null() {
        error["details"] = details.clone();
    }
    (status, json!({"error": error, "meta": meta()}).to_string())
}

/// A page of a list, or of events.
pub fn page(data: &Value) -> (u16, String) {
    let total = data.as_array().map_or(0, Vec::len);
    let mut meta = meta();
    for (name, value) in [
        ("total", total),
        ("limit", 50),
        ("offset", 0),
        ("after", 0),
        ("last_seq", 0),
    ] {
        meta[name] = value.into();
    }
    (200, json!({"data": data, "meta": meta}).to_string())
}

fn meta() -> Value {
    json!({"timestamp": "2026-01-05T20:00:00.000000Z", "version": "0.1.0", "request_id": "canned"})
}
