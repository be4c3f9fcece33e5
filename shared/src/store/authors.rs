//! `authors`.

use std::collections::HashMap;

use super::{Store, StoreError};

/// Trust of every known author, by name.
pub async fn trust_by_name(store: &Store) -> Result<HashMap<String, f64>, StoreError> {
    let rows = query!(
        &mut store.read().await?,
        fetch_all,
        (String, f64),
        "select username, trust_score from authors"
    )?;
    Ok(rows.into_iter().collect())
}
