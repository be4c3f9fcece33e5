-- What was read: posts, comments, their annotations, and who wrote them.

create table authors (
    id                     integer primary key autoincrement,
    username               varchar(50) not null unique,
    first_seen             text    not null,
    total_comments         integer not null default 0,
    high_quality_comments  integer not null default 0,        -- comments that argue (has_reasoning)
    total_upvotes          integer not null default 0,
    avg_conviction_score   real,
    avg_sentiment_accuracy real,                              -- moving average over resolved predictions
    flagged_comments       integer not null default 0,        -- unused
    last_active            text    not null,
    trust_score            real    not null default 0.5
);

create table reddit_posts (
    id             integer primary key autoincrement,
    subreddit      text        not null,
    reddit_id      varchar(20) not null unique,
    title          text        not null,
    selftext       text        not null,
    upvotes        integer     not null,
    total_comments integer     not null,
    image_url      text,
    image_analysis text,
    fetched_at     text        not null
);

create table comments (
    id                   integer primary key autoincrement,
    analysis_run_id      integer not null references analysis_runs (id), -- the newest run that selected it
    post_id              integer not null references reddit_posts (id) on delete restrict,
    reddit_id            varchar(20) not null unique,
    author               varchar(50) not null,
    body                 text    not null,
    created_utc          text    not null,
    score                integer not null,
    parent_comment_id    integer references comments (id),
    depth                integer not null,
    prioritization_score real    not null,
    financial_score      real    not null,
    author_trust_score   real,                                -- snapshot, fixed once annotated
    parent_chain         text    not null,                    -- JSON [{id, body, depth, author}], parent first
    sentiment            text
        constraint comments_sentiment_known check (sentiment in ('bullish', 'bearish', 'neutral')),
    sarcasm_detected     boolean,
    has_reasoning        boolean,
    reasoning_summary    text,
    ai_confidence        real,
    analyzed_at          text,
    analyzed_run_id      integer references analysis_runs (id),
    constraint comments_annotated_whole check (
        (analyzed_at is null and sentiment is null and ai_confidence is null)
        or (analyzed_at is not null and sentiment is not null and ai_confidence is not null
            and sarcasm_detected is not null and has_reasoning is not null and analyzed_run_id is not null)
    )
);
create index comments_run on comments (analysis_run_id);
create index comments_author on comments (author);
create index comments_analyzed_run on comments (analyzed_run_id);

create table comment_tickers (
    id         integer primary key autoincrement,
    comment_id integer     not null references comments (id),
    ticker     varchar(10) not null,
    sentiment  text        not null
        constraint comment_tickers_sentiment_known check (sentiment in ('bullish', 'bearish', 'neutral')),
    created_at text        not null,                          -- market clock; counts prior mentions
    unique (comment_id, ticker)
);
create index comment_tickers_ticker on comment_tickers (ticker, created_at);

-- The selection of every run; comments.analysis_run_id only knows the newest.
create table run_comments (
    run_id     integer not null references analysis_runs (id),
    comment_id integer not null references comments (id),
    primary key (run_id, comment_id)
) without rowid;

create table model_usage (
    month             text    primary key,                    -- YYYY-MM
    calls             integer not null default 0,
    prompt_tokens     integer not null default 0,
    completion_tokens integer not null default 0,
    cost_micros       integer not null default 0
);
