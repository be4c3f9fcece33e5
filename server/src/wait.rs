//! Waiting for a run: woken by the doorbell, by a slow tick, by the deadline, or by the server's end.

use std::sync::Arc;
use std::time::Duration;

use shared::run::ids::RunId;
use shared::store::overview::{self, RunView};
use tokio::time::Instant;

use crate::app::App;
use crate::http::error::ApiError;
use crate::runs::shown::Shown;

/// Longest pause between two looks, should a ring be lost.
const TICK: Duration = Duration::from_secs(1);

/// Reads a run, unless it was read since the last commit; an unknown one is a 404.
pub async fn look(app: &App, id: RunId) -> Result<Arc<Shown>, ApiError> {
    let stamp = app.views.stamp();
    if let Some(known) = app.views.known(stamp, id) {
        return Ok(known);
    }
    let view = overview::run_view(&mut app.store.read().await?, id).await?;
    let view = Arc::new(Shown::new(view.ok_or_else(|| ApiError::not_found("run"))?));
    app.views.remember(stamp, id, &view);
    Ok(view)
}

/// Looks at a run until `done` says so, at most for `longest`; yields what was seen last.
///
/// The listener is there before the first look, so that no commit between look and wait is missed.
pub async fn until(
    app: &App,
    id: RunId,
    longest: Duration,
    done: impl Fn(&RunView) -> bool + Send,
) -> Result<Arc<Shown>, ApiError> {
    let deadline = Instant::now() + longest;
    let mut listener = app.listen()?;
    loop {
        let view = look(app, id).await?;
        let left = deadline.saturating_duration_since(Instant::now());
        if done(&view) || left.is_zero() || app.closing.is_cancelled() {
            return Ok(view);
        }
        tokio::select! {
            _ = listener.wait(left.min(TICK)) => {}
            () = app.closing.cancelled() => {}
        }
    }
}
