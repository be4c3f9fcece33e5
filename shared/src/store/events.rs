//! `run_events`: appending with a gap-free number, and reading pages.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    error::unreadable,
    session::{Session, Tx},
};
use crate::{
    clock,
    run::{
        event::{Actor, EventPayload, EventType},
        ids::RunId,
    },
};

/// An event, as stored.
#[derive(Debug, Clone, FromRow)]
pub struct Event {
    /// 1, 2, 3, ... within the run.
    pub event_seq: i64,
    /// [`EventType::name`].
    pub event_type: String,
    /// When it became true.
    pub occurred_at: DateTime<Utc>,
    /// [`Actor::as_str`].
    pub actor: String,
    /// [`EventPayload`] as JSON.
    pub payload: String,
}

impl Event {
    /// Its details.
    pub fn parsed_payload(&self) -> Result<EventPayload, StoreError> {
        serde_json::from_str(&self.payload).map_err(unreadable("run_events.payload"))
    }
}

/// Appends an event in the transaction that makes the fact true; yields its number.
///
/// The number is drawn from the run's row, which the update locks: two writers cannot draw the same one.
pub async fn append(
    tx: &mut Tx,
    run: RunId,
    kind: EventType,
    actor: Actor,
    payload: &EventPayload,
) -> Result<i64, StoreError> {
    let (seq,) = query!(
        tx,
        fetch_one,
        (i64,),
        "update analysis_runs set event_seq = event_seq + 1, updated_at = $2 where id = $1 returning event_seq",
        run,
        clock::now()
    )?;
    write(tx, run, seq, kind, actor, payload).await?;
    Ok(seq)
}

/// A payload as it is stored.
pub(super) fn text(payload: &EventPayload) -> Result<String, StoreError> {
    serde_json::to_string(payload).map_err(unreadable("event payload"))
}

/// Writes an event whose number an update of the run's row in the same transaction has drawn.
pub(crate) async fn write(
    tx: &mut Tx,
    run: RunId,
    seq: i64,
    kind: EventType,
    actor: Actor,
    payload: &EventPayload,
) -> Result<(), StoreError> {
    let payload = text(payload)?;
    execute!(
        tx,
        "insert into run_events (run_id, event_seq, event_type, occurred_at, actor, payload)
         values ($1, $2, $3, $4, $5, $6)",
        run,
        seq,
        kind.name(),
        clock::now(),
        actor.as_str(),
        payload
    )?;
    Ok(())
}

/// Events after `after`, oldest first.
pub async fn page(session: &mut impl Session, run: RunId, after: i64, limit: i64) -> Result<Vec<Event>, StoreError> {
    query!(
        session,
        fetch_all,
        Event,
        "select event_seq, event_type, occurred_at, actor, payload from run_events
         where run_id = $1 and event_seq > $2 order by event_seq limit $3",
        run,
        after,
        limit
    )
}

/// The newest events, oldest first.
pub async fn newest(session: &mut impl Session, run: RunId, limit: i64) -> Result<Vec<Event>, StoreError> {
    query!(
        session,
        fetch_all,
        Event,
        "select * from (
            select event_seq, event_type, occurred_at, actor, payload from run_events
            where run_id = $1 order by event_seq desc limit $2
         ) as newest order by event_seq",
        run,
        limit
    )
}

/// How many events are stored (pruned ones are not), and the number of the newest.
pub async fn totals(session: &mut impl Session, run: RunId) -> Result<(i64, i64), StoreError> {
    query!(
        session,
        fetch_one,
        (i64, i64),
        "select count(*), coalesce(max(event_seq), 0) from run_events where run_id = $1",
        run
    )
}

/// Whether an event of that type was recorded.
pub async fn has(session: &mut impl Session, run: RunId, kind: EventType) -> Result<bool, StoreError> {
    let row = query!(
        session,
        fetch_optional,
        (i64,),
        "select event_seq from run_events where run_id = $1 and event_type = $2 limit 1",
        run,
        kind.name()
    )?;
    Ok(row.is_some())
}
