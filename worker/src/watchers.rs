//! Two tasks beside a run: one that hears a cancel, one that notes the soft limit.

use std::time::Duration;

use shared::{
    doorbell::Listener,
    run::event::{Actor, EventPayload, EventType},
    store::{
        Store, StoreError, events,
        fence::{Fence, Stop},
    },
};

use crate::{
    control::{Control, StopReason},
    stopwatch::Stopwatch,
};

/// From a ring to the look for a cancel: most rings are our own commits.
const CANCEL_PAUSE: Duration = Duration::from_millis(20);

/// Stops the run when somebody asks for its end, or when the claim turns out to be lost.
pub async fn watch_for_cancel(mut bell: Listener, store: Store, fence: Fence, control: Control, fallback: Duration) {
    loop {
        tokio::time::sleep(CANCEL_PAUSE).await;
        match fence.must_stop(&store).await {
            Ok(Stop::No) => {}
            Ok(Stop::Canceled) => return control.stop(StopReason::Canceled),
            Ok(Stop::Lost) => return control.stop(StopReason::Lost),
            Err(error) => tracing::debug!(%error, "cannot look for a cancel"),
        }
        bell.wait(fallback).await;
    }
}

/// One WARN line and one event when the soft limit passes; nothing stops.
pub async fn watch_soft_limit(limit: Option<Duration>, stopwatch: Stopwatch, store: Store, fence: Fence) {
    let Some(limit) = limit else { return };
    tokio::time::sleep(stopwatch.left_until(limit)).await;
    let noted = async {
        let mut unit = fence.begin(&store).await?;
        if events::has(unit.tx(), fence.run, EventType::Slow).await? {
            return Ok(());
        }
        let payload = EventPayload {
            attempt: Some(fence.attempt),
            ..EventPayload::default()
        };
        events::append(unit.tx(), fence.run, EventType::Slow, Actor::Worker, &payload).await?;
        unit.commit().await?;
        tracing::warn!(run.id = %fence.run, limit_s = limit.as_secs_f64(), "the run is slow: soft limit passed");
        Ok::<_, StoreError>(())
    };
    if let Err(error) = noted.await {
        tracing::debug!(%error, "the soft limit could not be noted");
    }
}
