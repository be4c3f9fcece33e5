-- Runs and everything that describes one run. These tables are the truth; the queue only delivers.
--
-- Timestamps are RFC 3339 UTC text with the suffix +00:00, as the driver writes them, so that text order is time
-- order. Lifecycle times come from the real clock; market_now is the instant the run is frozen at.

create table analysis_runs (
    id                  integer primary key autoincrement,
    job_id              text    not null unique,              -- UUIDv7, the other public name of the same run
    scope               text    not null,                     -- single-flight key: `global`, or the subreddit
    subreddit           text    not null,
    request             text    not null,                     -- JSON as accepted, defaults filled in
    request_hash        text    not null,                     -- SHA-256 over what decides the outcome
    status              text    not null default 'queued'
        constraint analysis_runs_status_known
        check (status in ('queued', 'running', 'partial', 'completed', 'failed', 'canceled')),
    market_now          text,                                 -- what the domain calls now; null before the first claim
    current_phase       integer,                              -- number of the phase (3 stands twice), see phase_key
    phase_key           text,
    phase_label         text,
    progress_current    integer,
    progress_total      integer,
    progress_percent    integer not null default 0
        constraint analysis_runs_percent_range check (progress_percent between 0 and 100),
    queued_at           text    not null,
    started_at          text,                                 -- first claim
    completed_at        text,                                 -- set for every terminal state
    error_code          text,
    error_message       text,
    signals_created     integer,                              -- counters: null until their phase has ended
    positions_opened    integer,
    exits_triggered     integer,
    warnings            text,                                 -- JSON array, written once at the end; null when none
    result_id           text,                                 -- newest result
    partial_count       integer not null default 0,
    event_seq           integer not null default 0,           -- number of the newest event
    attempt             integer not null default 0,           -- claims so far; fences every write of an executor
    worker_id           text,                                 -- holder of the lease; null when it was given back
    lease_expires_at    text,
    active_ms           integer not null default 0,           -- execution time over all attempts, monotonic clock
    cancel_requested_at text,
    cancel_reason       text,
    canceled_by         text,
    traceparent         text,                                 -- W3C trace context of the request, if it carried one
    updated_at          text    not null,
    constraint analysis_runs_ended check (
        (status in ('completed', 'failed', 'canceled')) = (completed_at is not null)
    ),
    constraint analysis_runs_started check (status not in ('running', 'partial', 'completed', 'failed') or started_at is not null),
    constraint analysis_runs_full_only_when_completed check (progress_percent < 100 or status = 'completed')
);

-- Single flight: at most one active run per scope. An expression, so that SQLite names the index when it refuses.
create unique index analysis_runs_single_flight on analysis_runs ((scope || ''))
    where status in ('queued', 'running', 'partial');
-- What the doorbell looks for on every ring.
create index analysis_runs_active on analysis_runs (status, lease_expires_at)
    where status in ('queued', 'running', 'partial');
create index analysis_runs_queued_at on analysis_runs (queued_at);
create index analysis_runs_subreddit on analysis_runs (subreddit, market_now);

-- A run in a terminal state never changes again, whoever asks; only retention may touch satellites.
create trigger analysis_runs_terminal_is_final
before update on analysis_runs
when old.status in ('completed', 'failed', 'canceled')
begin
    select raise(abort, 'analysis_runs_terminal_is_final');
end;

-- The legal edges, repeated where nobody can go round them.
create trigger analysis_runs_legal_edges
before update of status on analysis_runs
when old.status <> new.status and not (
    (old.status = 'queued' and new.status in ('running', 'canceled'))
    or (old.status = 'running' and new.status in ('partial', 'completed', 'failed', 'canceled'))
    or (old.status = 'partial' and new.status in ('completed', 'failed', 'canceled'))
)
begin
    select raise(abort, 'analysis_runs_legal_edges');
end;

create table run_phases (
    run_id           integer not null references analysis_runs (id),
    key              text    not null,                        -- persisted for ever, never reused
    position         integer not null,                        -- 1..n in the registry's order
    number           integer not null,
    label            text    not null,
    status           text    not null default 'pending'
        constraint run_phases_status_known check (status in ('pending', 'running', 'completed')),
    progress_current integer not null default 0,
    progress_total   integer not null default 0,
    attempt          integer,                                 -- attempt of the run that last started it
    crashes          integer not null default 0,              -- leases lost while it was running
    started_at       text,
    completed_at     text,
    cursor           text,                                    -- JSON: which units are done
    warnings         text    not null default '[]',           -- JSON array, appended with each unit
    output           text,                                    -- JSON summary handed to later phases
    primary key (run_id, key)
) without rowid;

-- What a phase hands to later ones, in parts (one per unit), zstd-compressed JSON; dropped when the run ends.
create table run_checkpoints (
    run_id    integer not null references analysis_runs (id),
    phase_key text    not null,
    part      integer not null,
    payload   blob    not null,
    primary key (run_id, phase_key, part)
);

-- Append-only log of what happened to a run; event_seq is 1, 2, 3, ... without gaps.
create table run_events (
    id          integer primary key autoincrement,
    run_id      integer not null references analysis_runs (id),
    event_seq   integer not null,
    event_type  text    not null
        constraint run_events_type_known
        check (event_type in ('job.queued', 'job.running', 'job.phase_started', 'job.phase_completed', 'job.partial',
                              'job.cancel_requested', 'job.resumed', 'job.slow', 'job.completed', 'job.failed',
                              'job.canceled')),
    occurred_at text    not null,
    actor       text    not null constraint run_events_actor_known check (actor in ('api', 'worker', 'system')),
    payload     text    not null,
    unique (run_id, event_seq)
);

create table run_results (
    result_id      text    primary key,                       -- UUIDv7
    run_id         integer not null references analysis_runs (id),
    kind           text    not null constraint run_results_kind_known check (kind in ('partial', 'final')),
    result_seq     integer not null,                          -- rises over partials and the final
    schema_version integer not null,
    payload        text,                                      -- AnalysisResult as JSON; null once pruned
    created_at     text    not null,
    pruned_at      text,
    unique (run_id, result_seq)
);
create unique index run_results_one_final on run_results (run_id) where kind = 'final';

-- Worker processes. (The queue has a table called Workers of its own.)
create table worker_processes (
    id                 text    primary key,
    host               text    not null,
    pid                integer not null,
    process_started_at integer not null,                      -- clock ticks since boot: tells a reused pid apart
    started_at         text    not null,
    last_seen          text    not null,
    version            text    not null,
    sources            text    not null,                      -- JSON: which source each trait is bound to
    stopped_at         text                                   -- set by an orderly end
);

-- Idempotency keys of POST requests, kept 24 hours.
create table idempotency_keys (
    principal    text    not null,
    key          text    not null,
    request_hash text    not null,
    run_id       integer references analysis_runs (id),
    created_at   text    not null,
    primary key (principal, key)
);

-- Settings of the pipeline that live with the data: read once when a run starts.
create table system_config (
    key        varchar(50) primary key,
    value      text not null,
    updated_at text not null
);
