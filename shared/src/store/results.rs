//! `run_results`: partial and final results.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{
    StoreError,
    claim::RunningRun,
    error::unreadable,
    events,
    session::{Session, Tx},
};
use crate::{
    clock,
    run::{
        event::{Actor, EventPayload, EventType},
        ids::{ResultId, RunId},
        result::{AnalysisResult, SCHEMA_VERSION},
    },
};

/// Newest partial results of a run that keep their payload.
const KEPT_PARTIALS: i64 = 20;

/// A result, as stored.
#[derive(Debug, Clone, FromRow)]
pub struct ResultRow {
    /// Permalink.
    pub result_id: ResultId,
    /// Its run.
    pub run_id: RunId,
    /// `partial` or `final`.
    pub kind: String,
    /// Rises over the partials and the final of a run.
    pub result_seq: i64,
    /// Version of the payload.
    pub schema_version: i64,
    /// [`AnalysisResult`] as JSON; `None` once pruned.
    pub payload: Option<String>,
    /// When it became readable.
    pub created_at: DateTime<Utc>,
    /// When its payload went.
    pub pruned_at: Option<DateTime<Utc>>,
}

/// Inserts a result with the next number of its run.
pub(super) async fn insert(
    tx: &mut Tx,
    run: RunId,
    kind: &str,
    result: &AnalysisResult,
) -> Result<ResultId, StoreError> {
    let id = ResultId::generate();
    let payload = serde_json::to_string(result).map_err(unreadable("result"))?;
    execute!(
        tx,
        "insert into run_results (result_id, run_id, kind, result_seq, schema_version, payload, created_at)
         values ($1, $2, $3, (select coalesce(max(result_seq), 0) + 1 from run_results where run_id = $2), $4, $5, $6)",
        &id,
        run,
        kind,
        SCHEMA_VERSION,
        payload,
        clock::now()
    )?;
    Ok(id)
}

impl RunningRun {
    /// Makes a partial result readable: row, transition and event at once.
    pub async fn publish(&self, result: &AnalysisResult) -> Result<ResultId, StoreError> {
        let mut unit = self.begin().await?;
        let run = self.run().id;
        let id = insert(unit.tx(), run, "partial", result).await?;
        let (seq,) = query!(
            unit.tx(),
            fetch_one,
            (i64,),
            "update analysis_runs set status = 'partial', result_id = $2, partial_count = partial_count + 1
             where id = $1 and status in ('running', 'partial') returning partial_count",
            run,
            &id
        )?;
        forget_old_payloads(unit.tx(), run).await?;
        let payload = EventPayload {
            result_id: Some(id.clone()),
            result_seq: Some(seq),
            ..EventPayload::default()
        };
        events::append(unit.tx(), run, EventType::Partial, Actor::Worker, &payload).await?;
        unit.commit().await?;
        Ok(id)
    }
}

async fn forget_old_payloads(tx: &mut Tx, run: RunId) -> Result<(), StoreError> {
    execute!(
        tx,
        "update run_results set payload = null, pruned_at = $3
         where run_id = $1 and kind = 'partial' and payload is not null
           and result_seq <= (select max(result_seq) from run_results where run_id = $1) - $2",
        run,
        KEPT_PARTIALS,
        clock::now()
    )?;
    Ok(())
}

/// The result with that permalink.
pub async fn find(session: &mut impl Session, id: &ResultId) -> Result<Option<ResultRow>, StoreError> {
    query!(
        session,
        fetch_optional,
        ResultRow,
        "select * from run_results where result_id = $1",
        id
    )
}

/// The run's final result, else its newest partial.
pub async fn latest_of_run(session: &mut impl Session, run: RunId) -> Result<Option<ResultRow>, StoreError> {
    query!(
        session,
        fetch_optional,
        ResultRow,
        "select * from run_results where run_id = $1 order by case kind when 'final' then 0 else 1 end, result_seq desc limit 1",
        run
    )
}
