//! `system_config`: the 34 settings of the pipeline that live with the data.
//!
//! Read once when a run starts. A missing or unreadable key ends the run and names the key.

use std::{collections::HashMap, hash::BuildHasher, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    StoreError,
    session::{Session, Tx},
};
use crate::{clock, market::signal::SignalRules};

const START_DATE: &str = "system_start_date";

/// What the phases of the first half need.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineConfig {
    /// Thresholds and weights of signals.
    pub signals: SignalRules,
    /// Trust of an author without a value.
    pub default_accuracy: f64,
    /// First market day of the system.
    pub start_date: NaiveDate,
    /// `paper_trading`.
    pub phase: String,
}

/// Names of all keys; every one must be there.
pub const KEYS: [&str; 34] = [
    START_DATE,
    "phase",
    "quality_min_users",
    "quality_min_confidence",
    "consensus_min_comments",
    "consensus_min_users",
    "consensus_min_alignment",
    "confidence_weight_volume",
    "confidence_weight_alignment",
    "confidence_weight_ai_confidence",
    "confidence_weight_author_trust",
    "trust_weight_quality",
    "trust_weight_accuracy",
    "trust_weight_tenure",
    "trust_default_accuracy",
    "trust_tenure_saturation_days",
    "accuracy_ema_weight",
    "stock_stop_loss_pct",
    "stock_take_profit_pct",
    "stock_trailing_stop_pct",
    "stock_breakeven_trigger_pct",
    "stock_breakeven_min_days",
    "stock_time_stop_base_days",
    "stock_time_stop_base_min_gain",
    "stock_time_stop_extended_days",
    "stock_time_stop_max_days",
    "stock_take_profit_exit_pct",
    "option_stop_loss_pct",
    "option_take_profit_pct",
    "option_trailing_stop_pct",
    "option_time_stop_days",
    "option_expiration_protection_dte",
    "option_take_profit_exit_pct",
    "signal_min_confidence",
];

/// A key of `system_config` that is missing or does not parse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("system_config: {0}")]
pub struct BadKey(pub String);

/// Every key with its value, for a run at `market_now`; the first run gives the system its start date.
pub async fn load(tx: &mut Tx, market_now: DateTime<Utc>) -> Result<HashMap<String, String>, StoreError> {
    let mut stored = all(tx).await?;
    if !stored.contains_key(START_DATE) {
        start_system(tx, market_now.date_naive()).await?;
        stored = all(tx).await?;
    }
    Ok(stored)
}

async fn all(session: &mut impl Session) -> Result<HashMap<String, String>, StoreError> {
    let rows = query!(
        session,
        fetch_all,
        (String, String),
        "select key, value from system_config"
    )?;
    Ok(rows.into_iter().collect())
}

/// Reads what the phases need from the stored keys.
pub fn parse<S: BuildHasher>(stored: &HashMap<String, String, S>) -> Result<PipelineConfig, BadKey> {
    if let Some(missing) = KEYS.iter().find(|key| !stored.contains_key(**key)) {
        return Err(BadKey(format!(
            "the key `{missing}` is missing; insert it again with a value"
        )));
    }
    let rules = SignalRules {
        quality_min_users: number(stored, "quality_min_users")?,
        quality_min_confidence: number(stored, "quality_min_confidence")?,
        consensus_min_comments: number(stored, "consensus_min_comments")?,
        consensus_min_users: number(stored, "consensus_min_users")?,
        consensus_min_alignment: number(stored, "consensus_min_alignment")?,
        weight_volume: number(stored, "confidence_weight_volume")?,
        weight_alignment: number(stored, "confidence_weight_alignment")?,
        weight_ai_confidence: number(stored, "confidence_weight_ai_confidence")?,
        weight_author_trust: number(stored, "confidence_weight_author_trust")?,
    };
    Ok(PipelineConfig {
        signals: rules,
        default_accuracy: number(stored, "trust_default_accuracy")?,
        start_date: number(stored, START_DATE)?,
        phase: stored["phase"].clone(),
    })
}

fn number<T: FromStr, S: BuildHasher>(stored: &HashMap<String, String, S>, key: &str) -> Result<T, BadKey> {
    stored[key]
        .trim()
        .parse()
        .map_err(|_| BadKey(format!("the value `{}` of `{key}` cannot be read", stored[key])))
}

/// Writes the system's first market day unless it has one.
async fn start_system(tx: &mut Tx, day: NaiveDate) -> Result<(), StoreError> {
    execute!(
        tx,
        "insert into system_config (key, value, updated_at) values ($1, $2, $3) on conflict (key) do nothing",
        START_DATE,
        day.to_string(),
        clock::now()
    )?;
    Ok(())
}
