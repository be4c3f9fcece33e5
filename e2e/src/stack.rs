//! A server and workers on a free port in a temporary folder.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::{
    client::Api,
    disk::Disk,
    process::{Process, command, command_under_limits},
};

/// A wait that takes longer has failed.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// Settings as `NAME=VALUE` pairs.
pub type Settings<'a> = &'a [(&'a str, &'a str)];

/// One database folder and the port of its server.
#[derive(Debug)]
pub struct Stack {
    folder: TempDir,
    database: PathBuf,
    under_limits: bool,
    port: u16,
    settings: Vec<(String, String)>,
}

impl Stack {
    /// An empty folder and a free port; nothing runs yet.
    pub fn new(settings: Settings<'_>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = folder.path().join("analyze.db");
        Self::over(folder, database, settings)
    }

    /// The same with the database on a disk of its own, and the logs elsewhere.
    pub fn on(disk: &Disk, settings: Settings<'_>) -> anyhow::Result<Self> {
        let stack = Self::over(tempfile::tempdir()?, disk.path().join("analyze.db"), settings)?;
        Ok(Self {
            under_limits: !disk.is_mounted(),
            ..stack
        })
    }

    fn over(folder: TempDir, database: PathBuf, settings: Settings<'_>) -> anyhow::Result<Self> {
        let port = free_port()?;
        let settings = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Ok(Self {
            folder,
            database,
            under_limits: false,
            port,
            settings,
        })
    }

    /// The database file.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.database.clone()
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the folder behind for whoever wants to know what happened.
    pub fn keep(&mut self) {
        self.folder.disable_cleanup(true);
    }

    /// Speaks with the server.
    #[must_use]
    pub fn api(&self) -> Api {
        Api::new(format!("http://127.0.0.1:{}", self.port))
    }

    /// Changes the database behind the back of everybody.
    pub fn execute(&self, sql: &str) -> anyhow::Result<()> {
        let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], 30); c.execute(sys.argv[2]); c.commit()";
        let status = std::process::Command::new("python3")
            .args(["-c", script])
            .arg(self.database())
            .arg(sql)
            .status()?;
        anyhow::ensure!(status.success(), "python3: {status}");
        Ok(())
    }

    /// One column of text, read behind the back of everybody.
    pub fn texts(&self, sql: &str) -> anyhow::Result<Vec<String>> {
        let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], 30)
sys.stdout.buffer.writelines(str(row[0]).encode() + b'\\0' for row in c.execute(sys.argv[2]))";
        let output = std::process::Command::new("python3")
            .args(["-c", script])
            .arg(self.database())
            .arg(sql)
            .output()?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        anyhow::ensure!(output.status.success(), "{sql}: {complaint}");
        let text = String::from_utf8(output.stdout)?;
        Ok(text.split_terminator('\0').map(str::to_owned).collect())
    }

    /// SIGSTOP for a process at an instant at which it holds no lock of the database: in the middle of a transaction it
    /// would keep everybody else from writing for as long as it is stopped.
    pub fn pause(&self, process: &Process) -> anyhow::Result<()> {
        let script = "import sqlite3, sys
c = sqlite3.connect(sys.argv[1], 0.2, isolation_level=None)
c.execute('begin immediate')";
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            process.signal("STOP")?;
            let mut probe = std::process::Command::new("python3");
            if probe
                .args(["-c", script])
                .arg(self.database())
                .output()?
                .status
                .success()
            {
                return Ok(());
            }
            process.signal("CONT")?;
            std::thread::sleep(Duration::from_millis(3));
        }
        bail!("{} is never without a lock", process.pid())
    }

    /// Starts a server and waits until it is ready.
    pub async fn server(&self) -> anyhow::Result<Process> {
        self.server_with(&[]).await
    }

    /// The same with settings of its own beside those of the stack.
    pub async fn server_with(&self, settings: Settings<'_>) -> anyhow::Result<Process> {
        let address = format!("127.0.0.1:{}", self.port);
        let pairs = pairs(settings);
        let mut args = vec!["--listen", &address];
        args.extend(pairs.iter().flat_map(|pair| ["--set", pair]));
        let server = self.start("analyze-server", &args)?;
        let (api, since) = (self.api(), Instant::now());
        while !api.is_ready().await {
            if since.elapsed() > PATIENCE {
                bail!("the server is not ready:\n{}", server.log());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(server)
    }

    /// Starts a worker.
    pub fn worker(&self) -> anyhow::Result<Process> {
        self.start("analyze-worker", &[])
    }

    /// Starts a worker with settings of its own beside those of the stack.
    pub fn worker_with(&self, settings: Settings<'_>) -> anyhow::Result<Process> {
        let pairs = pairs(settings);
        let args: Vec<_> = pairs.iter().flat_map(|pair| ["--set", pair]).collect();
        self.start("analyze-worker", &args)
    }

    /// A command of ours over this database.
    pub fn start(&self, name: &str, args: &[&str]) -> anyhow::Result<Process> {
        let mut command = if self.under_limits {
            command_under_limits(name)?
        } else {
            command(name)?
        };
        command
            .arg("--database")
            .arg(format!("sqlite://{}", self.database().display()))
            .args(args);
        for (name, value) in &self.settings {
            command.arg("--set").arg(format!("{name}={value}"));
        }
        let log = self.folder.path().join(format!("{name}.log"));
        Process::start(command, &log).with_context(|| format!("cannot start {name}"))
    }
}

fn pairs(settings: Settings<'_>) -> Vec<String> {
    settings.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// A port that was free a moment ago.
pub fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
