-- Runs are listed by filters that stand together in one narrow index, newest first; the wide rows are read for the page
-- alone. The figures of the system ask for the newest end of a state, for how many are in it, and for the newest clock.
create index analysis_runs_listed on analysis_runs (id, status, subreddit, queued_at);
create index analysis_runs_ended on analysis_runs (status, completed_at);
create index analysis_runs_market_now on analysis_runs (market_now);
