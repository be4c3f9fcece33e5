-- What would have been earned: four paper portfolios per subreddit, their positions and exits, and the predictions
-- that score authors. Money and prices are integer micro-dollars (suffix _micros).

create table portfolios (
    id                      integer primary key autoincrement,
    subreddit               text        not null,
    name                    varchar(50) not null,
    instrument_type         text        not null
        constraint portfolios_instrument_known check (instrument_type in ('stock', 'option')),
    signal_type             text        not null
        constraint portfolios_signal_type_known check (signal_type in ('quality', 'consensus')),
    starting_capital_micros integer     not null,
    current_value_micros    integer     not null,
    cash_available_micros   integer     not null
        constraint portfolios_cash_not_negative check (cash_available_micros >= 0),
    created_at              text        not null,
    last_valued_at          text,
    unique (subreddit, name)
);

create table positions (
    id                               integer primary key autoincrement,
    portfolio_id                     integer     not null references portfolios (id),
    signal_id                        integer     not null references signals (id),
    run_id                           integer     not null references analysis_runs (id),
    ticker                           varchar(10) not null,
    instrument_type                  text        not null
        constraint positions_instrument_known check (instrument_type in ('stock', 'option')),
    signal_type                      text        not null
        constraint positions_signal_type_known check (signal_type in ('quality', 'consensus')),
    direction                        text        not null
        constraint positions_direction_known check (direction in ('long', 'short', 'call', 'put')), -- short: unused
    confidence                       real        not null,
    position_size_micros             integer     not null,    -- what it cost
    entry_date                       text        not null,    -- US/Eastern calendar day
    entry_price_micros               integer     not null,    -- per share, or premium per share of the contract
    opened_at                        text        not null,
    status                           text        not null
        constraint positions_status_known check (status in ('open', 'closed')),
    shares                           integer,
    shares_remaining                 integer     constraint positions_shares_range
        check (shares_remaining between 0 and shares),
    stop_loss_price_micros           integer,
    take_profit_price_micros         integer,
    peak_price_micros                integer,
    trailing_stop_active             boolean     not null default false,
    time_extension                   text        not null default 'base'
        constraint positions_extension_known check (time_extension in ('base', 'extended', 'trailing')),
    option_type                      text
        constraint positions_option_type_known check (option_type in ('call', 'put')),
    strike_price_micros              integer,
    expiration_date                  text,
    contract_symbol                  varchar(50),
    contracts                        integer,
    contracts_remaining              integer     constraint positions_contracts_range
        check (contracts_remaining between 0 and contracts),
    premium_paid_micros              integer,                 -- premium x contracts x 100
    peak_premium_micros              integer,
    underlying_price_at_entry_micros integer,
    last_price_micros                integer,                 -- for options the premium
    last_priced_at                   text,
    last_checked_at                  text,                    -- how far monitoring has looked
    last_checked_run_id              integer     references analysis_runs (id),
    exit_date                        text,
    exit_reason                      text
        constraint positions_exit_reason_known
        check (exit_reason in ('stop_loss', 'take_profit', 'trailing_stop', 'breakeven_stop', 'time_stop',
                               'expiration', 'manual', 'replaced')),
    hold_days                        integer,
    realized_return_pct              real,                    -- fraction of what it cost
    unique (signal_id, portfolio_id)
);
create index positions_portfolio on positions (portfolio_id, status);
create index positions_ticker on positions (ticker);
create index positions_run on positions (run_id);

create table position_exits (
    id                  integer primary key autoincrement,
    position_id         integer not null references positions (id) on delete cascade,
    run_id              integer references analysis_runs (id), -- null for a manual close
    exit_date           text    not null,
    exit_price_micros   integer not null,
    exit_reason         text    not null
        constraint position_exits_reason_known
        check (exit_reason in ('stop_loss', 'take_profit', 'trailing_stop', 'breakeven_stop', 'time_stop',
                               'expiration', 'manual', 'replaced')),
    quantity_pct        real    not null
        constraint position_exits_quantity_range check (quantity_pct > 0 and quantity_pct <= 1),
    shares_exited       integer,
    contracts_exited    integer,
    realized_pnl_micros integer not null,
    triggered_at        text    not null,                     -- time of the candle or the quote
    created_at          text    not null,
    notes               text
);
create index position_exits_position on position_exits (position_id);
create index position_exits_run on position_exits (run_id);

-- Underlyings only, never option premiums.
create table price_history (
    id           integer primary key autoincrement,
    ticker       varchar(10) not null,
    date         text        not null,
    open_micros  integer     not null,
    high_micros  integer     not null,
    low_micros   integer     not null,
    close_micros integer     not null,
    fetched_at   text        not null,
    unique (ticker, date)
);

create table predictions (
    id                     integer primary key autoincrement,
    comment_id             integer     not null references comments (id),
    analysis_run_id        integer     not null references analysis_runs (id),
    ticker                 varchar(10) not null,
    sentiment              text        not null
        constraint predictions_sentiment_known check (sentiment in ('bullish', 'bearish')),
    option_type            varchar(4)  not null
        constraint predictions_option_type_known check (option_type in ('call', 'put')),
    strike_price_micros    integer,
    expiration_date        text,
    contract_symbol        varchar(50),
    entry_premium_micros   integer,
    entry_date             text        not null,
    contracts              integer,
    contracts_remaining    integer     constraint predictions_contracts_range
        check (contracts_remaining between 0 and contracts),
    current_premium_micros integer,
    peak_premium_micros    integer,
    trailing_stop_active   boolean     not null default false,
    status                 text        not null default 'tracking'
        constraint predictions_status_known check (status in ('tracking', 'resolved', 'expired')),
    simulated_return_pct   real,                              -- fraction
    is_correct             boolean,
    resolved_at            text,
    hitl_override          text
        constraint predictions_override_known check (hitl_override in ('correct', 'incorrect', 'excluded')),
    hitl_override_at       text,
    accuracy_applied_at    text,                              -- consumed by the author's accuracy exactly once
    created_at             text        not null,
    unique (comment_id, ticker)
);
create index predictions_status on predictions (status);
create index predictions_run on predictions (analysis_run_id);
create index predictions_ticker on predictions (ticker);

create table prediction_outcomes (
    id                      integer primary key autoincrement,
    prediction_id           integer not null references predictions (id),
    day_offset              integer not null,
    premium_micros          integer not null,
    underlying_price_micros integer,
    recorded_at             text    not null,
    unique (prediction_id, day_offset)
);

create table prediction_exits (
    id                   integer primary key autoincrement,
    prediction_id        integer     not null references predictions (id),
    exit_date            text        not null,
    exit_premium_micros  integer     not null,
    exit_reason          varchar(30) not null
        constraint prediction_exits_reason_known
        check (exit_reason in ('stop_loss', 'take_profit', 'trailing_stop', 'time_stop', 'expiration')),
    quantity_pct         real        not null,
    contracts_exited     integer     not null,
    simulated_pnl_micros integer     not null,                -- (exit - entry) x contracts x 100
    created_at           text        not null
);
create index prediction_exits_prediction on prediction_exits (prediction_id);

create table evaluation_periods (
    id                          integer primary key autoincrement,
    portfolio_id                integer not null references portfolios (id),
    period_start                text    not null,
    period_end                  text    not null,
    instrument_type             text    not null
        constraint evaluation_periods_instrument_known check (instrument_type in ('stock', 'option')),
    signal_type                 text    not null
        constraint evaluation_periods_signal_type_known check (signal_type in ('quality', 'consensus')),
    status                      text    not null default 'active'
        constraint evaluation_periods_status_known check (status in ('active', 'completed')),
    portfolio_return_pct        real,                         -- percents
    sp500_return_pct            real,
    relative_performance        real,
    beat_benchmark              boolean,
    total_positions_closed      integer,
    winning_positions           integer,
    losing_positions            integer,
    avg_return_pct              real,
    signal_accuracy_pct         real,
    value_at_period_start_micros integer not null,
    created_at                  text    not null
);
create index evaluation_periods_portfolio on evaluation_periods (portfolio_id, status);

-- Equity after every run.
create table portfolio_values (
    run_id       integer not null references analysis_runs (id),
    portfolio_id integer not null references portfolios (id),
    value_micros integer not null,
    cash_micros  integer not null,
    primary key (run_id, portfolio_id)
) without rowid;
