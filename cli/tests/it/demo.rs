//! The demo with the real server and worker: what it shows, and that nothing of it stays.

use rustix::process::Signal;

use crate::analyze::{Running, analyze, processes_of, require_service};

/// As fast as it goes; nobody watches.
const FAST: &str = "ANALYZE_SAMPLE_LATENCY=0";

#[test]
fn the_demo_shows_signals_and_leaves_database_and_logs_where_it_was_told() {
    require_service();
    let folder = tempfile::tempdir().expect("a folder");
    let keep = folder.path().to_str().expect("text");
    let finished = analyze(&["demo", "--set", FAST, "--keep", keep]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    for part in [
        "run 1 of r/",
        " completed after ",
        "Signals (",
        "Tickers (",
        "Portfolios",
        "/docs",
        "make up",
    ] {
        assert!(finished.out.contains(part), "{part:?} is not in\n{}", finished.out);
    }
    assert!(finished.err.contains("a worker has taken it"), "{}", finished.err);
    for file in ["analyze.db", "server.log", "worker.log"] {
        assert!(folder.path().join(file).is_file(), "{file}");
    }
    assert_eq!(processes_of(folder.path()), [""; 0]);
}

#[test]
fn the_demo_as_json_is_the_final_result_and_nothing_else() {
    require_service();
    let finished = analyze(&["demo", "--set", FAST, "--json"]);
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
    let result = finished.json();
    assert_eq!(result["result_kind"], "final");
    assert!(
        result["result"]["signals"]
            .as_array()
            .is_some_and(|signals| !signals.is_empty())
    );
}

#[test]
fn a_process_that_does_not_start_is_reported_with_its_log() {
    require_service();
    let folder = tempfile::tempdir().expect("a folder");
    let keep = folder.path().to_str().expect("text");
    let finished = analyze(&["demo", "--set", "ANALYZE_NONSENSE=1", "--keep", keep]);
    assert_eq!((finished.code, finished.out.as_str()), (Some(1), ""));
    assert!(finished.err.contains("ended unasked"), "{}", finished.err);
    assert!(finished.err.contains("ANALYZE_NONSENSE"), "{}", finished.err);
    assert_eq!(processes_of(folder.path()), [""; 0]);
}

#[test]
fn an_interrupted_demo_stops_everything_and_removes_its_folder() {
    require_service();
    let mut demo = Running::start(&["demo", "--set", "ANALYZE_SAMPLE_LATENCY=1s"]);
    let opening = demo.read_until("database in ");
    let folder = opening
        .trim_end()
        .rsplit_once("database in ")
        .expect("a folder")
        .1
        .to_owned();
    demo.read_until("a worker has taken it");
    assert_eq!(processes_of(folder.as_ref()).len(), 2);
    let finished = demo.stop(Signal::INT);
    assert_eq!(finished.code, Some(1));
    assert!(finished.err.contains("interrupted"), "{}", finished.err);
    assert_eq!(processes_of(folder.as_ref()), [""; 0]);
    assert!(!std::path::Path::new(&folder).exists());
}
