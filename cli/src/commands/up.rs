//! `analyze up`: server and worker in the foreground, until Ctrl-C.

use std::fs;

use crate::args::Up;
use crate::failure::Failure;
use crate::output;
use crate::server::Server;
use crate::service::{Plan, Service, claim_port};

/// Starts both, says where they are, and keeps them. A signal is the ordinary end.
pub(super) async fn up(up: &Up) -> Result<(), Failure> {
    let unusable = |cause| Failure::Folder {
        path: up.data.clone(),
        cause,
    };
    fs::create_dir_all(&up.data).map_err(unusable)?;
    claim_port(up.port)?;
    let plan = Plan::new(&up.data, up.port, &up.launch)?;
    let server = Server::new(&plan.url(), None)?;
    let mut service = Service::start(&plan)?;
    let keep = async {
        output::note(&opening(&plan))?;
        std::future::pending().await
    };
    match service.run(&server, keep).await {
        Err(Failure::Interrupted) => output::note("\nstopping\n"),
        other => other,
    }
}

fn opening(plan: &Plan) -> String {
    let (url, folder) = (plan.url(), plan.folder().display());
    format!(
        "analyze-server and analyze-worker are up; Ctrl-C stops both
  API      {url}
  docs     {url}/docs
  start    analyze --server {url} start --watch
           curl -X POST {url}/analyze
  data     {folder}/analyze.db
  logs     {folder}/server.log, {folder}/worker.log
"
    )
}
