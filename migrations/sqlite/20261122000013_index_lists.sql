-- Runs are listed by filters that stand together in one narrow index, newest first; the wide rows are read for the page
-- alone. The figures of the system ask for the newest run that was completed and for the newest clock: what a run that is
-- just queued does not have yet costs its submission no page.
create index analysis_runs_listed on analysis_runs (id, status, subreddit, queued_at);
create index analysis_runs_completed on analysis_runs (completed_at) where status = 'completed';
create index analysis_runs_market_now on analysis_runs (market_now) where market_now is not null;
drop index analysis_runs_subreddit;
create index analysis_runs_subreddit on analysis_runs (subreddit, market_now) where market_now is not null;
drop index analysis_runs_queued_at;
