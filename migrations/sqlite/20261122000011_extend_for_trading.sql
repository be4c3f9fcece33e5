-- The key of a manual close leads to its exit, as that of an analysis leads to its run.
alter table idempotency_keys add column exit_id integer references position_exits (id);

-- Lists come newest day first, and an evaluation period counts what was closed in it.
create index positions_entry on positions (entry_date, id);
create index positions_exit on positions (portfolio_id, exit_date);
