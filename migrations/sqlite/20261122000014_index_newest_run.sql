-- The newest run of a subreddit that has a market clock: what its lists and figures call today.
create index analysis_runs_newest on analysis_runs (subreddit, id) where market_now is not null;
