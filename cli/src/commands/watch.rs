//! `analyze watch`, and how the end of a run is reported.

use super::Client;
use crate::api::types::{Run, RunState};
use crate::failure::Failure;
use crate::follow::{follow, screen};
use crate::name::ResultName;
use crate::server::Server;
use crate::{output, show};

/// Follows a run until it ends, then prints its outcome.
pub(super) async fn watch(client: &Client, id: i64) -> Result<(), Failure> {
    let run = follow(&client.server, id, screen(client.json).as_mut()).await?;
    if client.json {
        verdict(&run)
    } else {
        report(&client.server, &run).await
    }
}

/// Prints how a run ended and what it found.
pub(super) async fn report(server: &Server, run: &Run) -> Result<(), Failure> {
    let mut text = show::outcome(run);
    if run.result_id.is_some() {
        let result = server.result(ResultName::OfRun(run.run_id)).await?.value.data;
        text = format!("{text}\n{}", show::result(&result));
    }
    output::text(&(text + &show::warnings(&show::warnings_of(run))))?;
    verdict(run)
}

/// Success only for a run that completed.
pub(super) fn verdict(run: &Run) -> Result<(), Failure> {
    if run.status == RunState::Completed {
        Ok(())
    } else {
        Err(Failure::Ended)
    }
}
