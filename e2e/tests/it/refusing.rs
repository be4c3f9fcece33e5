//! Refusing: one clear line, exit code 2, nothing changed.

use std::{fs, net::TcpListener, os::unix::fs::PermissionsExt as _, process::Output};

use e2e::{process::command, stack::Stack};

fn run(name: &str, args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = command(name).unwrap();
    command.args(args).envs(environment.iter().copied()).output().unwrap()
}

/// Exit code 2 and exactly one line that holds every word, and says nothing twice.
fn refuses(output: &Output, words: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert_eq!(text.trim().lines().count(), 1, "{text}");
    assert!(words.iter().all(|word| text.contains(word)), "{words:?} in {text}");
    let mut parts: Vec<_> = text.trim().split(": ").collect();
    parts.sort_unstable();
    assert!(parts.windows(2).all(|two| two[0] != two[1]), "{text}");
}

#[test]
fn unknown_settings_and_wrong_values_are_named() {
    for name in ["analyze-server", "analyze-worker"] {
        refuses(
            &run(name, &[], &[("ANALYZE_CHUNKS", "5")]),
            &["ANALYZE_CHUNKS", "ANALYZE_CHUNK?"],
        );
        refuses(&run(name, &["--set", "NOTHING=5"], &[]), &["NOTHING"]);
        refuses(
            &run(name, &["--set", "ANALYZE_LEASE=soon"], &[]),
            &["ANALYZE_LEASE=soon", "expected"],
        );
        refuses(
            &run(name, &["--config", "/nowhere/settings"], &[]),
            &["/nowhere/settings"],
        );
        refuses(&run(name, &["--set", "RUST_LOG=a=b=c"], &[]), &["RUST_LOG"]);
    }
}

#[test]
fn a_database_that_cannot_be_used_is_named_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let corrupt = folder.path().join("corrupt.db");
    fs::write(&corrupt, "this is not a database, whatever its name says".repeat(100)).unwrap();
    let before = fs::read(&corrupt).unwrap();
    let url = |path: &std::path::Path| format!("sqlite://{}", path.display());
    for name in ["analyze-server", "analyze-worker"] {
        let args = ["--set", "ANALYZE_LISTEN=127.0.0.1:0"];
        let database = |path: &std::path::Path| run(name, &[&args[..], &["--database", &url(path)]].concat(), &[]);
        refuses(&database(&corrupt), &["corrupt.db", "not a database"]);
        assert_eq!(fs::read(&corrupt).unwrap(), before);
        refuses(&database(folder.path()), &["is a folder"]);
        let beneath = corrupt.join("inside.db");
        refuses(&database(&beneath), &["inside.db"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_left_to_it() {
    let stack = Stack::new(&[]).unwrap();
    drop(stack.server().await.unwrap());
    let sql = "insert into analyze_migrations (version, description, success, checksum, execution_time)
               values (29990101000000, 'of the future', true, x'00', 0)";
    stack.execute(sql).unwrap();
    for name in ["analyze-server", "analyze-worker"] {
        let url = format!("sqlite://{}", stack.database().display());
        refuses(&run(name, &["--database", &url], &[]), &["newer version"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_and_an_open_address_are_refused() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let stack = Stack::new(&[]).unwrap();
    let url = format!("sqlite://{}", stack.database().display());
    let start = |listen: &str| run("analyze-server", &["--database", &url, "--listen", listen], &[]);
    refuses(&start(&address), &[&address, "in use"]);
    refuses(&start("0.0.0.0:0"), &["0.0.0.0", "key"]);
}

#[test]
fn a_dump_that_is_not_there_or_holds_no_comments_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.ndjson");
    fs::write(&empty, "{\"neither\": \"comment nor submission\"}\n").unwrap();
    let hidden = folder.path().join("hidden.ndjson");
    fs::write(&hidden, "").unwrap();
    fs::set_permissions(&hidden, fs::Permissions::from_mode(0o000)).unwrap();
    let url = format!("sqlite://{}", folder.path().join("a.db").display());
    let start = |path: &str| {
        let source = format!("ANALYZE_COMMENTS=dump:{path}");
        run("analyze-worker", &["--database", &url, "--set", &source], &[])
    };
    refuses(&start("/nowhere/dump.ndjson"), &["/nowhere/dump.ndjson"]);
    refuses(&start(&empty.display().to_string()), &["empty.ndjson"]);
    assert!(!folder.path().join("a.db").exists(), "nothing changed");
}

#[test]
fn settings_are_shown_with_their_origin_and_without_secrets() {
    let hash = "ab".repeat(32);
    let keys = format!("me:write:{hash}");
    for name in ["analyze-server", "analyze-worker"] {
        let output = run(
            name,
            &["--set", "ANALYZE_CHUNK=7", "config", "show"],
            &[("ANALYZE_API_KEYS", &keys)],
        );
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && !text.contains(&hash), "{text}");
        let chunk = text.lines().find(|line| line.starts_with("ANALYZE_CHUNK ")).unwrap();
        assert!(chunk.contains('7') && chunk.contains("flag"), "{chunk}");
    }
}
