-- Defaults of the pipeline's settings. system_start_date, the 34th key, is written by the first run from its market
-- day, so that a replay of the past has an age.

insert into system_config (key, value, updated_at)
select key, value, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')
from (
    select 'phase' as key, 'paper_trading' as value
    union all select 'quality_min_users', '2'
    union all select 'quality_min_confidence', '0.6'
    union all select 'consensus_min_comments', '30'
    union all select 'consensus_min_users', '8'
    union all select 'consensus_min_alignment', '0.7'
    union all select 'confidence_weight_volume', '0.25'
    union all select 'confidence_weight_alignment', '0.25'
    union all select 'confidence_weight_ai_confidence', '0.30'
    union all select 'confidence_weight_author_trust', '0.20'
    union all select 'trust_weight_quality', '0.40'
    union all select 'trust_weight_accuracy', '0.50'
    union all select 'trust_weight_tenure', '0.10'
    union all select 'trust_default_accuracy', '0.50'
    union all select 'trust_tenure_saturation_days', '30'
    union all select 'accuracy_ema_weight', '0.30'
    union all select 'stock_stop_loss_pct', '-0.10'
    union all select 'stock_take_profit_pct', '0.15'
    union all select 'stock_trailing_stop_pct', '0.07'
    union all select 'stock_breakeven_trigger_pct', '0.05'
    union all select 'stock_breakeven_min_days', '5'
    union all select 'stock_time_stop_base_days', '5'
    union all select 'stock_time_stop_base_min_gain', '0.05'
    union all select 'stock_time_stop_extended_days', '7'
    union all select 'stock_time_stop_max_days', '10'
    union all select 'stock_take_profit_exit_pct', '0.50'
    union all select 'option_stop_loss_pct', '-0.50'
    union all select 'option_take_profit_pct', '1.00'
    union all select 'option_trailing_stop_pct', '0.30'
    union all select 'option_time_stop_days', '10'
    union all select 'option_expiration_protection_dte', '2'
    union all select 'option_take_profit_exit_pct', '0.50'
    union all select 'signal_min_confidence', '0.50'
) as defaults
where true
on conflict (key) do nothing;

-- The four portfolios of the default subreddit; others get theirs on their first run.
insert into portfolios (id, subreddit, name, instrument_type, signal_type, starting_capital_micros,
                        current_value_micros, cash_available_micros, created_at)
select id, 'wallstreetbets', name, instrument_type, signal_type, 100000000000, 100000000000, 100000000000,
       strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')
from (
    select 1 as id, 'stocks_quality' as name, 'stock' as instrument_type, 'quality' as signal_type
    union all select 2, 'stocks_consensus', 'stock', 'consensus'
    union all select 3, 'options_quality', 'option', 'quality'
    union all select 4, 'options_consensus', 'option', 'consensus'
) as defaults
where true
on conflict (subreddit, name) do nothing;
