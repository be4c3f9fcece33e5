//! What to start: which programs, where, with which settings.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, io};

use crate::args::Launch;
use crate::failure::Failure;

/// Settings that say where the database is; the folder of the plan has the last word.
const DATABASE: [&str; 2] = ["DATABASE_URL", "ASYNC_JOBS_STORE_FILE"];
/// How names of settings begin.
const PREFIX: &str = "ANALYZE_";

/// What to start.
#[derive(Debug)]
pub struct Plan {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    settings: Vec<(String, String)>,
    forgotten: Vec<OsString>,
}

/// One process to start.
#[derive(Debug)]
pub struct Start {
    /// Its name.
    pub name: &'static str,
    /// Where its log goes.
    pub log: PathBuf,
    /// How to start it.
    pub command: Command,
}

impl Plan {
    /// Database and logs in `folder`, the server on `port` of this host.
    pub fn new(folder: &Path, port: u16, launch: &Launch) -> Result<Self, Failure> {
        let unusable = |cause: io::Error| Failure::Folder {
            path: folder.to_owned(),
            cause,
        };
        let programs = match &launch.bin_dir {
            Some(given) => given.clone(),
            None => env::current_exe()
                .map_err(unusable)?
                .parent()
                .map(Path::to_owned)
                .unwrap_or_default(),
        };
        for name in ["analyze-server", "analyze-worker"] {
            let path = programs.join(name);
            if !path.is_file() {
                return Err(Failure::Missing(path));
            }
        }
        Ok(Self {
            programs,
            folder: std::path::absolute(folder).map_err(unusable)?,
            port,
            settings: launch.set.clone(),
            forgotten: DATABASE.map(OsString::from).into(),
        })
    }

    /// A setting that counts unless it is set already.
    pub fn suggest(&mut self, (name, value): (&str, &str)) {
        if self.settings.iter().all(|(set, _)| set != name) {
            self.settings.push((name.to_owned(), value.to_owned()));
        }
    }

    /// Settings of the environment do not reach the processes.
    pub fn forget_environment(&mut self) {
        let names = env::vars_os().map(|(name, _)| name);
        self.forgotten
            .extend(names.filter(|name| name.to_string_lossy().starts_with(PREFIX)));
    }

    /// Where the server will be.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where database and logs go.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The processes to start. They may start in any order; each brings the database up to date.
    #[must_use]
    pub fn commands(&self) -> [Start; 2] {
        let mut server = self.one("analyze-server", "server.log");
        server.command.arg("--listen").arg(format!("127.0.0.1:{}", self.port));
        [server, self.one("analyze-worker", "worker.log")]
    }

    fn one(&self, name: &'static str, log: &str) -> Start {
        let mut command = Command::new(self.programs.join(name));
        command
            .arg("--database")
            .arg(format!("sqlite://{}/analyze.db", self.folder.display()))
            .arg("--stop-at-eof");
        for (name, value) in &self.settings {
            command.arg("--set").arg(format!("{name}={value}"));
        }
        for name in &self.forgotten {
            command.env_remove(name);
        }
        Start {
            name,
            log: self.folder.join(log),
            command,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(set: &[(&str, &str)]) -> Plan {
        Plan {
            programs: "/bin-dir".into(),
            folder: "/data".into(),
            port: 8123,
            settings: set
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            forgotten: vec!["ANALYZE_CHUNK".into()],
        }
    }

    fn line(start: &Start) -> String {
        let words = start.command.get_args().map(|word| word.to_string_lossy().into_owned());
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn both_get_the_database_and_the_settings_and_the_server_its_address() {
        let [server, worker] = plan(&[("ANALYZE_CHUNK", "5")]).commands();
        let common = "--database sqlite:///data/analyze.db --stop-at-eof --set ANALYZE_CHUNK=5";
        assert_eq!(line(&server), format!("{common} --listen 127.0.0.1:8123"));
        assert_eq!(line(&worker), common);
        assert_eq!(worker.log, Path::new("/data/worker.log"));
        assert!(
            worker
                .command
                .get_envs()
                .any(|(name, value)| name == "ANALYZE_CHUNK" && value.is_none())
        );
    }

    #[test]
    fn a_suggestion_gives_way_to_what_was_set() {
        let mut plan = plan(&[("ANALYZE_SAMPLE_LATENCY", "0")]);
        plan.suggest(("ANALYZE_SAMPLE_LATENCY", "30ms"));
        plan.suggest(("ANALYZE_CHUNK", "50"));
        let set: Vec<_> = plan.settings.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(set, ["0", "50"]);
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let launch = Launch {
            bin_dir: Some("/nowhere".into()),
            set: Vec::new(),
        };
        let failure = Plan::new(Path::new("/data"), 1, &launch).expect_err("nothing is there");
        assert!(
            failure
                .to_string()
                .starts_with("/nowhere/analyze-server is missing; build it"),
            "{failure}"
        );
    }
}
