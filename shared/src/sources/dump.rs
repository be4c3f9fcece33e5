//! The comment source over Pushshift and Arctic Shift dumps: one file or a folder, plain or zstd, of any size.
//!
//! A dump is never loaded, it is passed over: once to find the newest comment (only without `as_of`), counting each
//! post's last 24 hours on the way; once to count them for a given instant (unless just done); once to gather the
//! hot posts. Then threads are read from what was gathered, for which memory holds 24 bytes a comment and a temporary
//! file the texts. A thread asked for after a restart is gathered again, together with the posts that are likely to
//! be asked for next.
//!
//! Invariants: nothing written at or after `now` is seen; the same dump and `now` give the same answers; the scanning
//! threads end soon after the call that started them is dropped. Files are listed when the dump is opened.

mod files;
mod gather;
mod hot;
mod reader;
mod scan;
mod spill;
mod survey;

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::comments::{CommentSource, Post, SourceError};
use super::ndjson::Line;
use super::thread::{Id, Thread};
use gather::{Gathered, Wanted, gather};
use hot::{HotCounts, count};
use scan::{Pass, Scan, Stop, Tally};
use survey::survey;

/// Posts gathered for a thread that is asked for after a restart: as many as a run can have.
const RESUMED_POSTS: usize = 100;

/// Posts and comments from a dump.
#[derive(Debug, Clone)]
pub struct DumpComments {
    dump: Arc<Dump>,
}

#[derive(Debug)]
struct Dump {
    path: PathBuf,
    files: Vec<PathBuf>,
    kept: Mutex<Kept>,
    /// Answers kept, one for each subreddit that takes its turn; of one subreddit only the latest.
    most_kept: usize,
}

/// What earlier passes have found.
#[derive(Debug, Default)]
struct Kept {
    counts: VecDeque<(String, Arc<HotCounts>)>,
    gathered: VecDeque<Arc<Gathered>>,
}

impl DumpComments {
    /// A dump at `path`: a file, or a folder whose `*.ndjson`, `*.jsonl`, `*.json`, `*.zst`, `RC_*` and `RS_*`
    /// files are read in the order of their names.
    ///
    /// What it finds is kept for `runs` side by side.
    ///
    /// # Errors
    /// [`SourceError::Config`] naming the path, when there is nothing that can be opened.
    pub fn open(path: impl AsRef<Path>, runs: usize) -> Result<Self, SourceError> {
        let path = path.as_ref().to_owned();
        let files = files::list(&path)?;
        Ok(Self {
            dump: Arc::new(Dump {
                path,
                files,
                kept: Mutex::default(),
                most_kept: runs + 1,
            }),
        })
    }

    /// Reads as far as the first comment, to tell a dump from something else at the start of the process.
    ///
    /// # Errors
    /// [`SourceError::Config`] when there is no comment in it, and those of reading.
    pub async fn check(&self) -> Result<(), SourceError> {
        self.blocking(Dump::check).await
    }

    /// Runs `work` on a thread of its own, and stops it when the caller stops waiting.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Dump, &Stop) -> Result<T, SourceError> + Send + 'static,
    ) -> Result<T, SourceError> {
        let (dump, stop) = (Arc::clone(&self.dump), Stop::default());
        let raised_on_drop = RaiseOnDrop(stop.clone());
        let result = tokio::task::spawn_blocking(move || work(&dump, &stop)).await;
        drop(raised_on_drop);
        result.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(SourceError::Interrupted),
        })
    }
}

#[async_trait]
impl CommentSource for DumpComments {
    /// One second after the newest comment of the subreddit; of the dump, if it has none of that subreddit.
    async fn market_now(
        &self,
        subreddit: &str,
        _previous: Option<DateTime<Utc>>,
    ) -> Result<Option<DateTime<Utc>>, SourceError> {
        let subreddit = subreddit.to_lowercase();
        let now = self
            .blocking(move |dump, stop| dump.market_now(&subreddit, stop))
            .await?;
        Ok(DateTime::from_timestamp(now, 0))
    }

    fn knows_now(&self) -> bool {
        false
    }

    async fn hot_posts(&self, subreddit: &str, now: DateTime<Utc>, limit: usize) -> Result<Vec<Post>, SourceError> {
        let (subreddit, now) = (subreddit.to_lowercase(), seconds(now));
        self.blocking(move |dump, stop| dump.hot_posts(&subreddit, now, limit, stop))
            .await
    }

    async fn thread(&self, post: &Post, now: DateTime<Utc>, limit: usize) -> Result<Thread, SourceError> {
        let (post, now) = (post.clone(), seconds(now));
        self.blocking(move |dump, stop| dump.thread(&post, now, limit, stop))
            .await
    }
}

/// The first whole second that is not before `now`: lines before it are the lines before `now`.
fn seconds(now: DateTime<Utc>) -> i64 {
    now.timestamp() + i64::from(now.timestamp_subsec_nanos() > 0)
}

struct RaiseOnDrop(Stop);

impl Drop for RaiseOnDrop {
    fn drop(&mut self) {
        self.0.raise();
    }
}

impl Dump {
    fn check(&self, stop: &Stop) -> Result<(), SourceError> {
        let tally = self.scan(stop, false).run(&AnyComment, |found| {
            Ok(if found {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        })?;
        self.expect_comments(tally)
    }

    fn market_now(&self, subreddit: &str, stop: &Stop) -> Result<i64, SourceError> {
        let survey = survey(self.scan(stop, true), subreddit)?;
        self.expect_comments(survey.tally)?;
        let mut kept = self.kept();
        if let Some(counts) = survey.counts {
            keep(
                &mut kept.counts,
                (subreddit.to_owned(), Arc::new(counts)),
                self.most_kept,
            );
        }
        // A tally with a comment comes with the time of the newest.
        Ok(survey.newest.unwrap_or_default() + 1)
    }

    fn hot_posts(&self, subreddit: &str, now: i64, limit: usize, stop: &Stop) -> Result<Vec<Post>, SourceError> {
        for gathered in self.gathered(subreddit, now) {
            if let Some(posts) = gathered.hot(limit)? {
                return Ok(posts);
            }
        }
        let counts = self.counts(subreddit, now, stop)?;
        let gathered = self.gather(subreddit, &counts, limit, None, stop)?;
        Ok(gathered.hot(limit)?.unwrap_or_default())
    }

    fn thread(&self, post: &Post, now: i64, limit: usize, stop: &Stop) -> Result<Thread, SourceError> {
        let id = Id::new(&post.reddit_id);
        let subreddit = post.subreddit.to_lowercase();
        for gathered in self.gathered(&subreddit, now) {
            if let Some(thread) = gathered.thread(id, limit)? {
                return Ok(thread);
            }
        }
        let counts = self.counts(&subreddit, now, stop)?;
        let gathered = self.gather(&subreddit, &counts, RESUMED_POSTS, Some(post), stop)?;
        Ok(gathered.thread(id, limit)?.unwrap_or_default())
    }

    fn counts(&self, subreddit: &str, now: i64, stop: &Stop) -> Result<Arc<HotCounts>, SourceError> {
        let known = |(name, counts): &&(String, Arc<HotCounts>)| name == subreddit && counts.now == now;
        if let Some((_, counts)) = self.kept().counts.iter().find(known) {
            return Ok(Arc::clone(counts));
        }
        let (counts, tally) = count(self.scan(stop, true), subreddit, now)?;
        self.expect_comments(tally)?;
        let counts = Arc::new(counts);
        keep(
            &mut self.kept().counts,
            (subreddit.to_owned(), Arc::clone(&counts)),
            self.most_kept,
        );
        Ok(counts)
    }

    fn gather(
        &self,
        subreddit: &str,
        counts: &HotCounts,
        covers: usize,
        also: Option<&Post>,
        stop: &Stop,
    ) -> Result<Arc<Gathered>, SourceError> {
        self.kept().gathered.retain(|gathered| gathered.subreddit != subreddit);
        let (mut posts, mut names) = (counts.contenders(covers), counts.names().clone());
        let covers = if posts.len() < covers { usize::MAX } else { covers };
        if let Some(id) = also
            .map(|post| names.note(&post.reddit_id))
            .filter(|id| posts.iter().all(|(p, _)| p != id))
        {
            posts.push((id, 0));
        }
        let wanted = Wanted {
            subreddit,
            now: counts.now,
            posts,
            covers,
            names,
        };
        let gathered = Arc::new(gather(self.scan(stop, false), wanted)?);
        keep(&mut self.kept().gathered, Arc::clone(&gathered), self.most_kept);
        Ok(gathered)
    }

    fn gathered(&self, subreddit: &str, now: i64) -> Vec<Arc<Gathered>> {
        let fits = |gathered: &&Arc<Gathered>| gathered.subreddit == subreddit && gathered.now == now;
        self.kept().gathered.iter().filter(fits).cloned().collect()
    }

    fn scan<'a>(&'a self, stop: &'a Stop, logs: bool) -> Scan<'a> {
        Scan {
            files: &self.files,
            stop,
            logs,
        }
    }

    /// Nothing is left half-changed under the lock, so a panic elsewhere does not spoil it.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expect_comments(&self, tally: Tally) -> Result<(), SourceError> {
        const EXPECTED: &str = "expected one JSON object a line as in Pushshift and Arctic Shift dumps, with id, \
                                author, body, score, created_utc, link_id, parent_id, subreddit";
        if let Some(path) = tally
            .foreign
            .and_then(|file| self.files.get(file))
            .filter(|_| self.files.len() > 1)
        {
            return Err(SourceError::Config(format!(
                "comment dump {}: no comment or submission in it; {EXPECTED}; mend the file or take it out of the folder",
                path.display()
            )));
        }
        if tally.comments > 0 {
            return Ok(());
        }
        Err(SourceError::Config(format!(
            "comment dump {}: no comment in it ({} lines could not be read); {EXPECTED}",
            self.path.display(),
            tally.broken
        )))
    }
}

fn keep<T>(kept: &mut VecDeque<T>, newest: T, most: usize) {
    kept.truncate(most - 1);
    kept.push_front(newest);
}

/// Looks for any comment at all.
struct AnyComment;

impl Pass for AnyComment {
    type Found = bool;

    fn look(&self, line: &Line<'_>, _: &[u8], found: &mut bool) {
        *found |= matches!(line, Line::Comment(_));
    }
}

#[cfg(test)]
mod tests;
