//! The pass of a run that names no instant: when was the newest comment written?
//!
//! It counts the comments of the last 24 hours on the way, although it only knows at the end which these were: it
//! holds those of the last 24 hours so far. As long as a day's comments are few enough for that, the pass of
//! [`super::hot::count`] is saved.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI64, Ordering};

use super::hot::{Counter, HotCounts, Row, WINDOW};
use super::scan::{Pass, Scan, Tally};
use crate::sources::comments::SourceError;
use crate::sources::ndjson::Line;
use crate::sources::thread::{Id, Names};

/// Comments of one day that are held at most; twice as many for a moment.
const MOST_ROWS: usize = 1_500_000;

/// What the pass of a run without an instant has found.
pub(super) struct Survey {
    /// When the newest comment of the subreddit was written; of any subreddit if it has none.
    pub(super) newest: Option<i64>,
    /// The counts one second later, unless there was too much to hold.
    pub(super) counts: Option<HotCounts>,
    /// What was passed over.
    pub(super) tally: Tally,
}

/// Finds the newest comment of `subreddit` and counts the day before it.
pub(super) fn survey(scan: Scan<'_>, subreddit: &str) -> Result<Survey, SourceError> {
    let pass = SurveyPass {
        subreddit,
        newest: AtomicI64::new(i64::MIN),
    };
    let (mut recent, mut newest_of_all) = (
        Recent {
            rows: Some(Vec::new()),
            names: Names::default(),
        },
        None,
    );
    let tally = scan.run(&pass, |found| {
        newest_of_all = newest_of_all.max(found.newest_of_all);
        recent.add(found.rows, pass.newest.load(Ordering::Relaxed));
        recent.names.merge(found.names);
        Ok(ControlFlow::Continue(()))
    })?;
    let newest = Some(pass.newest.into_inner()).filter(|newest| *newest != i64::MIN);
    let counts = newest.and_then(|newest| recent.counts(newest + 1));
    Ok(Survey {
        newest: newest.or(newest_of_all),
        counts,
        tally,
    })
}

#[derive(Default)]
struct Found {
    rows: Vec<Row>,
    names: Names,
    newest_of_all: Option<i64>,
}

struct SurveyPass<'a> {
    subreddit: &'a str,
    newest: AtomicI64,
}

impl Pass for SurveyPass<'_> {
    type Found = Found;

    fn look(&self, line: &Line<'_>, _: &[u8], found: &mut Found) {
        let Line::Comment(line) = line else { return };
        found.newest_of_all = found.newest_of_all.max(Some(line.created));
        if !line.subreddit.eq_ignore_ascii_case(self.subreddit) {
            return;
        }
        let newest = self.newest.fetch_max(line.created, Ordering::Relaxed);
        // What is too old for the newest so far is too old for the newest of all.
        if line.created > newest.saturating_sub(WINDOW) {
            let post = found.names.note(line.post);
            found.rows.push(Row {
                created: line.created,
                id: Id::new(line.id),
                post,
            });
        }
    }
}

/// The comments of the last day so far; `None` once they were too many.
struct Recent {
    rows: Option<Vec<Row>>,
    names: Names,
}

impl Recent {
    fn add(&mut self, found: Vec<Row>, newest: i64) {
        let Some(rows) = &mut self.rows else { return };
        rows.extend(found);
        if rows.len() < 2 * MOST_ROWS {
            return;
        }
        rows.retain(|row| row.created > newest.saturating_sub(WINDOW));
        if rows.len() > MOST_ROWS {
            self.rows = None;
        }
    }

    fn counts(self, now: i64) -> Option<HotCounts> {
        let mut counter = Counter::default();
        counter.names = self.names;
        let rows = self.rows?;
        rows.iter()
            .filter(|row| row.created >= now - WINDOW)
            .for_each(|row| counter.count(row));
        Some(counter.counts(now))
    }
}

#[cfg(test)]
mod tests {
    use super::{Id, MOST_ROWS, Names, Recent, Row, WINDOW};

    #[test]
    fn a_survey_drops_what_is_a_day_old_and_gives_up_on_too_much() {
        let rows = |created| {
            vec![
                Row {
                    created,
                    id: Id::new("a"),
                    post: Id::new("p")
                };
                MOST_ROWS
            ]
        };
        let mut recent = Recent {
            rows: Some(Vec::new()),
            names: Names::default(),
        };
        recent.add(rows(10), 10);
        recent.add(rows(10 + WINDOW), 10 + WINDOW);
        assert_eq!(recent.rows.as_ref().map(Vec::len), Some(MOST_ROWS));
        recent.add(vec![recent.rows.as_ref().unwrap()[0]; 2 * MOST_ROWS], 10 + WINDOW);
        assert!(recent.counts(11 + WINDOW).is_none());
    }
}
