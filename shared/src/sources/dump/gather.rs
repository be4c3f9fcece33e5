//! The pass that collects the wanted posts and all their comments before an instant.
//!
//! Of each comment only its [`Node`] stays in memory; its line, without the fields nobody asks for, goes to the
//! [`Spill`] until a thread shows it. Repeated lines: the first one wins, for comments and for submissions.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::ops::{ControlFlow, Range};

use super::scan::{Pass, Scan};
use super::spill::{Lines, Spill};
use crate::sources::comments::{Post, SourceError};
use crate::sources::ndjson::{self, CommentLine, Line};
use crate::sources::thread::{Id, Names, Node, Shape, Thread, narrow};

/// Posts with their threads as of an instant.
#[derive(Debug)]
pub(super) struct Gathered {
    /// Lower-case name of the subreddit.
    pub(super) subreddit: String,
    /// The instant, in Unix seconds.
    pub(super) now: i64,
    /// How many of the hottest posts are certainly among them.
    covers: usize,
    /// Hottest first; posts without a comment of the day come last.
    posts: Vec<GatheredPost>,
    names: Names,
    lines: Lines,
}

#[derive(Debug)]
struct GatheredPost {
    id: Id,
    /// Comments in the 24 hours before the instant.
    recent: u32,
    /// Score of the submission, 0 for a stub.
    score: i64,
    submission: Option<NonZeroU32>,
    shape: Shape,
}

/// What to gather.
pub(super) struct Wanted<'a> {
    /// Lower-case name of the subreddit.
    pub(super) subreddit: &'a str,
    /// The instant, in Unix seconds.
    pub(super) now: i64,
    /// The posts, with their comments in the 24 hours before the instant.
    pub(super) posts: Vec<(Id, u32)>,
    /// How many of the hottest posts are certainly among them.
    pub(super) covers: usize,
    /// The texts of their odd ids.
    pub(super) names: Names,
}

/// Passes over the dump and gathers.
pub(super) fn gather(scan: Scan<'_>, wanted: Wanted<'_>) -> Result<Gathered, SourceError> {
    let indices = (0..).zip(&wanted.posts).map(|(index, (id, _))| (*id, index)).collect();
    let pass = GatherPass {
        subreddit: wanted.subreddit,
        now: wanted.now,
        indices,
    };
    let mut heaps: Vec<Heap> = wanted.posts.iter().map(|_| Heap::default()).collect();
    let (mut spill, mut names) = (Spill::new()?, wanted.names);
    let scan = if wanted.posts.is_empty() {
        Scan { files: &[], ..scan }
    } else {
        scan
    };
    scan.run(&pass, |found| {
        for hit in &found.hits {
            heaps[hit.post].add(hit, &found.lines, &mut spill)?;
        }
        names.merge(found.names);
        Ok(ControlFlow::Continue(()))
    })?;
    let mut posts: Vec<_> = wanted
        .posts
        .iter()
        .zip(heaps)
        .map(|(&(id, recent), heap)| heap.finish(id, recent))
        .collect();
    posts.sort_by(|a, b| {
        b.recent
            .cmp(&a.recent)
            .then(b.score.cmp(&a.score))
            .then_with(|| names.compare(a.id, b.id))
    });
    let subreddit = wanted.subreddit.to_owned();
    Ok(Gathered {
        subreddit,
        now: wanted.now,
        covers: wanted.covers,
        posts,
        names,
        lines: spill.finish()?,
    })
}

impl Gathered {
    /// The hottest posts, hottest first; `None` when more may be hot than were gathered.
    pub(super) fn hot(&self, limit: usize) -> Result<Option<Vec<Post>>, SourceError> {
        if limit > self.covers {
            return Ok(None);
        }
        let hot = self.posts.iter().filter(|post| post.recent > 0).take(limit);
        hot.map(|post| self.post(post)).collect::<Result<_, _>>().map(Some)
    }

    /// The thread of a post; `None` when the post was not gathered.
    pub(super) fn thread(&self, post: Id, limit: usize) -> Result<Option<Thread>, SourceError> {
        let Some(post) = self.posts.iter().find(|gathered| gathered.id == post) else {
            return Ok(None);
        };
        let ranking = post.shape.rank(&self.names, limit);
        Thread::read(&ranking, |place| match ndjson::parse(&self.lines.read(place)?) {
            Some(Line::Comment(line)) => Ok(line.comment()),
            _ => Err(lost()),
        })
        .map(Some)
    }

    fn post(&self, post: &GatheredPost) -> Result<Post, SourceError> {
        let total = i64::try_from(post.shape.len()).unwrap_or(i64::MAX);
        let Some(place) = post.submission else {
            return Ok(self.stub(post.id, total));
        };
        match ndjson::parse(&self.lines.read(place)?) {
            Some(Line::Submission(line)) => Ok(line.post(total)),
            _ => Err(lost()),
        }
    }

    fn stub(&self, id: Id, total_comments: i64) -> Post {
        Post {
            reddit_id: self.names.text(id),
            subreddit: self.subreddit.clone(),
            title: String::new(),
            selftext: String::new(),
            upvotes: 0,
            total_comments,
            url: None,
        }
    }
}

/// A line of a wanted post.
struct Hit {
    post: usize,
    kind: Kind,
    /// Its line among those of the chunk; empty for a removed comment, of which no text is kept.
    line: Range<usize>,
}

enum Kind {
    Submission(i64),
    Comment {
        id: Id,
        parent: Option<Id>,
        score: i32,
        removed: bool,
    },
}

#[derive(Default)]
struct Found {
    hits: Vec<Hit>,
    lines: Vec<u8>,
    names: Names,
}

struct GatherPass<'a> {
    subreddit: &'a str,
    now: i64,
    indices: HashMap<Id, usize>,
}

impl GatherPass<'_> {
    fn wants(&self, post: &str, subreddit: &str, created: i64) -> Option<usize> {
        let seen = created < self.now && subreddit.eq_ignore_ascii_case(self.subreddit);
        if seen {
            self.indices.get(&Id::new(post)).copied()
        } else {
            None
        }
    }
}

impl Pass for GatherPass<'_> {
    type Found = Found;

    fn look(&self, line: &Line<'_>, raw: &[u8], found: &mut Found) {
        match line {
            Line::Comment(line) => {
                if let Some(post) = self.wants(line.post, line.subreddit, line.created) {
                    found.comment(post, line);
                }
            }
            Line::Submission(line) => {
                if let Some(post) = self.wants(line.id, line.subreddit, line.created) {
                    found.submission(post, line.score, raw);
                }
            }
        }
    }
}

impl Found {
    fn submission(&mut self, post: usize, score: i64, raw: &[u8]) {
        let start = self.lines.len();
        self.lines.extend_from_slice(raw);
        self.hits.push(Hit {
            post,
            kind: Kind::Submission(score),
            line: start..self.lines.len(),
        });
    }

    fn comment(&mut self, post: usize, line: &CommentLine<'_>) {
        let (start, removed) = (self.lines.len(), line.removed());
        if !removed {
            line.write_lean(&mut self.lines);
        }
        let (id, parent) = (self.names.note(line.id), line.parent.map(Id::new));
        let kind = Kind::Comment {
            id,
            parent,
            score: narrow(line.score),
            removed,
        };
        self.hits.push(Hit {
            post,
            kind,
            line: start..self.lines.len(),
        });
    }
}

/// A post while its lines come in.
#[derive(Default)]
struct Heap {
    submission: Option<(i64, NonZeroU32)>,
    nodes: Vec<Node>,
}

impl Heap {
    fn add(&mut self, hit: &Hit, lines: &[u8], spill: &mut Spill) -> Result<(), SourceError> {
        let line = &lines[hit.line.clone()];
        match hit.kind {
            Kind::Comment {
                id,
                parent,
                score,
                removed,
            } => {
                let text = if removed { None } else { Some(spill.write(line)?) };
                self.nodes.push(Node {
                    id,
                    parent,
                    score,
                    text,
                });
            }
            Kind::Submission(score) if self.submission.is_none() => {
                self.submission = Some((score, spill.write(line)?));
            }
            Kind::Submission(_) => {}
        }
        Ok(())
    }

    fn finish(self, id: Id, recent: u32) -> GatheredPost {
        let (score, submission) = self.submission.map_or((0, None), |(score, place)| (score, Some(place)));
        GatheredPost {
            id,
            recent,
            score,
            submission,
            shape: Shape::new(self.nodes),
        }
    }
}

fn lost() -> SourceError {
    let source = std::io::Error::from(std::io::ErrorKind::InvalidData).into();
    SourceError::Unavailable {
        what: "reading back comments from the temporary folder".to_owned(),
        source,
    }
}
