//! One child process with its log in a file; killed when dropped.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use crate::stack::PATIENCE;

/// A running binary of ours.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

/// The binary of that name, built beside the running one.
pub fn binary(name: &str) -> io::Result<PathBuf> {
    let mut folder = std::env::current_exe()?;
    folder.pop();
    if folder.ends_with("deps") {
        folder.pop();
    }
    let path = folder.join(name);
    if path.exists() {
        return Ok(path);
    }
    Err(io::Error::new(
        io::ErrorKind::NotFound,
        format!("{} is not built: run `cargo build --workspace`", path.display()),
    ))
}

/// A command of ours with nothing of our settings in its environment.
pub fn command(name: &str) -> io::Result<Command> {
    Ok(without_our_settings(Command::new(binary(name)?)))
}

/// The same for a process that is refused a write beyond its limit of file size, and not ended by its signal.
pub fn command_under_limits(name: &str) -> io::Result<Command> {
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(binary(name)?);
    Ok(without_our_settings(command))
}

fn without_our_settings(mut command: Command) -> Command {
    for (key, _) in std::env::vars_os() {
        let text = key.to_string_lossy();
        if text.starts_with("ANALYZE_")
            || ["DATABASE_URL", "ASYNC_JOBS_STORE_FILE", "RUST_LOG"].contains(&text.as_ref())
        {
            command.env_remove(&key);
        }
    }
    command
}

impl Process {
    /// Starts it; standard error and output go to `log`.
    pub fn start(mut command: Command, log: &Path) -> io::Result<Self> {
        let file = File::options().create(true).append(true).open(log)?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        Ok(Self {
            child: command.spawn()?,
            log: log.to_path_buf(),
        })
    }

    /// Process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name, for example `TERM`.
    pub fn signal(&self, name: &str) -> io::Result<()> {
        let status = Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.pid().to_string())
            .status()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("kill -{name} {}", self.pid())))
        }
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> io::Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Waits for its end.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }

    /// SIGTERM, then its end.
    pub fn terminate(mut self) -> io::Result<ExitStatus> {
        self.signal("TERM")?;
        self.wait()
    }

    /// SIGKILL, then its end.
    pub fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has logged these words; an error with the whole log when it does not.
    pub async fn logged(&self, words: &str) -> anyhow::Result<()> {
        let since = Instant::now();
        while !self.log().contains(words) {
            anyhow::ensure!(since.elapsed() < PATIENCE, "`{words}` is not in:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Resident memory in kilobytes and CPU time in clock ticks, from /proc.
    pub fn usage(&self) -> io::Result<(u64, u64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let rss = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap_or("0");
        let rss = rss
            .split_whitespace()
            .next()
            .and_then(|kb| kb.parse().ok())
            .unwrap_or(0);
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid()))?;
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|t| t.parse::<u64>().ok()).unwrap_or(0);
        Ok((rss, ticks(11) + ticks(12)))
    }

    /// The largest resident memory it ever had, in kilobytes.
    pub fn peak_kb(&self) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let peak = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap_or("0");
        Ok(peak
            .split_whitespace()
            .next()
            .and_then(|kb| kb.parse().ok())
            .unwrap_or(0))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
