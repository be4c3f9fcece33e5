//! One service that is kept up, and every command against it.

use std::net::TcpListener;

use rustix::process::Signal;

use crate::analyze::{Finished, Running, analyze, processes_of, require_service};

/// Slow enough that a run is still active when the next command comes.
const SLOW: &str = "ANALYZE_SAMPLE_LATENCY=500ms";

struct Service {
    up: Running,
    url: String,
}

impl Service {
    fn start(data: &str) -> Self {
        require_service();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port().to_string();
        drop(listener);
        let mut up = Running::start(&["up", "--port", &port, "--data", data, "--set", SLOW]);
        up.read_until("worker.log");
        let url = format!("http://127.0.0.1:{port}");
        Self { up, url }
    }

    fn ask(&self, arguments: &[&str]) -> Finished {
        analyze(&[arguments, &["--server", &self.url]].concat())
    }

    fn data(&self, arguments: &[&str]) -> serde_json::Value {
        let finished = self.ask(&[arguments, &["--json"]].concat());
        assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""), "{arguments:?}");
        finished.json()
    }
}

#[test]
fn a_run_is_started_joined_refused_canceled_and_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(folder.path().to_str().expect("text"));
    let started = service.data(&["start", "--idempotency-key", "once"]);
    let (run, job) = (
        started["run_id"].to_string(),
        started["job"]["job_id"].as_str().expect("a job").to_owned(),
    );

    let refused = service.ask(&["start"]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.complaint().contains(&format!("analyze watch {run}")),
        "{refused:?}"
    );
    assert_eq!(service.data(&["start", "--join"])["joined"], true);
    assert_eq!(
        service.data(&["start", "--idempotency-key", "once"])["run_id"],
        started["run_id"]
    );
    assert_eq!(service.data(&["overview"])["active_run_id"], started["run_id"]);

    assert_eq!(service.ask(&["cancel", &job, "--reason", "enough"]).code, Some(0));
    let watched = service.ask(&["watch", &run]);
    assert_eq!(watched.code, Some(1), "{watched:?}");
    assert!(
        watched.out.contains("canceled") && watched.err.contains("canceled enough"),
        "{watched:?}"
    );
    assert_eq!(service.data(&["status", &job])["status"], "canceled");
    assert_eq!(
        service.data(&["runs", "--status", "canceled"])[0]["run_id"],
        started["run_id"]
    );
    assert!(service.ask(&["cancel", &run]).out.contains("is canceled"));

    assert_eq!(service.up.stop(Signal::TERM).code, Some(0));
    assert_eq!(processes_of(folder.path()), [""; 0]);
}

#[test]
fn a_run_that_is_waited_for_is_shown_by_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(folder.path().to_str().expect("text"));
    let run = service.data(&["start", "--wait", "--posts", "2", "--top", "5"]);
    assert_eq!(
        (&run["status"], &run["progress_percent"]),
        (&"completed".into(), &100.into())
    );
    let (id, job) = (
        run["run_id"].to_string(),
        run["job_id"].as_str().expect("a job").to_owned(),
    );

    let by_run = service.data(&["result", &id]);
    assert_eq!(service.data(&["result", &job])["result_id"], by_run["result_id"]);
    let link = by_run["result_id"].as_str().expect("a link");
    assert_eq!(service.data(&["result", link])["result"], by_run["result"]);
    assert!(service.ask(&["result", &id]).out.contains("Tickers ("));
    assert!(service.ask(&["status", &id]).out.contains("Phases"));
    assert!(service.ask(&["runs", "--limit", "1"]).out.contains("1 of 1 run"));

    let signals = service.data(&["signals", "--limit", "1"]);
    if let Some(signal) = signals[0]["id"].as_i64() {
        assert!(service.ask(&["signal", &signal.to_string()]).out.contains("Comments ("));
    }
    let missing = service.ask(&["signal", "999999"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.complaint().contains("there is no such signal"), "{missing:?}");

    assert_eq!(service.up.stop(Signal::INT).code, Some(0));
    assert_eq!(processes_of(folder.path()), [""; 0]);
}

#[test]
fn nothing_stays_of_an_up_that_was_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(folder.path().to_str().expect("text"));
    service.data(&["start"]);
    service.up.stop(Signal::KILL);
    while !processes_of(folder.path()).is_empty() {
        std::thread::yield_now();
    }
    // In order, that is: both said so, and the worker gave its run back.
    let log = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a log");
    let (server, worker) = (log("server.log"), log("worker.log"));
    assert!(
        server.contains("stopped") && worker.contains("worker stopped"),
        "{server}{worker}"
    );
}
