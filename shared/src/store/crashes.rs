//! Counting crashes: leases lost by a worker that had not given them back.
//!
//! A crash counts for the phase it happened in. One before the first phase is laid out, or after the last is
//! completed, belongs to none: those are counted by their events, so that such a run ends too.

use super::{StoreError, session::Tx};
use crate::run::{event::EventType, ids::RunId};

/// Reason of the `job.resumed` that follows a crash.
pub(super) const REASON: &str = "lease expired";

/// Counts a crash that was just recorded; the message of the crash loop when it was one too many.
pub(super) async fn count(tx: &mut Tx, id: RunId, max_crashes: u32) -> Result<Option<String>, StoreError> {
    let (crashes, place) = match count_in_phase(tx, id).await? {
        Some((crashes, label, number)) => (crashes, format!("phase {number} ({label})")),
        None => (
            count_outside_phases(tx, id).await?,
            "the run outside its phases".to_owned(),
        ),
    };
    Ok((crashes >= i64::from(max_crashes))
        .then(|| format!("Recovered from unexpected shutdown: {place} crashed {crashes} times")))
}

async fn count_in_phase(tx: &mut Tx, id: RunId) -> Result<Option<(i64, String, i64)>, StoreError> {
    query!(
        tx,
        fetch_optional,
        (i64, String, i64),
        "update run_phases set crashes = crashes + 1
         where run_id = $1 and position = (
             select min(position) from run_phases where run_id = $1 and status <> 'completed')
         returning crashes, label, number",
        id
    )
}

/// Resumes after a crash since the last phase was completed, the newest included.
async fn count_outside_phases(tx: &mut Tx, id: RunId) -> Result<i64, StoreError> {
    let (crashes,) = query!(
        tx,
        fetch_one,
        (i64,),
        "select count(*) from run_events
         where run_id = $1 and event_type = $2 and payload ->> 'reason' = $3 and event_seq > (
             select coalesce(max(event_seq), 0) from run_events where run_id = $1 and event_type = $4)",
        id,
        EventType::Resumed.name(),
        REASON,
        EventType::PhaseCompleted.name()
    )?;
    Ok(crashes)
}
