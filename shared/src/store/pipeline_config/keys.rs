//! The names of the settings: those that must be there, and those that may.
//!
//! The first are seeded by a migration, but for the start date, which the first run writes. The second override
//! constants of the rules and are absent by default; a key that is in neither list is ignored.

/// The key that the first run writes.
pub const START_DATE: &str = "system_start_date";

/// Names of all required keys; every one must be there.
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

/// Names of the optional keys, each with the constant that it overrides.
pub const OVERRIDES: [&str; 26] = [
    // Strikes: 14, 21 and 17 calendar days, deltas 0.15, 0.50 and 0.30, 2000 dollars.
    "strike_min_dte",
    "strike_max_dte",
    "strike_target_dte",
    "strike_min_delta",
    "strike_max_delta",
    "strike_target_delta",
    "prediction_budget",
    // Sizes: parts of the portfolio 0.05, 0.02, 0.15, 0.02; multipliers 0.50, 0.75, 1.00; tiers from 0.60 and 0.75.
    "stock_size_base_pct",
    "stock_size_min_pct",
    "stock_size_max_pct",
    "option_size_pct",
    "stock_size_low_multiplier",
    "stock_size_mid_multiplier",
    "stock_size_high_multiplier",
    "stock_size_mid_confidence",
    "stock_size_high_confidence",
    // Slots: 10 positions, confidence above by 0.1, gain up to 0.05.
    "max_open_positions",
    "replace_confidence_margin",
    "replace_max_gain_pct",
    // Emergence: 7 days, fewer than 3 mentions before, at least 13 now, by 8 authors.
    "emergence_warm_up_days",
    "emergence_max_prior_mentions",
    "emergence_min_mentions",
    "emergence_min_authors",
    // Priority: 0.4, 0.3, 0.3.
    "priority_weight_financial",
    "priority_weight_trust",
    "priority_weight_engagement",
];
