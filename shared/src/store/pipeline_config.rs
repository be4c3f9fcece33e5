//! `system_config`: the 34 settings of the pipeline that live with the data, and optional ones that override constants.
//!
//! Read once when a run starts. A missing, unreadable or impossible value ends the run and names the key. What the
//! values become is plain data of the market rules; nothing below [`load`] touches the database.

mod keys;
mod rules;
mod values;

use std::{collections::HashMap, hash::BuildHasher};

use chrono::{DateTime, NaiveDate, Utc};

pub use self::keys::{KEYS, OVERRIDES};
use self::{keys::START_DATE, values::Values};
use super::{
    StoreError,
    session::{Session, Tx},
};
use crate::{
    clock,
    market::{
        emergence::EmergenceRules, option_holding::OptionExitRules, priority::PriorityRules, signal::SignalRules,
        sizing::SizingRules, slots::SlotRules, stock_holding::StockExitRules, strike::StrikeRules, trust::TrustRules,
    },
};

/// What the phases need.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineConfig {
    /// First market day of the system.
    pub start_date: NaiveDate,
    /// `paper_trading`.
    pub phase: String,
    /// Weights of the priority of comments.
    pub priority: PriorityRules,
    /// Thresholds and weights of signals.
    pub signals: SignalRules,
    /// Thresholds of emergence.
    pub emergence: EmergenceRules,
    /// Confidence of a signal that is traded, at least.
    pub signal_min_confidence: f64,
    /// Which contract of a chain.
    pub strikes: StrikeRules,
    /// How much money.
    pub sizing: SizingRules,
    /// How many positions, and which gives way.
    pub slots: SlotRules,
    /// When stocks are sold.
    pub stock_exits: StockExitRules,
    /// When contracts are sold.
    pub option_exits: OptionExitRules,
    /// Trust of authors, and of those without a value.
    pub trust: TrustRules,
}

/// The part of it by which positions and signals are judged when they are shown.
#[derive(Debug, Clone, PartialEq)]
pub struct TradeRules {
    /// Confidence of a signal that is traded, at least.
    pub signal_min_confidence: f64,
    /// When stocks are sold.
    pub stock_exits: StockExitRules,
    /// When contracts are sold.
    pub option_exits: OptionExitRules,
}

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

/// What clients are shown depends on; it is there before the first run too.
pub async fn trade_rules(session: &mut impl Session) -> Result<TradeRules, StoreError> {
    let stored = all(session).await?;
    parse_trade_rules(&Values::of(&stored)).map_err(|bad| StoreError::Unreadable {
        what: "system_config",
        reason: bad.0,
    })
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
    let values = Values::of(stored);
    values.demand(&KEYS)?;
    let trades = parse_trade_rules(&values)?;
    Ok(PipelineConfig {
        start_date: values.read(START_DATE)?,
        phase: values.read("phase")?,
        priority: rules::priority(&values)?,
        signals: rules::signals(&values)?,
        emergence: rules::emergence(&values)?,
        signal_min_confidence: trades.signal_min_confidence,
        strikes: rules::strikes(&values)?,
        sizing: rules::sizing(&values)?,
        slots: rules::slots(&values)?,
        stock_exits: trades.stock_exits,
        option_exits: trades.option_exits,
        trust: rules::trust(&values)?,
    })
}

fn parse_trade_rules(values: &Values<'_>) -> Result<TradeRules, BadKey> {
    Ok(TradeRules {
        signal_min_confidence: values.within("signal_min_confidence", 0.0..=1.0)?,
        stock_exits: rules::stock_exits(values)?,
        option_exits: rules::option_exits(values)?,
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::money::{Micros, Rate};

    /// The seeded values, as the migration writes them.
    fn seeded() -> HashMap<String, String> {
        let values = [
            "2026-01-05",
            "paper_trading",
            "2",
            "0.6",
            "30",
            "8",
            "0.7",
            "0.25",
            "0.25",
            "0.30",
            "0.20",
            "0.40",
            "0.50",
            "0.10",
            "0.50",
            "30",
            "0.30",
            "-0.10",
            "0.15",
            "0.07",
            "0.05",
            "5",
            "5",
            "0.05",
            "7",
            "10",
            "0.50",
            "-0.50",
            "1.00",
            "0.30",
            "10",
            "2",
            "0.50",
            "0.50",
        ];
        KEYS.into_iter()
            .zip(values)
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    fn with(key: &str, value: &str) -> Result<PipelineConfig, BadKey> {
        let mut stored = seeded();
        stored.insert(key.to_owned(), value.to_owned());
        parse(&stored)
    }

    fn refusal(key: &str, value: &str) -> String {
        with(key, value).unwrap_err().to_string()
    }

    #[test]
    fn the_seeded_values_are_the_defaults_of_the_rules() {
        let config = parse(&seeded()).unwrap();
        assert_eq!(config.stock_exits, StockExitRules::default());
        assert_eq!(config.option_exits, OptionExitRules::default());
        assert_eq!(config.trust, TrustRules::default());
        assert_eq!(config.strikes, StrikeRules::default());
        assert_eq!(config.sizing, SizingRules::default());
        assert_eq!(config.slots, SlotRules::default());
        assert_eq!(config.emergence, EmergenceRules::default());
        assert_eq!(config.priority, PriorityRules::default());
        assert_eq!(
            config.option_exits.stop_loss,
            Rate(-500_000),
            "stored negative, kept negative"
        );
        assert_eq!(config.phase, "paper_trading");
    }

    #[test]
    fn every_required_key_is_missed_by_name() {
        for key in KEYS {
            let mut stored = seeded();
            stored.remove(key);
            let refusal = parse(&stored).unwrap_err().to_string();
            assert!(refusal.contains(&format!("the key `{key}` is missing")), "{refusal}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_by_name() {
        for key in KEYS.iter().chain(&OVERRIDES).filter(|key| **key != "phase") {
            let refusal = refusal(key, "soon");
            assert!(refusal.contains(&format!("`soon` of `{key}`")), "{refusal}");
        }
    }

    #[test]
    fn every_override_is_read_and_an_unknown_key_is_not() {
        let plain = parse(&seeded()).unwrap();
        for key in OVERRIDES {
            let changed = ["1", "0.01", "0.4", "0.7", "20"]
                .iter()
                .any(|value| with(key, value).is_ok_and(|config| config != plain));
            assert!(changed, "{key}");
        }
        assert_eq!(with("colour", "green").unwrap(), plain);
        let budget = with("prediction_budget", "500.50").unwrap().strikes.prediction_budget;
        assert_eq!(budget, Micros(500_500_000));
        assert_eq!(with("max_open_positions", " 3 ").unwrap().slots.max_open, 3);
    }

    #[test]
    fn what_no_rule_can_work_with_is_refused() {
        for (key, value) in [
            ("stock_stop_loss_pct", "0.10"),
            ("option_stop_loss_pct", "0.50"),
            ("option_take_profit_exit_pct", "1.5"),
            ("stock_trailing_stop_pct", "-0.07"),
            ("trust_weight_quality", "NaN"),
            ("accuracy_ema_weight", "2"),
            ("stock_time_stop_max_days", "-1"),
            ("max_open_positions", "0"),
            ("stock_take_profit_pct", "0.1234567"),
        ] {
            assert!(refusal(key, value).contains(&format!("`{value}` of `{key}`")), "{key}");
        }
        assert!(refusal("stock_stop_loss_pct", "0.10").ends_with("must lie in -1..=-0.000001"));
    }

    #[test]
    fn bounds_that_cross_are_refused_by_both_names() {
        for (key, value, other) in [
            ("strike_min_dte", "22", "strike_max_dte"),
            ("strike_max_delta", "0.10", "strike_min_delta"),
            ("stock_size_min_pct", "0.20", "stock_size_max_pct"),
            ("stock_size_mid_confidence", "0.80", "stock_size_high_confidence"),
        ] {
            let refusal = refusal(key, value);
            assert!(refusal.contains(key) && refusal.contains(other), "{refusal}");
        }
    }
}
