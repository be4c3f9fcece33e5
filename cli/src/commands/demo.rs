//! `analyze demo`: the whole service for the length of one analysis, or of one a day.
//!
//! Server and worker are processes of their own, as in earnest, on a free port and a database of their own. Whatever
//! happens, they are stopped before this returns.

use std::path::{Path, PathBuf};
use std::{fs, io};

use chrono::{NaiveDate, NaiveTime};
use tempfile::{NamedTempFile, TempDir, TempPath};

use super::{replay, watch};
use crate::api::types::{AnalyzeRequest, StartedAnalysis};
use crate::args::Demo;
use crate::failure::Failure;
use crate::follow::{Silence, follow, progress};
use crate::name::ResultName;
use crate::server::Server;
use crate::service::{Plan, Service, free_port};
use crate::{days, output};

/// Slow enough to be watched.
const LATENCY: (&str, &str) = ("ANALYZE_SAMPLE_LATENCY", "60ms");

/// The sample's first day; the days of a demo begin with it.
const FIRST: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 1, 5);
/// When the sample's market has been open for a while, US/Eastern.
const ELEVEN: Option<NaiveTime> = NaiveTime::from_hms_opt(11, 0, 0);

/// Starts, analyses the sample once or day by day, shows the outcome, stops.
pub(super) async fn demo(demo: &Demo, key: Option<&str>, json: bool) -> Result<(), Failure> {
    let folder = Folder::new(demo.keep.as_deref())?;
    let mut plan = Plan::new(folder.path(), free_port()?, &demo.launch)?;
    if demo.days.is_none() {
        plan.suggest(LATENCY);
    }
    plan.forget_environment();
    let server = Server::new(&plan.url(), key)?;
    let mut service = Service::start(&plan)?;
    let (svg, temporary) = picture(demo)?;
    let done = match demo.days {
        None => service.run(&server, story(&server, &plan, json)).await,
        Some(number) => {
            if !json {
                output::note(&place(&plan))?;
            }
            let days = Box::pin(live(&server, usize::from(number), &svg, json));
            service.run(&server, days).await
        }
    };
    drop(service);
    done?;
    if let (Some(path), Some(_)) = (temporary, demo.days) {
        path.keep().map_err(|error| unusable(&svg, error.error))?;
    }
    if let (false, Some(kept)) = (json, &demo.keep) {
        output::text(&format!("\nDatabase and logs are in {}\n", kept.display()))?;
    }
    Ok(())
}

/// One run a weekday, from the sample's first day on.
async fn live(server: &Server, number: usize, svg: &Path, json: bool) -> Result<(), Failure> {
    let days = FIRST.zip(ELEVEN).map(|(first, at)| {
        let days = days::weekdays(first).take(number);
        days.map(|day| (day, days::eastern(day, at))).collect()
    });
    let plan = replay::Plan {
        days: days.unwrap_or_default(),
        subreddit: None,
        svg: Some(svg),
        json,
    };
    // The service around it hears signals.
    replay::live(server, &plan, None).await
}

/// Where the curve is drawn: where it was asked for, beside the kept database, or in a temporary file, which stays
/// unless the demo fails.
fn picture(demo: &Demo) -> Result<(PathBuf, Option<TempPath>), Failure> {
    if let Some(path) = &demo.svg {
        return Ok((path.clone(), None));
    }
    if let Some(folder) = &demo.keep {
        return Ok((folder.join("equity.svg"), None));
    }
    let made = tempfile::Builder::new()
        .prefix("analyze-equity-")
        .suffix(".svg")
        .tempfile();
    let path = made.map(NamedTempFile::into_temp_path);
    let path = path.map_err(|cause| unusable(&std::env::temp_dir(), cause))?;
    Ok((path.to_path_buf(), Some(path)))
}

async fn story(server: &Server, plan: &Plan, json: bool) -> Result<(), Failure> {
    let started = server.start(&AnalyzeRequest::default(), None).await?.value.data;
    if json {
        let run = follow(server, started.run_id, &mut Silence).await?;
        watch::verdict(&run)?;
        return output::json(&server.result(ResultName::OfRun(run.run_id)).await?.data);
    }
    output::note(&opening(plan, &started))?;
    let run = follow(server, started.run_id, progress().as_mut()).await?;
    output::text("\n")?;
    watch::report(server, &run).await?;
    output::text(ENDING)
}

fn opening(plan: &Plan, started: &StartedAnalysis) -> String {
    let (id, job) = (started.run_id, started.job.job_id);
    format!("{}started run {id} (job {job})\n\n", place(plan))
}

fn place(plan: &Plan) -> String {
    let (url, folder) = (plan.url(), plan.folder().display());
    format!("analyze-server at {url}, analyze-worker beside it, database in {folder}\n")
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

fn unusable(path: &Path, cause: io::Error) -> Failure {
    Failure::Folder {
        path: path.to_owned(),
        cause,
    }
}
