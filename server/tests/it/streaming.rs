//! The stream of a run: every event once and in order, progress between them, and an end.

use serde_json::Value;
use shared::run::failure::ErrorCode;
use shared::store::phases::{self, PhaseHead, Progress};

use crate::app::{Answer, App, send, start, start_with};

const HEAD: PhaseHead<'static> = PhaseHead {
    key: "analysis",
    position: 1,
    number: 3,
    label: "Analyzing comments",
};

/// One message of a stream.
#[derive(Debug, Clone, PartialEq)]
struct Message {
    id: Option<i64>,
    event: String,
    data: Value,
}

/// An open stream, read message by message.
struct Reader {
    response: reqwest::Response,
    text: String,
}

impl Reader {
    async fn open(app: &App, path: &str, last_event_id: Option<&str>) -> Self {
        let mut request = app.request("GET", path);
        if let Some(id) = last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next message; `None` when the stream has closed.
    async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if !block.starts_with(':') {
                    return Some(message(&block));
                }
                continue;
            }
            let chunk = self.response.chunk().await.expect("a whole stream")?;
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    /// The next message that is an event of the log or the end.
    async fn next_event(&mut self) -> Option<Message> {
        loop {
            let message = self.next().await?;
            if message.event != "progress" {
                return Some(message);
            }
        }
    }

    /// Everything to the end, progress left out, as `id event`.
    async fn rest(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(message) = self.next_event().await {
            let id = message.id.map_or(String::new(), |id| format!("{id} "));
            all.push(format!("{id}{}", message.event));
        }
        all
    }
}

fn message(block: &str) -> Message {
    let field = |name: &str| {
        let line = block
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.map(str::to_owned)
    };
    Message {
        id: field("id").map(|id| id.parse().expect("a number")),
        event: field("event").unwrap_or_default(),
        data: serde_json::from_str(&field("data").expect("data")).expect("JSON"),
    }
}

/// A run that has failed in its first phase; it has four events.
async fn failed_run(app: &App) {
    app.post("/analyze").await;
    let mut run = app.claim(1).await;
    let mut unit = run.begin_frozen(shared::clock::now()).await.expect("the claim holds");
    run.lay_out(&mut unit, &[HEAD]).await.expect("laid out");
    run.start_phase(unit, &HEAD).await.expect("started");
    run.fail(ErrorCode::Internal, "planted", 0).await.expect("failed");
}

#[tokio::test]
async fn a_client_that_follows_sees_every_event_as_it_becomes_true_and_then_the_end() {
    let app = start().await;
    app.post("/analyze").await;
    let mut reader = Reader::open(&app, "/runs/1/stream", None).await;
    let queued = reader.next().await.expect("an event");
    assert_eq!((queued.id, queued.event.as_str()), (Some(1), "job.queued"));
    assert_eq!(queued.data["event_type"], "job.queued");
    let standing = reader.next().await.expect("a status");
    assert_eq!((standing.id, standing.event.as_str()), (None, "progress"));
    assert_eq!(standing.data["status"], "queued");

    let mut run = app.claim(1).await;
    assert_eq!(reader.next_event().await.expect("an event").event, "job.running");
    let mut unit = run.begin_frozen(shared::clock::now()).await.expect("the claim holds");
    run.lay_out(&mut unit, &[HEAD]).await.expect("laid out");
    run.start_phase(unit, &HEAD).await.expect("started");
    let started = reader.next_event().await.expect("an event");
    assert_eq!(
        (started.event.as_str(), &started.data["payload"]["phase_key"]),
        ("job.phase_started", &"analysis".into())
    );

    let mut unit = run.begin().await.expect("the claim holds");
    let progress = Progress {
        current: 30,
        total: 60,
        percent: 40,
    };
    phases::advance(&mut unit, "analysis", progress)
        .await
        .expect("advanced");
    unit.commit().await.expect("committed");
    let mut shown = reader.next().await.expect("a status");
    while shown.data["progress_percent"] != 40 {
        assert_eq!(shown.event, "progress");
        shown = reader.next().await.expect("a status");
    }
    assert_eq!(shown.data["progress_current"], 30);

    run.fail(ErrorCode::Internal, "planted", 0).await.expect("failed");
    assert_eq!(reader.rest().await, ["4 job.failed", "end"]);
}

#[tokio::test]
async fn a_client_that_comes_back_gets_what_it_has_missed_and_nothing_twice() {
    let app = start().await;
    failed_run(&app).await;
    let all = [
        "1 job.queued",
        "2 job.running",
        "3 job.phase_started",
        "4 job.failed",
        "end",
    ];
    for (path, last, first) in [
        ("/runs/1/stream", None, 0),
        ("/runs/1/stream?after=2", None, 2),
        ("/runs/1/stream", Some("3"), 3),
        ("/runs/1/stream?after=1", Some("3"), 3),
        ("/runs/1/stream", Some("4"), 4),
        ("/runs/1/stream", Some("400"), 4),
        ("/runs/1/stream", Some("not a number"), 0),
        ("/runs/1/stream", Some("-7"), 0),
    ] {
        let mut reader = Reader::open(&app, path, last).await;
        assert_eq!(reader.rest().await, all[first..], "{path} {last:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_streamed_is_an_error_in_the_envelope() {
    let app = start().await;
    let unknown = app.get("/runs/7/stream").await;
    assert_eq!((unknown.status, unknown.code()), (404, "NOT_FOUND"));
    app.post("/analyze").await;
    let malformed = app.get("/runs/1/stream?after=x").await;
    assert_eq!((malformed.status, malformed.refused().0), (422, "query.after"));
}

#[tokio::test]
async fn a_stream_too_many_is_told_so_and_finds_a_place_once_another_has_gone() {
    let app = start_with(&[("ANALYZE_MAX_STREAMS", "2")]).await;
    app.post("/analyze").await;
    let first = Reader::open(&app, "/runs/1/stream", None).await;
    let mut second = Reader::open(&app, "/runs/1/stream", None).await;
    let refused: Answer = send(app.request("GET", "/runs/1/stream")).await;
    assert_eq!((refused.status, refused.code()), (429, "RATE_LIMITED"));
    assert_eq!(refused.header("retry-after"), "1");
    drop(first);
    // The server learns of the lost client when it next writes to it.
    app.post("/runs/1/cancel").await;
    assert_eq!(second.rest().await, ["1 job.queued", "2 job.canceled", "end"]);
    let mut third = Reader::open(&app, "/runs/1/stream", None).await;
    assert_eq!(third.rest().await.last().map(String::as_str), Some("end"));
}

#[tokio::test]
async fn open_streams_end_with_the_server_and_without_an_end_of_the_run() {
    let mut app = start().await;
    app.post("/analyze").await;
    let mut reader = Reader::open(&app, "/runs/1/stream", None).await;
    assert_eq!(reader.next().await.expect("an event").event, "job.queued");
    app.closing.cancel();
    assert_eq!(reader.rest().await, Vec::<String>::new());
    app.stopped
        .take()
        .expect("running")
        .await
        .expect("no panic")
        .expect("stopped in order");
}
