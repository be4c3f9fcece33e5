//! Clients made from the document, used for real: each starts an analysis, follows it, reads result and signals, is
//! refused with 409, 422 and 404, and cancels one. `make clients` makes them; `make test` does that first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::process::binary;
use e2e::stack::Stack;

/// Long enough for a second request to meet the first one's run.
const SLOW: (&str, &str) = ("ANALYZE_SAMPLE_LATENCY", "10ms");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Says what to do when a generated client is not there.
fn made(path: &str) {
    assert!(root().join(path).exists(), "{path} is missing: run `make clients`");
}

/// Runs a client's program in its folder against a server and a worker of its own.
async fn use_for_real(folder: &str, program: PathBuf, args: &[&str], end: &str) {
    let folder = root().join(folder);
    let stack = Stack::new(&[SLOW]).unwrap();
    let _server = stack.server().await.unwrap();
    let _worker = stack.worker().unwrap();
    let mut command = Command::new(folder.join(program));
    command.current_dir(&folder).args(args).arg(stack.api().base());
    let output = tokio::task::spawn_blocking(move || command.output())
        .await
        .unwrap()
        .unwrap();
    let (said, complaint) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success() && said.ends_with(end), "{said}{complaint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_client_works() {
    made("clients/python/.venv");
    made("clients/python/generated");
    let python = PathBuf::from(".venv/bin/python");
    use_for_real("clients/python", python, &["analyze.py"], "python: all of it works\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_client_works() {
    let folder = "clients/typescript";
    made("clients/typescript/built/analyze.js");
    let end = "typescript: all of it works\n";
    use_for_real(folder, node(), &["built/analyze.js"], end).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rust_client_works() {
    let example = binary("examples/analyze").unwrap();
    use_for_real(".", example, &[], "rust: all of it works\n").await;
}

/// Where node is; an absolute path stays itself when a folder is put before it.
fn node() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join("node"))
        .find(|node| node.exists());
    found.expect("node is missing: install node 20 or newer")
}

/// What stands in docs/clients.md stands in the programs above, to the letter.
#[test]
fn the_examples_of_the_docs_are_parts_of_these_programs() {
    let text = fs::read_to_string(root().join("docs/clients.md")).unwrap();
    let mut seen = 0;
    for part in text.split("<!-- from ").skip(1) {
        let (file, rest) = part.split_once(" -->").unwrap();
        let block = rest.split("```").nth(1).unwrap();
        let (_, example) = block.split_once('\n').unwrap();
        let program = fs::read_to_string(root().join(file)).unwrap();
        assert!(program.contains(example), "{file} has no longer:\n{example}");
        seen += 1;
    }
    assert!(seen >= 6, "{seen}");
}
