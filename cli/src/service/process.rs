//! One process of ours, with its log.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::plan::Start;
use crate::failure::Failure;
use crate::output;

/// Lines of a log that are shown when its process ends unasked.
const TAIL: usize = 12;
/// Time between two looks whether a process has ended.
const PACE: Duration = Duration::from_millis(20);

/// A running process.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts it, in a process group of its own: a Ctrl-C reaches this program alone, which then stops it in order. Its
    /// standard input stays open for as long as this program lives.
    pub fn start(start: Start) -> Result<Self, Failure> {
        let Start { name, log, mut command } = start;
        let unusable = |cause: io::Error| Failure::Folder {
            path: log.clone(),
            cause,
        };
        let file = File::create(&log).map_err(unusable)?;
        let errors = file.try_clone().map_err(unusable)?;
        command
            .stdin(Stdio::piped())
            .stdout(file)
            .stderr(errors)
            .process_group(0);
        let child = command.spawn();
        let child = child.map_err(|cause| Failure::Process(format!("{name} does not start: {cause}")))?;
        Ok(Self { name, child, log })
    }

    /// If it has ended: how, and the end of its log.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        Some(format!(
            "{} ended unasked ({status}); its log ends with\n{}",
            self.name,
            tail(&log)
        ))
    }

    /// Asks it to end in order. One that has ended already is left alone.
    pub fn ask_to_end(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return; // its number may belong to another process by now
        }
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
    }

    /// Waits until it has ended; after `patience` it is killed.
    pub fn end(&mut self, patience: Duration) {
        let deadline = Instant::now() + patience;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() >= deadline {
                // Nobody may be left to be told.
                let _ = output::note(&format!("analyze: {} does not stop; killing it\n", self.name));
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            sleep(PACE);
        }
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let last = &lines[lines.len().saturating_sub(TAIL)..];
    if last.is_empty() {
        "  (nothing)".to_owned()
    } else {
        format!("  {}", last.join("\n  "))
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn start(script: &str, log: PathBuf) -> Process {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Process::start(Start {
            name: "sh",
            log,
            command,
        })
        .expect("a process")
    }

    #[test]
    fn a_process_that_ends_unasked_is_reported_with_the_end_of_its_log() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = start("echo cannot listen >&2; exit 3", folder.path().join("log"));
        process.child.wait().expect("its end");
        let report = process.ended().expect("a report");
        assert_eq!(
            report,
            "sh ended unasked (exit status: 3); its log ends with\n  cannot listen"
        );
    }

    #[test]
    fn a_process_that_ignores_the_request_is_killed() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut process = start("trap '' TERM; echo set; exec sleep 60", folder.path().join("log"));
        while fs::read_to_string(&process.log).expect("a log").is_empty() {
            std::thread::yield_now();
        }
        process.ask_to_end();
        process.end(Duration::ZERO);
        assert!(process.child.try_wait().expect("a status").is_some());
    }

    #[test]
    fn only_the_end_of_a_log_is_shown() {
        let log = (1..=20)
            .map(|line| format!("line {line}"))
            .collect::<Vec<_>>()
            .join("\n");
        assert_eq!(tail(&log).lines().count(), TAIL);
        assert!(tail(&log).ends_with("line 20"));
        assert_eq!(tail(""), "  (nothing)");
    }
}
