//! Starts an analysis, follows it, reads what it found, is refused, cancels one: all with the generated client.
//!
//!     cargo run -p cli --example analyze http://127.0.0.1:8000 [KEY]

#[expect(dead_code, reason = "typed answers are enough here; the tap is for `--json`")]
#[path = "../src/api.rs"]
mod api;

use std::error::Error;
use std::time::Duration;

use api::types::{AnalyzeOptions, AnalyzeRequest, CancelRequest, ErrorBody, ErrorInfo, RunState, RunStatus};
use api::{Client, Tap};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

type Done<T> = Result<T, Box<dyn Error>>;
type Answer<T> = Result<progenitor_client::ResponseValue<T>, progenitor_client::Error<ErrorBody>>;

// A wait of 20 seconds needs more patience than the client has by itself.
fn connect(base: &str, key: Option<&str>) -> Done<Client> {
    let mut headers = HeaderMap::new();
    if let Some(key) = key {
        headers.insert(AUTHORIZATION, HeaderValue::try_from(format!("Bearer {key}"))?);
    }
    let http = reqwest::Client::builder().default_headers(headers);
    let http = http.read_timeout(Duration::from_mins(1)).build()?;
    Ok(Client::new_with_client(base, http, Tap::default()))
}

// Answers at each change: a line per step, no busy polling.
async fn follow(client: &Client, run: i64) -> Done<RunStatus> {
    loop {
        let status = client.get_run_status(run, Some("wait=20")).await?.into_inner().data;
        let phase = status.phase_label.as_deref().unwrap_or("waits for a worker");
        println!("{:3} % {phase}", status.progress_percent);
        if status.completed_at.is_some() {
            return Ok(status);
        }
    }
}

async fn analyze(client: &Client) -> Done<RunStatus> {
    let wanted = AnalyzeRequest::default();
    let started = client.start_analysis(Some("rust-1"), None, &wanted).await?;
    let status = follow(client, started.data.run_id).await?;
    let found = client.get_run_result(status.run_id).await?.into_inner().data.result;
    for signal in &found.signals {
        println!("{:6} {} {:.2}", signal.ticker, signal.prediction, signal.confidence);
    }
    assert!(!found.signals.is_empty(), "the sample has signals");
    Ok(status)
}

// An error has status, headers and a body whose `code` never changes its meaning.
fn refused<T>(answer: Answer<T>, status: u16, code: &str) -> Done<ErrorInfo> {
    match answer {
        Err(progenitor_client::Error::ErrorResponse(response)) => {
            assert_eq!(
                (response.status().as_u16(), response.error.code.as_str()),
                (status, code)
            );
            Ok(response.into_inner().error)
        }
        Err(other) => Err(other.into()),
        Ok(_) => Err(format!("{code} was expected").into()),
    }
}

async fn refusals(client: &Client) -> Done<i64> {
    let wanted = AnalyzeRequest::default();
    let run = client.start_analysis(None, None, &wanted).await?.data.run_id;
    let conflict = client.start_analysis(None, None, &wanted).await;
    let details = refused(conflict, 409, "ANALYSIS_ALREADY_RUNNING")?.details;
    let active = details.and_then(|details| details.active_run);
    assert_eq!(active.map(|active| active.run_id), Some(run));

    let options = AnalyzeOptions {
        post_limit: Some(101),
        ..AnalyzeOptions::default()
    };
    let too_much = AnalyzeRequest {
        options: Some(options),
        ..AnalyzeRequest::default()
    };
    let invalid = client.start_analysis(None, None, &too_much).await;
    let details = refused(invalid, 422, "VALIDATION_ERROR")?.details;
    let field = details.and_then(|details| details.field);
    assert_eq!(field.as_deref(), Some("options.post_limit"));

    refused(client.get_run_status(999_999, None).await, 404, "NOT_FOUND")?;
    Ok(run)
}

async fn cancel(client: &Client, run: i64) -> Done<RunStatus> {
    let reason = Some("seen enough".to_owned());
    let canceled = client.cancel_run(run, &CancelRequest { reason }).await?;
    assert!(canceled.data.accepted, "a run that is active can be canceled");
    follow(client, run).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done<()> {
    let mut args = std::env::args().skip(1);
    let base = args.next().ok_or("the address of a server is missing")?;
    let client = connect(&base, args.next().as_deref())?;

    let status = analyze(&client).await?;
    assert_eq!(status.status, RunState::Completed);
    let listed = client.list_signals(None, None, None, None, None, None, None, None);
    assert!(!listed.await?.data.is_empty(), "signals are listed");
    let events = client.list_run_events(status.run_id, None, Some(100)).await?;
    let numbers: Vec<_> = events.data.iter().map(|event| event.event_seq).collect();
    assert_eq!(numbers, (1..=events.meta.last_seq).collect::<Vec<_>>());

    let run = refusals(&client).await?;
    assert_eq!(cancel(&client, run).await?.status, RunState::Canceled);
    println!("rust: all of it works");
    Ok(())
}
