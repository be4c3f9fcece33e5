//! From settings to the rules of the market, one function per set of rules.
//!
//! The bounds keep out what would make a rule meaningless: a stop above the entry price, a part above the whole, a
//! number of days below zero.

use std::ops::RangeInclusive;

use super::{
    BadKey,
    values::{Values, ordered},
};
use crate::market::{
    emergence::EmergenceRules,
    money::{Micros, Rate},
    option_holding::OptionExitRules,
    priority::PriorityRules,
    signal::SignalRules,
    sizing::{SizingRules, Tier},
    slots::SlotRules,
    stock_holding::StockExitRules,
    strike::StrikeRules,
    trust::TrustRules,
};

/// Scores and weights.
const UNIT: RangeInclusive<f64> = 0.0..=1.0;
/// Parts of a whole.
const PART: RangeInclusive<Rate> = Rate::ZERO..=Rate::ONE;
/// Changes that are losses.
const LOSS: RangeInclusive<Rate> = Rate(-1_000_000)..=Rate(-1);
/// Changes that are gains.
const GAIN: RangeInclusive<Rate> = Rate(1)..=Rate::percent(10_000);
/// Days and counts.
const COUNT: RangeInclusive<i64> = 0..=1_000_000;

pub(super) fn signals(values: &Values<'_>) -> Result<SignalRules, BadKey> {
    Ok(SignalRules {
        quality_min_users: values.read("quality_min_users")?,
        quality_min_confidence: values.within("quality_min_confidence", UNIT)?,
        consensus_min_comments: values.read("consensus_min_comments")?,
        consensus_min_users: values.read("consensus_min_users")?,
        consensus_min_alignment: values.within("consensus_min_alignment", UNIT)?,
        weight_volume: values.within("confidence_weight_volume", UNIT)?,
        weight_alignment: values.within("confidence_weight_alignment", UNIT)?,
        weight_ai_confidence: values.within("confidence_weight_ai_confidence", UNIT)?,
        weight_author_trust: values.within("confidence_weight_author_trust", UNIT)?,
    })
}

pub(super) fn priority(values: &Values<'_>) -> Result<PriorityRules, BadKey> {
    let base = PriorityRules::default();
    Ok(PriorityRules {
        weight_financial: values.or("priority_weight_financial", base.weight_financial, UNIT)?,
        weight_trust: values.or("priority_weight_trust", base.weight_trust, UNIT)?,
        weight_engagement: values.or("priority_weight_engagement", base.weight_engagement, UNIT)?,
    })
}

pub(super) fn emergence(values: &Values<'_>) -> Result<EmergenceRules, BadKey> {
    let base = EmergenceRules::default();
    Ok(EmergenceRules {
        warm_up_days: values.or("emergence_warm_up_days", base.warm_up_days, COUNT)?,
        max_prior_mentions: values.or("emergence_max_prior_mentions", base.max_prior_mentions, COUNT)?,
        min_mentions: values.or("emergence_min_mentions", base.min_mentions, COUNT)?,
        min_authors: values.or("emergence_min_authors", base.min_authors, COUNT)?,
    })
}

pub(super) fn strikes(values: &Values<'_>) -> Result<StrikeRules, BadKey> {
    let base = StrikeRules::default();
    let budget = Rate(1)..=Rate::percent(100 * 1_000_000);
    let rules = StrikeRules {
        min_dte: values.or("strike_min_dte", base.min_dte, COUNT)?,
        max_dte: values.or("strike_max_dte", base.max_dte, COUNT)?,
        target_dte: values.or("strike_target_dte", base.target_dte, COUNT)?,
        min_delta: values.or("strike_min_delta", base.min_delta, PART)?,
        max_delta: values.or("strike_max_delta", base.max_delta, PART)?,
        target_delta: values.or("strike_target_delta", base.target_delta, PART)?,
        prediction_budget: Micros(
            values
                .or("prediction_budget", Rate(base.prediction_budget.0), budget)?
                .0,
        ),
    };
    ordered(("strike_min_dte", rules.min_dte), ("strike_max_dte", rules.max_dte))?;
    ordered(
        ("strike_min_delta", rules.min_delta),
        ("strike_max_delta", rules.max_delta),
    )?;
    Ok(rules)
}

pub(super) fn sizing(values: &Values<'_>) -> Result<SizingRules, BadKey> {
    let base = SizingRules::default();
    let [low, mid, high] = base.tiers;
    let multiplier = |key: &str, tier: Tier| values.or(key, tier.multiplier, Rate::ZERO..=Rate::percent(10_000));
    let rules = SizingRules {
        stock_base: values.or("stock_size_base_pct", base.stock_base, PART)?,
        tiers: [
            Tier {
                from: low.from,
                multiplier: multiplier("stock_size_low_multiplier", low)?,
            },
            Tier {
                from: values.or("stock_size_mid_confidence", mid.from, UNIT)?,
                multiplier: multiplier("stock_size_mid_multiplier", mid)?,
            },
            Tier {
                from: values.or("stock_size_high_confidence", high.from, UNIT)?,
                multiplier: multiplier("stock_size_high_multiplier", high)?,
            },
        ],
        stock_min: values.or("stock_size_min_pct", base.stock_min, PART)?,
        stock_max: values.or("stock_size_max_pct", base.stock_max, PART)?,
        option: values.or("option_size_pct", base.option, PART)?,
    };
    ordered(
        ("stock_size_min_pct", rules.stock_min),
        ("stock_size_max_pct", rules.stock_max),
    )?;
    ordered(
        ("stock_size_mid_confidence", rules.tiers[1].from),
        ("stock_size_high_confidence", rules.tiers[2].from),
    )?;
    Ok(rules)
}

pub(super) fn slots(values: &Values<'_>) -> Result<SlotRules, BadKey> {
    let base = SlotRules::default();
    Ok(SlotRules {
        max_open: values.or("max_open_positions", base.max_open, 1..=1000)?,
        replace_margin: values.or("replace_confidence_margin", base.replace_margin, UNIT)?,
        replace_max_gain: values.or(
            "replace_max_gain_pct",
            base.replace_max_gain,
            *LOSS.start()..=*GAIN.end(),
        )?,
    })
}

pub(super) fn stock_exits(values: &Values<'_>) -> Result<StockExitRules, BadKey> {
    Ok(StockExitRules {
        stop_loss: values.within("stock_stop_loss_pct", LOSS)?,
        take_profit: values.within("stock_take_profit_pct", GAIN)?,
        trailing_stop: values.within("stock_trailing_stop_pct", PART)?,
        breakeven_trigger: values.within("stock_breakeven_trigger_pct", GAIN)?,
        breakeven_min_days: values.within("stock_breakeven_min_days", COUNT)?,
        time_stop_base_days: values.within("stock_time_stop_base_days", COUNT)?,
        time_stop_base_min_gain: values.within("stock_time_stop_base_min_gain", *LOSS.start()..=*GAIN.end())?,
        time_stop_extended_days: values.within("stock_time_stop_extended_days", COUNT)?,
        time_stop_max_days: values.within("stock_time_stop_max_days", COUNT)?,
        take_profit_exit: values.within("stock_take_profit_exit_pct", PART)?,
    })
}

pub(super) fn option_exits(values: &Values<'_>) -> Result<OptionExitRules, BadKey> {
    Ok(OptionExitRules {
        stop_loss: values.within("option_stop_loss_pct", LOSS)?,
        take_profit: values.within("option_take_profit_pct", GAIN)?,
        trailing_stop: values.within("option_trailing_stop_pct", PART)?,
        time_stop_days: values.within("option_time_stop_days", COUNT)?,
        expiration_protection_dte: values.within("option_expiration_protection_dte", COUNT)?,
        take_profit_exit: values.within("option_take_profit_exit_pct", PART)?,
    })
}

pub(super) fn trust(values: &Values<'_>) -> Result<TrustRules, BadKey> {
    Ok(TrustRules {
        weight_quality: values.within("trust_weight_quality", UNIT)?,
        weight_accuracy: values.within("trust_weight_accuracy", UNIT)?,
        weight_tenure: values.within("trust_weight_tenure", UNIT)?,
        default_accuracy: values.within("trust_default_accuracy", UNIT)?,
        tenure_saturation_days: values.within("trust_tenure_saturation_days", 1..=1_000_000)?,
        accuracy_ema_weight: values.within("accuracy_ema_weight", UNIT)?,
    })
}
