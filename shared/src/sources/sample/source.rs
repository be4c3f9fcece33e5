//! The sample as a source of comments: what its world wrote before `now`.
//!
//! The source answers from the batches that can hold something of the 24 hours before `now`, and only with what was
//! written before `now`; hot are, as in a dump, the posts with the most comments in these hours.
//! Without an `as_of` each run is one trading day further than the one before, at 11:00 Eastern.
//!
//! Lines are read by the parser of dumps. The last few days are kept, since every post of a run asks for its own.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Days, Duration, NaiveDate, Utc};

use super::post::{WINDOW_HOURS, cutoff};
use super::wire::Batch;
use super::world::{FIRST_DAY, World};
use crate::market::calendar::{Calendar, eastern_day};
use crate::sources::comments::{CommentSource, Post, SourceError};
use crate::sources::ndjson::{self, Line};
use crate::sources::thread::{Comment, Thread};

/// Days that a run looks at, but for an hour a year.
const DAYS_PER_RUN: usize = 2;

/// The posts and comments of a day, by post.
#[derive(Debug, Default)]
struct Day {
    posts: Vec<Posted>,
    comments: HashMap<String, Vec<Comment>>,
}

#[derive(Debug)]
struct Posted {
    created: i64,
    post: Post,
}

/// The name of a subreddit, a day, and what was written there and then.
type Kept = (String, NaiveDate, Arc<Day>);

/// The sample world as a [`CommentSource`].
#[derive(Debug)]
pub struct SampleComments {
    seed: u64,
    latency: std::time::Duration,
    calendar: Calendar,
    days: Mutex<VecDeque<Kept>>,
    most_kept: usize,
}

impl SampleComments {
    /// The world of `seed`, answering each call after `latency`.
    #[must_use]
    pub fn new(seed: u64, latency: std::time::Duration) -> Self {
        Self {
            seed,
            latency,
            calendar: Calendar::default(),
            days: Mutex::default(),
            most_kept: DAYS_PER_RUN * 2,
        }
    }

    /// Keeps what that many runs side by side look at.
    #[must_use]
    pub const fn for_runs(mut self, runs: usize) -> Self {
        self.most_kept = DAYS_PER_RUN * (runs + 1);
        self
    }

    async fn pause(&self) {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
    }

    /// The days of which something can have been written in the 24 hours before `now`, the newest first: one at 11:00
    /// Eastern, else two, and three in an hour before the clocks are set forward.
    fn days_before(&self, subreddit: &str, now: DateTime<Utc>) -> Vec<Arc<Day>> {
        let (today, window) = (eastern_day(now), Duration::hours(WINDOW_HOURS));
        [today + Days::new(1), today, today - Days::new(1)]
            .into_iter()
            .filter(|day| (cutoff(*day) - now).abs() < window)
            .map(|day| self.day(subreddit, day))
            .collect()
    }

    fn day(&self, subreddit: &str, day: NaiveDate) -> Arc<Day> {
        let subreddit = subreddit.to_lowercase();
        // A panic cannot leave the queue half changed, so a poisoned lock is as good as any.
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((.., kept)) = days.iter().find(|(name, date, _)| *name == subreddit && *date == day) {
            return Arc::clone(kept);
        }
        let read = Arc::new(Day::read(&World::of_subreddit(self.seed, &subreddit).batch(day)));
        days.truncate(self.most_kept - 1);
        days.push_front((subreddit, day, Arc::clone(&read)));
        read
    }
}

impl Day {
    fn read(batch: &Batch) -> Self {
        let mut day = Self::default();
        for line in batch.submissions.iter().chain(&batch.comments) {
            match ndjson::parse(line.as_bytes()) {
                Some(Line::Submission(line)) => {
                    day.posts.push(Posted {
                        created: line.created,
                        post: line.post(line.num_comments),
                    });
                }
                Some(Line::Comment(line)) => {
                    day.comments
                        .entry(line.post.to_owned())
                        .or_default()
                        .push(line.comment());
                }
                None => {}
            }
        }
        day
    }

    /// Everything written under a post before `now`.
    fn written(&self, post: &str, now: DateTime<Utc>) -> impl Iterator<Item = &Comment> {
        self.comments
            .get(post)
            .into_iter()
            .flatten()
            .filter(move |comment| comment.created_utc < now)
    }

    /// The posts that somebody commented on in the 24 hours before `now`, with how often.
    fn warm(&self, now: DateTime<Utc>) -> impl Iterator<Item = (usize, Post)> {
        let since = now - Duration::hours(WINDOW_HOURS);
        self.posts
            .iter()
            .filter(move |posted| posted.created < now.timestamp())
            .filter_map(move |posted| {
                let id = &posted.post.reddit_id;
                let recent = self
                    .written(id, now)
                    .filter(|comment| comment.created_utc >= since)
                    .count();
                let total_comments = i64::try_from(self.written(id, now).count()).unwrap_or(i64::MAX);
                (recent > 0).then(|| {
                    (
                        recent,
                        Post {
                            total_comments,
                            ..posted.post.clone()
                        },
                    )
                })
            })
    }
}

#[async_trait]
impl CommentSource for SampleComments {
    async fn market_now(
        &self,
        _subreddit: &str,
        previous: Option<DateTime<Utc>>,
    ) -> Result<Option<DateTime<Utc>>, SourceError> {
        self.pause().await;
        let next = previous.map(|previous| self.calendar.next_trading_day(eastern_day(previous)));
        Ok(Some(cutoff(next.map_or(FIRST_DAY, |day| day.max(FIRST_DAY)))))
    }

    fn knows_now(&self) -> bool {
        self.latency.is_zero()
    }

    async fn hot_posts(&self, subreddit: &str, now: DateTime<Utc>, limit: usize) -> Result<Vec<Post>, SourceError> {
        self.pause().await;
        let days = self.days_before(subreddit, now);
        let mut warm: Vec<_> = days.iter().flat_map(|day| day.warm(now)).collect();
        warm.sort_by(|(some, one), (others, other)| {
            (others, other.upvotes, &one.reddit_id).cmp(&(some, one.upvotes, &other.reddit_id))
        });
        Ok(warm.into_iter().take(limit).map(|(_, post)| post).collect())
    }

    async fn thread(&self, post: &Post, now: DateTime<Utc>, limit: usize) -> Result<Thread, SourceError> {
        self.pause().await;
        let days = self.days_before(&post.subreddit, now);
        let written = days.iter().flat_map(|day| day.written(&post.reddit_id, now));
        let comments: Vec<Comment> = written.cloned().collect();
        Ok(Thread::assemble(&comments, limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPT: std::time::Duration = std::time::Duration::ZERO;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    async fn hot(now: &str, limit: usize) -> Vec<Post> {
        SampleComments::new(1, PROMPT)
            .hot_posts("wallstreetbets", instant(now), limit)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn every_run_is_one_trading_day_further() {
        let source = SampleComments::new(1, PROMPT);
        let mut now = None;
        let mut days = Vec::new();
        for _ in 0..11 {
            now = source.market_now("wallstreetbets", now).await.unwrap();
            days.push(now.unwrap().to_rfc3339());
        }
        assert_eq!(days[0], "2026-01-05T16:00:00+00:00");
        assert_eq!(days[9], "2026-01-16T16:00:00+00:00");
        assert_eq!(days[10], "2026-01-20T16:00:00+00:00");
        let spring = source
            .market_now("stocks", Some(instant("2026-03-06T16:00:00Z")))
            .await
            .unwrap();
        assert_eq!(spring, Some(instant("2026-03-09T15:00:00Z")));
    }

    #[tokio::test]
    async fn a_run_before_the_first_day_is_followed_by_it() {
        let source = SampleComments::new(1, PROMPT);
        let now = source
            .market_now("wallstreetbets", Some(instant("2020-12-01T00:00:00Z")))
            .await
            .unwrap();
        assert_eq!(now, Some(cutoff(FIRST_DAY)));
        assert!(hot("2025-12-01T16:00:00Z", 10).await.is_empty());
    }

    #[tokio::test]
    async fn hot_posts_are_the_most_discussed_ones() {
        let posts = hot("2026-01-06T16:00:00Z", 10).await;
        assert_eq!(posts.len(), 10);
        assert!(posts.is_sorted_by(|one, other| one.total_comments >= other.total_comments));
        assert!(
            posts[0]
                .title
                .starts_with("Daily Discussion Thread for January 06, 2026")
        );
    }

    #[tokio::test]
    async fn nothing_is_seen_that_was_written_later() {
        let now = instant("2026-01-07T03:00:00Z");
        let source = SampleComments::new(1, PROMPT);
        let posts = source.hot_posts("wallstreetbets", now, 100).await.unwrap();
        assert!(!posts.is_empty());
        for post in posts {
            let thread = source.thread(&post, now, 10_000).await.unwrap();
            assert!(thread.comments.iter().all(|comment| comment.created_utc < now));
            assert!(i64::try_from(thread.comments.len()).unwrap() <= post.total_comments);
        }
    }

    #[tokio::test]
    async fn people_write_on_weekends_and_holidays() {
        for now in ["2026-01-10T16:00:00Z", "2026-01-16T21:30:00Z", "2026-01-19T16:00:00Z"] {
            let posts = hot(now, 10).await;
            assert_eq!(posts.len(), 10, "{now}");
            assert!(posts.iter().all(|post| post.total_comments > 0), "{now}");
        }
    }

    #[tokio::test]
    async fn the_hour_in_which_three_days_overlap_hides_nothing() {
        let (before, after) = (instant("2026-03-07T16:00:00Z"), instant("2026-03-07T16:00:01Z"));
        let source = SampleComments::new(1, PROMPT);
        let mut seen = Vec::new();
        for now in [before, after] {
            let mut comments = Vec::new();
            for post in source.hot_posts("wallstreetbets", now, 100).await.unwrap() {
                comments.extend(source.thread(&post, now, 10_000).await.unwrap().comments);
            }
            comments.retain(|comment| comment.created_utc < before);
            seen.push(comments.len());
        }
        assert!(seen[0] > 2_000 && seen[0] == seen[1], "{seen:?}");
        assert_eq!(source.days_before("wallstreetbets", before).len(), 2);
        assert_eq!(
            source
                .days_before("wallstreetbets", instant("2026-03-06T16:00:00Z"))
                .len(),
            1
        );
    }

    #[tokio::test]
    async fn a_thread_has_its_tree() {
        let now = instant("2026-01-05T16:00:00Z");
        let source = SampleComments::new(1, PROMPT);
        let post = source.hot_posts("WallStreetBets", now, 1).await.unwrap().remove(0);
        let thread = source.thread(&post, now, 50).await.unwrap();
        assert_eq!(thread.candidates, 50);
        let whole = source.thread(&post, now, 1_000).await.unwrap();
        assert!(whole.comments.iter().any(|comment| comment.depth >= 5));
        assert!(whole.comments.iter().any(|comment| comment.direct_replies >= 4));
    }

    #[tokio::test]
    async fn latency_is_waited_for_at_every_call() {
        let latency = std::time::Duration::from_millis(20);
        let source = SampleComments::new(1, latency);
        let started = tokio::time::Instant::now();
        source.market_now("wallstreetbets", None).await.unwrap();
        source
            .hot_posts("wallstreetbets", instant("2026-01-05T16:00:00Z"), 1)
            .await
            .unwrap();
        assert!(started.elapsed() >= latency * 2);
    }
}
