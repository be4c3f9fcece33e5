-- An event is known by its run and its number, so the table is kept in that order: one page to write for an event and
-- not two, in every request that starts a run and every unit that says something.

create table run_events_by_number (
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
    primary key (run_id, event_seq)
) without rowid;

insert into run_events_by_number
select run_id, event_seq, event_type, occurred_at, actor, payload from run_events order by run_id, event_seq;

drop table run_events;

alter table run_events_by_number rename to run_events;
