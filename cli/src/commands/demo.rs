//! `analyze demo`: the whole service for the length of one analysis.
//!
//! Server and worker are processes of their own, as in earnest, on a free port and a database of their own. Whatever
//! happens, they are stopped before this returns.

use std::path::{Path, PathBuf};
use std::{fs, io};

use tempfile::TempDir;

use super::watch;
use crate::api::types::{AnalyzeRequest, StartedAnalysis};
use crate::args::Demo;
use crate::failure::Failure;
use crate::follow::{Silence, follow, progress};
use crate::name::ResultName;
use crate::output;
use crate::server::Server;
use crate::service::{Plan, Service, free_port};

/// Slow enough to be watched.
const LATENCY: (&str, &str) = ("ANALYZE_SAMPLE_LATENCY", "60ms");

/// Starts, analyses the sample once, shows the outcome, stops.
pub(super) async fn demo(demo: &Demo, key: Option<&str>, json: bool) -> Result<(), Failure> {
    let folder = Folder::new(demo.keep.as_deref())?;
    let mut plan = Plan::new(folder.path(), free_port()?, &demo.launch)?;
    plan.suggest(LATENCY);
    plan.forget_environment();
    let server = Server::new(&plan.url(), key)?;
    let mut service = Service::start(&plan)?;
    let done = service.run(&server, story(&server, &plan, json)).await;
    drop(service);
    done?;
    if let (false, Some(kept)) = (json, &demo.keep) {
        output::text(&format!("\nDatabase and logs are in {}\n", kept.display()))?;
    }
    Ok(())
}

async fn story(server: &Server, plan: &Plan, json: bool) -> Result<(), Failure> {
    let started = server.start(&AnalyzeRequest::default(), None).await?.value.data;
    if json {
        let run = follow(server, started.run_id, &mut Silence).await?;
        watch::verdict(&run)?;
        return output::json(&server.result(ResultName::OfRun(run.run_id)).await?.data);
    }
    eprint!("{}", opening(plan, &started));
    let run = follow(server, started.run_id, progress().as_mut()).await?;
    output::text("\n")?;
    watch::report(server, &run).await?;
    output::text(ENDING)
}

fn opening(plan: &Plan, started: &StartedAnalysis) -> String {
    format!(
        "analyze-server at {}, analyze-worker beside it, database in {}\nstarted run {} (job {})\n\n",
        plan.url(),
        plan.folder().display(),
        started.run_id,
        started.job.job_id
    )
}

const ENDING: &str = "
Where to look next
  make up                                        keeps server and worker running on port 8000
  http://127.0.0.1:8000/docs                     every operation, to read and to try
  curl -X POST http://127.0.0.1:8000/analyze     starts an analysis; `analyze start --watch` follows it too
  analyze overview | runs | signals              what there is
";

/// Where database and logs go: a folder that is kept, or a temporary one.
enum Folder {
    Kept(PathBuf),
    Temporary(TempDir),
}

impl Folder {
    fn new(keep: Option<&Path>) -> Result<Self, Failure> {
        let unusable = |path: &Path, cause: io::Error| Failure::Folder {
            path: path.to_owned(),
            cause,
        };
        let Some(path) = keep else {
            let made = tempfile::Builder::new().prefix("analyze-demo-").tempdir();
            return made
                .map(Self::Temporary)
                .map_err(|cause| unusable(&std::env::temp_dir(), cause));
        };
        fs::create_dir_all(path).map_err(|cause| unusable(path, cause))?;
        Ok(Self::Kept(path.to_owned()))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}
