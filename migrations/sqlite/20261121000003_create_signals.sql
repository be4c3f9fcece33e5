-- What was concluded: one signal per subreddit, ticker, type and UTC day, with the comments behind it.

create table signals (
    id                 integer primary key autoincrement,
    subreddit          text        not null,
    signal_date        text        not null,                  -- YYYY-MM-DD, UTC day of market_now
    created_at         text        not null,
    updated_at         text        not null,
    ticker             varchar(10) not null,
    signal_type        text        not null
        constraint signals_type_known check (signal_type in ('quality', 'consensus')),
    sentiment_score    real        not null
        constraint signals_sentiment_range check (sentiment_score between -1 and 1),
    prediction         text        not null
        constraint signals_prediction_known check (prediction in ('bullish', 'bearish')),
    confidence         real        not null constraint signals_confidence_range check (confidence between 0 and 1),
    comment_count      integer     not null,
    has_reasoning      boolean     not null,
    is_emergence       boolean,                               -- null while the system is younger than 7 days
    prior_7d_mentions  integer     not null,
    distinct_users     integer     not null,
    position_opened    boolean     not null default false,
    run_id             integer     not null references analysis_runs (id), -- the newest run in which it fired
    unique (subreddit, ticker, signal_type, signal_date)
);
create index signals_date on signals (signal_date, confidence);
create index signals_position_opened on signals (position_opened, confidence);
create index signals_run on signals (run_id);

create table signal_comments (
    id         integer primary key autoincrement,
    signal_id  integer not null references signals (id),
    comment_id integer not null references comments (id),
    created_at text    not null,
    unique (signal_id, comment_id)
);
