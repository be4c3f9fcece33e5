//! `run_checkpoints`: what a phase hands to later ones, in parts, as zstd-compressed JSON; dropped when the run ends.

use serde::{Serialize, de::DeserializeOwned};

use super::{Store, StoreError, error::unreadable, unit::Unit};
use crate::run::ids::RunId;

const LEVEL: i32 = 1;

/// Stores one part; storing it again replaces it.
pub async fn put(unit: &mut Unit, phase: &str, part: i64, value: &impl Serialize) -> Result<(), StoreError> {
    let json = serde_json::to_vec(value).map_err(unreadable("checkpoint"))?;
    let payload = zstd::bulk::compress(&json, LEVEL).map_err(damaged)?;
    let run = unit.run();
    execute!(
        unit.tx(),
        "insert into run_checkpoints (run_id, phase_key, part, payload) values ($1, $2, $3, $4)
         on conflict (run_id, phase_key, part) do update set payload = excluded.payload",
        run,
        phase,
        part,
        payload
    )?;
    Ok(())
}

/// The numbers of the parts of a phase, ascending.
pub async fn parts(store: &Store, run: RunId, phase: &str) -> Result<Vec<i64>, StoreError> {
    let rows = query!(
        &mut store.read().await?,
        fetch_all,
        (i64,),
        "select part from run_checkpoints where run_id = $1 and phase_key = $2 order by part",
        run,
        phase
    )?;
    Ok(rows.into_iter().map(|(part,)| part).collect())
}

/// One part.
pub async fn get<T: DeserializeOwned + Send + 'static>(
    store: &Store,
    run: RunId,
    phase: &str,
    part: i64,
) -> Result<Option<T>, StoreError> {
    let row = query!(
        &mut store.read().await?,
        fetch_optional,
        (Vec<u8>,),
        "select payload from run_checkpoints where run_id = $1 and phase_key = $2 and part = $3",
        run,
        phase,
        part
    )?;
    let Some((payload,)) = row else { return Ok(None) };
    let json = zstd::stream::decode_all(payload.as_slice()).map_err(damaged)?;
    serde_json::from_slice(&json)
        .map(Some)
        .map_err(unreadable("run_checkpoints.payload"))
}

#[expect(clippy::needless_pass_by_value, reason = "shape of map_err")]
fn damaged(error: std::io::Error) -> StoreError {
    StoreError::Unreadable {
        what: "run_checkpoints.payload",
        reason: error.to_string(),
    }
}
