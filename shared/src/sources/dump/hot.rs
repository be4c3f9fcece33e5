//! How many comments each post got in the 24 hours before an instant.
//!
//! [`count`] is one pass for a known instant; [`survey`](super::survey()) feeds the same [`Counter`] when none is known yet.
//!
//! Invariants: removed comments count; an id counts once, until more than [`MOST_IDS`] ids were met, when the rest
//! is counted line by line and one log line says so.

use std::collections::{HashMap, HashSet};
use std::ops::{ControlFlow, Range};

use super::scan::{Pass, Scan, Tally};
use crate::sources::comments::SourceError;
use crate::sources::ndjson::Line;
use crate::sources::thread::{Id, Names};

/// Seconds in which a post gets hot.
pub(super) const WINDOW: i64 = 24 * 60 * 60;
/// Ids held to tell repeats: as many as the set takes before it doubles from 75 to 150 MB.
const MOST_IDS: usize = 7_300_000;

/// The comments per post in the 24 hours before `now`.
#[derive(Debug, Default)]
pub(super) struct HotCounts {
    /// The instant, in Unix seconds.
    pub(super) now: i64,
    counts: HashMap<Id, u32>,
    names: Names,
}

impl HotCounts {
    /// The posts with the most comments: `limit` of them and all that have as many as the last, in no order.
    pub(super) fn contenders(&self, limit: usize) -> Vec<(Id, u32)> {
        let mut order: Vec<u32> = self.counts.values().copied().collect();
        order.sort_unstable_by(|left, right| right.cmp(left));
        let Some(last) = limit.checked_sub(1) else {
            return Vec::new();
        };
        let bar = order.get(last).copied().unwrap_or(1);
        self.counts
            .iter()
            .filter(|(_, count)| **count >= bar)
            .map(|(id, count)| (*id, *count))
            .collect()
    }

    /// The texts of odd post ids.
    pub(super) fn names(&self) -> &Names {
        &self.names
    }
}

/// Counts the comments of `subreddit` in the 24 hours before `now`.
pub(super) fn count(scan: Scan<'_>, subreddit: &str, now: i64) -> Result<(HotCounts, Tally), SourceError> {
    let pass = CountPass {
        subreddit,
        window: now - WINDOW..now,
    };
    let mut counter = Counter::default();
    let tally = scan.run(&pass, |found| {
        found.rows.iter().for_each(|row| counter.count(row));
        counter.names.merge(found.names);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok((counter.counts(now), tally))
}

/// A comment of the day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Unix time.
    pub(super) created: i64,
    /// The comment.
    pub(super) id: Id,
    /// Its post.
    pub(super) post: Id,
}

#[derive(Default)]
struct Found {
    rows: Vec<Row>,
    names: Names,
}

struct CountPass<'a> {
    subreddit: &'a str,
    window: Range<i64>,
}

impl Pass for CountPass<'_> {
    type Found = Found;

    fn look(&self, line: &Line<'_>, _: &[u8], found: &mut Found) {
        let Line::Comment(line) = line else { return };
        if self.window.contains(&line.created) && line.subreddit.eq_ignore_ascii_case(self.subreddit) {
            let post = found.names.note(line.post);
            found.rows.push(Row {
                created: line.created,
                id: Id::new(line.id),
                post,
            });
        }
    }
}

/// Counts comments per post.
#[derive(Default)]
pub(super) struct Counter {
    /// The texts of odd post ids.
    pub(super) names: Names,
    seen: HashSet<Id>,
    counts: HashMap<Id, u32>,
    full: bool,
}

impl Counter {
    /// Counts a comment, unless it was counted before.
    pub(super) fn count(&mut self, row: &Row) {
        if self.is_new(row.id) {
            *self.counts.entry(row.post).or_default() += 1;
        }
    }

    fn is_new(&mut self, id: Id) -> bool {
        if self.seen.len() < MOST_IDS {
            return self.seen.insert(id);
        }
        if !self.full {
            self.full = true;
            tracing::warn!(
                ids = MOST_IDS,
                "too many comments in one day to tell all repeats; later ones count again"
            );
        }
        !self.seen.contains(&id)
    }

    /// What was counted, as of `now`.
    pub(super) fn counts(self, now: i64) -> HotCounts {
        HotCounts {
            now,
            counts: self.counts,
            names: self.names,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Counter, HotCounts, Id, Row};

    fn counts(posts: &[(&str, u32)]) -> HotCounts {
        HotCounts {
            counts: posts.iter().map(|(id, count)| (Id::new(id), *count)).collect(),
            ..HotCounts::default()
        }
    }

    fn contenders(counts: &HotCounts, limit: usize) -> Vec<String> {
        let mut ids: Vec<_> = counts
            .contenders(limit)
            .into_iter()
            .filter_map(|(id, _)| id.text())
            .collect();
        ids.sort();
        ids
    }

    #[test]
    fn contenders_are_the_most_commented_and_those_that_tie_with_the_last() {
        let counts = counts(&[("a", 5), ("b", 3), ("c", 3), ("d", 3), ("e", 1)]);
        assert_eq!(contenders(&counts, 0), [""; 0]);
        assert_eq!(contenders(&counts, 1), ["a"]);
        assert_eq!(contenders(&counts, 2), ["a", "b", "c", "d"]);
        assert_eq!(contenders(&counts, 4), ["a", "b", "c", "d"]);
        assert_eq!(contenders(&counts, 9), ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn a_repeated_comment_counts_once() {
        let mut counter = Counter::default();
        let row = |id| Row {
            created: 0,
            id: Id::new(id),
            post: Id::new("p"),
        };
        for id in ["a", "b", "a", "a"] {
            counter.count(&row(id));
        }
        assert_eq!(counter.counts(1).contenders(1), [(Id::new("p"), 2)]);
    }
}
