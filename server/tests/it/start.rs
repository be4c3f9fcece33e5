use std::process::{Command, Output};

use server::serve;

use crate::app::{config, start};

fn binary(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_analyze-server"))
        .args(arguments)
        .output()
        .expect("the binary")
}

#[tokio::test]
async fn a_port_in_use_is_one_line_with_a_remedy() {
    let app = start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let address = app.url.trim_start_matches("http://");
    let error = serve::prepare(config(&folder, &[("ANALYZE_LISTEN", address)]))
        .await
        .err()
        .expect("an error")
        .to_string();
    assert!(
        error.contains(address) && error.contains("ANALYZE_LISTEN") && !error.contains('\n'),
        "{error}"
    );
}

#[test]
fn whatever_prevents_the_start_is_one_line_and_exit_code_2() {
    for (arguments, part) in [
        (vec!["--set", "ANALYZE_LISTEM=x"], "did you mean ANALYZE_LISTEN"),
        (vec!["--listen", "8000"], "ANALYZE_LISTEN=8000"),
        (vec!["--listen", "0.0.0.0:0"], "ANALYZE_TRUST_NETWORK"),
        (
            vec!["--listen", "127.0.0.1:0", "--database", "sqlite:///proc/nowhere/x.db"],
            "/proc/nowhere/x.db",
        ),
    ] {
        let output = binary(&arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(part) && text.trim_end().lines().count() == 1, "{text}");
    }
}

#[test]
fn a_source_that_cannot_work_is_refused_before_the_database_is_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}/analyze.db", folder.path().display());
    let empty = folder.path().join("empty.ndjson");
    std::fs::write(&empty, "{}\n").expect("a file");
    for (setting, part) in [
        (
            "ANALYZE_COMMENTS=dump:/nowhere/dump.ndjson".to_owned(),
            "/nowhere/dump.ndjson",
        ),
        (format!("ANALYZE_COMMENTS=dump:{}", empty.display()), "empty.ndjson"),
        (
            "ANALYZE_MARKET=recorded:/nowhere/at/all".to_owned(),
            "ANALYZE_MARKET=recorded:/nowhere/at/all",
        ),
        (
            "ANALYZE_DAILY=recorded:/nowhere/at/all".to_owned(),
            "ANALYZE_DAILY=recorded:/nowhere/at/all",
        ),
    ] {
        let output = binary(&["--listen", "127.0.0.1:0", "--database", &database, "--set", &setting]);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(part) && text.trim_end().lines().count() == 1, "{text}");
    }
    assert!(!folder.path().join("analyze.db").exists(), "nothing was made");
}

#[test]
fn the_document_needs_no_database() {
    let output = binary(&["openapi"]);
    assert!(output.status.success());
    let expected = server::document::yaml(&server::document::build());
    assert!(String::from_utf8_lossy(&output.stdout) == expected);
}

#[test]
fn settings_are_shown_with_their_origin_and_without_secrets() {
    let key = format!("me:write:{}", "a".repeat(64));
    let output = binary(&["config", "show", "--set", &format!("ANALYZE_API_KEYS={key}")]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("ANALYZE_LISTEN") && text.contains("<redacted>") && !text.contains("aaaa"),
        "{text}"
    );
}
