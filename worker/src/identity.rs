//! Who this worker process is: a name that is unique per start, and what tells it apart from a later process with
//! the same pid.

use std::{fs, io};

use shared::{clock, store::processes::ProcessRow};
use uuid::Uuid;

/// Stands for a start on a system that does not tell it.
const UNKNOWN_START: i64 = 0;

/// `ESRCH`: the process ended while its file was read.
const NO_SUCH_PROCESS: i32 = 3;

/// Name, host and process.
#[derive(Debug, Clone)]
pub struct Identity {
    /// `host-pid-uuid`.
    pub id: String,
    /// Host name.
    pub host: String,
    /// Process id.
    pub pid: u32,
}

impl Identity {
    /// Of this process, now.
    #[must_use]
    pub fn of_this_process() -> Self {
        let host = host_name();
        let pid = std::process::id();
        Self {
            id: format!("{host}-{pid}-{}", Uuid::now_v7().simple()),
            host,
            pid,
        }
    }

    /// The row that announces it.
    #[must_use]
    pub fn row(&self, sources: String) -> ProcessRow {
        let now = clock::now();
        ProcessRow {
            id: self.id.clone(),
            host: self.host.clone(),
            pid: i64::from(self.pid),
            process_started_at: process_start(i64::from(self.pid))
                .ok()
                .flatten()
                .unwrap_or(UNKNOWN_START),
            started_at: now,
            last_seen: now,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            sources,
            stopped_at: None,
        }
    }
}

/// The name of this host; within a pid namespace of its own (a container) with that namespace behind it, because
/// pids say nothing across namespaces.
fn host_name() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .ok()
        .filter(|name| !name.is_empty())
        .map_or_else(|| "localhost".to_owned(), |name| name + &own_pid_namespace())
}

/// `/pid:[N]`; empty in the namespace the system started with.
fn own_pid_namespace() -> String {
    const INITIAL: &str = "pid:[4026531836]";
    fs::read_link("/proc/self/ns/pid")
        .ok()
        .and_then(|link| link.into_os_string().into_string().ok())
        .filter(|name| name != INITIAL)
        .map_or_else(String::new, |name| format!("/{name}"))
}

/// Start of a process in clock ticks since boot; `None` when there is no such process, or it is a zombie.
///
/// # Errors
/// When nobody can tell: a system that is out of descriptors or memory says nothing of its processes.
pub fn process_start(pid: i64) -> io::Result<Option<i64>> {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => start_in(&stat),
        Err(error) if error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(NO_SUCH_PROCESS) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// What `/proc/PID/stat` says: the start, or `None` of a zombie.
fn start_in(stat: &str) -> io::Result<Option<i64>> {
    let unclear = || io::Error::other("the start of a process is not where it should be");
    // The second field is the command in parentheses and may itself hold blanks and parentheses.
    let (_, rest) = stat.rsplit_once(')').ok_or_else(unclear)?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    if matches!(fields.first(), Some(&("Z" | "X"))) {
        return Ok(None);
    }
    let ticks = fields.get(19).and_then(|field| field.parse().ok());
    ticks.map(Some).ok_or_else(unclear)
}

/// Whether the process that a row announces still runs on this host; a start that could not be told, then or now, is no
/// proof of its death.
#[must_use]
pub fn is_alive(row: &ProcessRow) -> bool {
    row.process_started_at == UNKNOWN_START
        || process_start(row.pid).map_or(true, |start| start == Some(row.process_started_at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_of_a_process_is_read_or_not_understood() {
        let fields = |state: &str| format!("7 (a b) c) {state} {}4711 0", "0 ".repeat(18));
        assert_eq!(start_in(&fields("S")).unwrap(), Some(4711));
        assert_eq!(start_in(&fields("Z")).unwrap(), None);
        assert!(start_in("7 (cut").is_err() && start_in("").is_err());
    }

    #[test]
    fn this_process_is_alive_and_one_with_another_start_is_not() {
        let mut row = Identity::of_this_process().row("{}".to_owned());
        assert!(is_alive(&row));
        row.process_started_at += 1;
        assert!(!is_alive(&row));
        row.pid = i64::from(u32::MAX);
        assert!(!is_alive(&row));
        row.process_started_at = UNKNOWN_START;
        assert!(is_alive(&row), "nobody can tell");
    }
}
