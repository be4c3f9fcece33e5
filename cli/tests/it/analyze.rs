//! Running `analyze`, in an environment without settings of the service.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// What a finished `analyze` left behind.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Finished {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Standard output as one JSON value; anything else beside it is an error.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The only line on standard error.
    pub fn complaint(&self) -> &str {
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        self.err.trim_end()
    }
}

/// `analyze` with these arguments.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_analyze"));
    command.args(arguments);
    for name in ["JOBS_SERVER", "JOBS_API_KEY", "DATABASE_URL", "ANALYZE_SAMPLE_LATENCY"] {
        command.env_remove(name);
    }
    command
}

/// Runs it to its end.
pub fn analyze(arguments: &[&str]) -> Finished {
    Finished::of(command(arguments).output().expect("analyze runs"))
}

/// An `analyze` that goes on.
pub struct Running {
    child: Child,
    err: BufReader<ChildStderr>,
}

impl Running {
    pub fn start(arguments: &[&str]) -> Self {
        let mut command = command(arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("analyze starts");
        let err = BufReader::new(child.stderr.take().expect("a pipe"));
        Self { child, err }
    }

    /// Reads standard error up to the line that contains `part`.
    pub fn read_until(&mut self, part: &str) -> String {
        let mut text = String::new();
        while !text.lines().next_back().is_some_and(|line| line.contains(part)) {
            let read = self.err.read_line(&mut text).expect("text");
            assert_ne!(read, 0, "{part:?} never came:\n{text}");
        }
        text
    }

    /// Sends a signal, and waits for the end.
    pub fn stop(mut self, signal: Signal) -> Finished {
        kill_process(Pid::from_child(&self.child), signal).expect("it lives");
        let mut err = String::new();
        self.err.read_to_string(&mut err).expect("text");
        let output = self.child.wait_with_output().expect("its end");
        Finished {
            err,
            ..Finished::of(output)
        }
    }
}

/// Server and worker stand beside `analyze`; without them nothing here can be proved.
pub fn require_service() {
    let folder = Path::new(env!("CARGO_BIN_EXE_analyze")).parent().expect("a folder");
    for name in ["analyze-server", "analyze-worker"] {
        assert!(
            folder.join(name).is_file(),
            "{name} is not built; run `cargo build --workspace` first"
        );
    }
}

/// Command lines of the processes that have to do with `folder`.
pub fn processes_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_str().expect("a path of text");
    let entries = std::fs::read_dir("/proc").expect("processes").flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines
        .filter(|line| line.contains("analyze-") && line.contains(folder))
        .collect()
}
