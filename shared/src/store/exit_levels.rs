//! The levels at which open positions are left, as far as clients are shown them: four keys of `system_config`.

use super::{StoreError, session::Conn};
use crate::market::money::{BadRate, Rate};

/// Where monitoring would act. Rates of the entry price, or of the peak for trailing ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExitLevels {
    /// Fall of a share below its peak, once its target was touched.
    pub stock_trailing_stop: Rate,
    /// Change of a premium, below zero.
    pub option_stop_loss: Rate,
    /// Change of a premium.
    pub option_take_profit: Rate,
    /// Fall of a premium below its peak, once its target was touched.
    pub option_trailing_stop: Rate,
}

/// The levels that are set now.
pub async fn load(conn: &mut Conn) -> Result<ExitLevels, StoreError> {
    Ok(ExitLevels {
        stock_trailing_stop: rate(conn, "stock_trailing_stop_pct").await?,
        option_stop_loss: rate(conn, "option_stop_loss_pct").await?,
        option_take_profit: rate(conn, "option_take_profit_pct").await?,
        option_trailing_stop: rate(conn, "option_trailing_stop_pct").await?,
    })
}

async fn rate(conn: &mut Conn, key: &str) -> Result<Rate, StoreError> {
    let row = query!(
        conn,
        fetch_optional,
        (String,),
        "select value from system_config where key = $1",
        key
    )?;
    let unreadable = |reason: String| StoreError::Unreadable {
        what: "system_config",
        reason,
    };
    let (text,) = row.ok_or_else(|| unreadable(format!("the key `{key}` is missing")))?;
    text.trim()
        .parse()
        .map_err(|error: BadRate| unreadable(format!("`{key}`: {error}")))
}
