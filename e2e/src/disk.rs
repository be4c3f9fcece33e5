//! A disk that can be full: a small file system of its own where one may be mounted, else a limit of file size.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::ensure;
use tempfile::TempDir;

use crate::process::Process;

/// Room for a run of the sample, and little more.
const SIZE: &str = "size=16m";

/// Less than the log of a database that was just made has in it, more than the processes log.
const LIMIT: u64 = 256 * 1024;

/// A folder for a database.
#[derive(Debug)]
pub struct Disk {
    folder: TempDir,
    mounted: bool,
}

impl Disk {
    /// A small file system; where mounting is not allowed, the same as [`Disk::limited`].
    pub fn small() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", SIZE, "tmpfs"])
            .arg(folder.path())
            .output();
        let mounted = mount.is_ok_and(|mount| mount.status.success());
        Ok(Self { folder, mounted })
    }

    /// A disk that is full for the processes that are told so.
    pub fn limited() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mounted = false;
        Ok(Self { folder, mounted })
    }

    /// Where its files are.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Whether it fills up, or processes are limited.
    #[must_use]
    pub const fn is_mounted(&self) -> bool {
        self.mounted
    }

    /// Takes all room away.
    pub fn fill(&self, processes: &[&Process]) -> anyhow::Result<()> {
        if !self.mounted {
            return limit(processes, &format!("{LIMIT}:unlimited"));
        }
        let mut filler = File::create(self.filler())?;
        for size in [65_536, 4_096, 1] {
            let block = vec![0; size];
            while filler.write(&block).is_ok_and(|written| written > 0) {}
        }
        Ok(())
    }

    /// Gives the room back.
    pub fn make_room(&self, processes: &[&Process]) -> anyhow::Result<()> {
        if !self.mounted {
            return limit(processes, "unlimited:unlimited");
        }
        Ok(std::fs::remove_file(self.filler())?)
    }

    fn filler(&self) -> PathBuf {
        self.folder.path().join("filler")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            let _ = Command::new("umount").arg(self.folder.path()).status();
        }
    }
}

/// Sets the largest size of a file, soft and hard, of running processes.
fn limit(processes: &[&Process], sizes: &str) -> anyhow::Result<()> {
    for process in processes {
        let pid = process.pid().to_string();
        let status = Command::new("prlimit")
            .args(["--pid", &pid, &format!("--fsize={sizes}")])
            .status()?;
        ensure!(status.success(), "prlimit: {status}");
    }
    Ok(())
}
