//! Lines of Pushshift and Arctic Shift dumps: one JSON object a line, a comment or a submission.
//!
//! [`parse`] tells which by the fields (`link_id` and `body`, or `title`), because folders mix both, and borrows what
//! it keeps from the line. Unknown fields are passed over, and what archives are known to vary is tolerated: times
//! and scores as numbers or texts, a null score, a missing author, a missing or numeric parent. A line without its
//! required fields (`id`, `created_utc`, `subreddit` and those above), of broken JSON or of invalid UTF-8 is no line.
//!
//! Callers: the dump, which looks at millions of lines and decodes a few hundred; the sample, which writes the same
//! format. Dumps carry HTML entities in texts; [`CommentLine::comment`] and [`SubmissionLine::post`] decode them.

mod fields;
mod text;

use chrono::{DateTime, Utc};

use super::comments::Post;
use super::thread::Comment;
use fields::Value;

/// A mark of removal with every character of it escaped.
const LONGEST_MARK: usize = 6 * "[removed]".len();

/// What stands for an author that is not known.
const UNKNOWN_AUTHOR: &str = "[deleted]";

/// The end of 30 December 9999: what comes a second or a day later can be written with a four-digit year, too.
const LAST_SECOND: i64 = 253_402_214_399;

/// No score is further from zero, whatever a line says: sums of them stay in their range.
const HIGHEST_SCORE: i64 = 1_000_000_000;

/// A line, by its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line<'a> {
    /// It has a `link_id` and a `body`.
    Comment(CommentLine<'a>),
    /// It has a `title`.
    Submission(SubmissionLine<'a>),
}

/// A comment, its texts still as the line has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommentLine<'a> {
    /// Id without the `t1_` prefix.
    pub id: &'a str,
    /// Id of its post without the `t3_` prefix.
    pub post: &'a str,
    /// Id of the parent comment without the `t1_` prefix; `None` when the parent is the post or not given.
    pub parent: Option<&'a str>,
    /// The subreddit in whatever case the line has it.
    pub subreddit: &'a str,
    /// Unix time.
    pub created: i64,
    /// Score, 0 when unknown.
    pub score: i64,
    /// Author as JSON text; `None` when missing or null.
    author: Option<&'a str>,
    /// Body as JSON text; `None` when null.
    body: Option<&'a str>,
}

/// A submission, its texts still as the line has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubmissionLine<'a> {
    /// Id without the `t3_` prefix.
    pub id: &'a str,
    /// The subreddit in whatever case the line has it.
    pub subreddit: &'a str,
    /// Unix time.
    pub created: i64,
    /// Score, 0 when unknown.
    pub score: i64,
    /// Comments that Reddit counted when the line was archived.
    pub num_comments: i64,
    title: &'a str,
    selftext: Option<&'a str>,
    author: Option<&'a str>,
    url: Option<&'a str>,
    permalink: Option<&'a str>,
}

/// Reads one line, with or without its line end; `None` when it is broken.
#[must_use]
pub fn parse(line: &[u8]) -> Option<Line<'_>> {
    let mut raw = Raw::default();
    fields::each(std::str::from_utf8(line).ok()?, |name, value| raw.set(name, value))?;
    raw.line()
}

/// The fields that matter, before it is known what the line is.
#[derive(Default)]
struct Raw<'a> {
    id: Value<'a>,
    author: Value<'a>,
    body: Value<'a>,
    score: Value<'a>,
    created_utc: Value<'a>,
    link_id: Value<'a>,
    parent_id: Value<'a>,
    subreddit: Value<'a>,
    title: Value<'a>,
    selftext: Value<'a>,
    num_comments: Value<'a>,
    url: Value<'a>,
    permalink: Value<'a>,
}

impl<'a> Raw<'a> {
    fn set(&mut self, name: &str, value: Value<'a>) {
        let field = match name {
            "id" => &mut self.id,
            "author" => &mut self.author,
            "body" => &mut self.body,
            "score" => &mut self.score,
            "created_utc" => &mut self.created_utc,
            "link_id" => &mut self.link_id,
            "parent_id" => &mut self.parent_id,
            "subreddit" => &mut self.subreddit,
            "title" => &mut self.title,
            "selftext" => &mut self.selftext,
            "num_comments" => &mut self.num_comments,
            "url" => &mut self.url,
            "permalink" => &mut self.permalink,
            _ => return,
        };
        *field = value;
    }

    fn line(&self) -> Option<Line<'a>> {
        if self.link_id == Value::Missing || self.body == Value::Missing {
            return self.submission().map(Line::Submission);
        }
        self.comment().map(Line::Comment)
    }

    fn comment(&self) -> Option<CommentLine<'a>> {
        Some(CommentLine {
            id: id(self.id.text()?, "t1_")?,
            post: id(self.link_id.text()?, "t3_")?,
            parent: self.parent_id.text().and_then(|parent| parent.strip_prefix("t1_")),
            subreddit: self.subreddit.text()?,
            created: self.created()?,
            score: count(self.score),
            author: self.author.text(),
            body: if self.body == Value::Null {
                None
            } else {
                Some(self.body.text()?)
            },
        })
    }

    fn submission(&self) -> Option<SubmissionLine<'a>> {
        Some(SubmissionLine {
            id: id(self.id.text()?, "t3_")?,
            subreddit: self.subreddit.text()?,
            created: self.created()?,
            score: count(self.score),
            num_comments: count(self.num_comments),
            title: self.title.text()?,
            selftext: self.selftext.text(),
            author: self.author.text(),
            url: self.url.text(),
            permalink: self.permalink.text(),
        })
    }

    fn created(&self) -> Option<i64> {
        self.created_utc
            .number()
            .filter(|seconds| (0..=LAST_SECOND).contains(seconds))
    }
}

/// A score or a number of comments; 0 when unknown.
fn count(value: Value<'_>) -> i64 {
    value.number().unwrap_or(0).clamp(-HIGHEST_SCORE, HIGHEST_SCORE)
}

/// An id without its prefix; ids need no escapes, so one that has them is broken.
fn id<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let id = text.strip_prefix(prefix).unwrap_or(text);
    (!id.is_empty() && !id.contains('\\')).then_some(id)
}

impl CommentLine<'_> {
    /// Whether the body was removed or deleted.
    #[must_use]
    pub fn removed(&self) -> bool {
        let is_mark = |body: &str| matches!(body, "[deleted]" | "[removed]");
        self.body.is_none_or(|body| {
            is_mark(body) || body.len() <= LONGEST_MARK && body.contains('\\') && is_mark(&text::decode(body))
        })
    }

    /// The comment with its texts decoded.
    #[must_use]
    pub fn comment(&self) -> Comment {
        Comment {
            reddit_id: self.id.to_owned(),
            parent: self.parent.map(str::to_owned),
            author: author(self.author),
            body: self.body.map(text::decode).unwrap_or_default(),
            created_utc: instant(self.created),
            score: self.score,
            removed: self.removed(),
        }
    }

    /// Appends a line that [`parse`] reads as this comment, without the fields that nobody asks for.
    pub fn write_lean(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"id\":\"");
        out.extend_from_slice(self.id.as_bytes());
        let optional = [("author", self.author), ("body", self.body)];
        let texts = [("link_id", self.post), ("subreddit", self.subreddit)];
        for (name, text) in texts
            .into_iter()
            .chain(optional.into_iter().filter_map(|(name, text)| Some((name, text?))))
        {
            for part in ["\",\"", name, "\":\"", text] {
                out.extend_from_slice(part.as_bytes());
            }
        }
        let parent = self
            .parent
            .map(|parent| format!(",\"parent_id\":\"t1_{parent}\""))
            .unwrap_or_default();
        let body = if self.body.is_none() { ",\"body\":null" } else { "" };
        let rest = format!(
            "\"{parent}{body},\"score\":{},\"created_utc\":{}}}\n",
            self.score, self.created
        );
        out.extend_from_slice(rest.as_bytes());
    }
}

impl SubmissionLine<'_> {
    /// The post with its texts decoded; the caller says how many comments it counts.
    #[must_use]
    pub fn post(&self, total_comments: i64) -> Post {
        Post {
            reddit_id: self.id.to_owned(),
            subreddit: self.subreddit.to_lowercase(),
            title: text::decode(self.title),
            selftext: self.selftext.map(text::decode).unwrap_or_default(),
            upvotes: self.score,
            total_comments,
            url: self.url.map(text::decode).filter(|url| !url.is_empty()),
        }
    }

    /// Name of the author; `[deleted]` when unknown.
    #[must_use]
    pub fn author(&self) -> String {
        author(self.author)
    }

    /// Path of the post on Reddit.
    #[must_use]
    pub fn permalink(&self) -> Option<String> {
        self.permalink.map(text::decode)
    }
}

fn author(text: Option<&str>) -> String {
    text.map(text::decode)
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| UNKNOWN_AUTHOR.to_owned())
}

/// The instant of a `created` that [`parse`] has let through, all of which exist.
fn instant(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests;
