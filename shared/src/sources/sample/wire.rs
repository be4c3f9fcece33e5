//! The lines of a day as an archive would have written them: Pushshift NDJSON, HTML entities and all.
//!
//! Ids are given here, posts and comments each in order of time over the whole day.

use serde::Serialize;

use super::conversation::Draft;
use super::ids::{Ids, base36};
use super::post::PostDraft;

/// The lines of one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Submission lines, oldest first.
    pub submissions: Vec<String>,
    /// Comment lines, oldest first.
    pub comments: Vec<String>,
}

#[derive(Serialize)]
struct SubmissionLine<'a> {
    author: &'a str,
    author_fullname: String,
    created_utc: i64,
    domain: String,
    id: &'a str,
    is_self: bool,
    link_flair_text: &'a str,
    num_comments: usize,
    permalink: String,
    score: i64,
    selftext: String,
    stickied: bool,
    subreddit: &'a str,
    subreddit_type: &'a str,
    title: String,
    url: String,
}

#[derive(Serialize)]
struct CommentLine<'a> {
    author: &'a str,
    author_fullname: Option<String>,
    body: String,
    created_utc: i64,
    id: &'a str,
    is_submitter: bool,
    link_id: String,
    locked: bool,
    parent_id: String,
    permalink: String,
    score: Option<i64>,
    stickied: bool,
    subreddit: &'a str,
}

/// A post with its ids, ready to be written.
struct Numbered<'a> {
    subreddit: &'a str,
    post: &'a PostDraft,
    id: String,
    comment_ids: Vec<String>,
}

/// The lines of the posts of a day, which are in order of time.
pub(super) fn lines(subreddit: &str, posts: &[PostDraft], ids: Ids) -> Batch {
    let mut order: Vec<(i64, usize, usize)> = posts
        .iter()
        .enumerate()
        .flat_map(|(post, draft)| {
            draft
                .comments
                .iter()
                .enumerate()
                .map(move |(at, one)| (one.created, post, at))
        })
        .collect();
    order.sort_unstable();
    let mut numbered: Vec<Numbered<'_>> = posts
        .iter()
        .enumerate()
        .map(|(place, post)| Numbered {
            subreddit,
            post,
            id: ids.post(place),
            comment_ids: Vec::new(),
        })
        .collect();
    // Within a post the order of time is the order of the drafts, so each id lands at its draft's index.
    for (place, (_, post, _)) in order.iter().enumerate() {
        numbered[*post].comment_ids.push(ids.comment(place));
    }
    Batch {
        submissions: numbered.iter().map(Numbered::submission).collect(),
        comments: order.iter().map(|(_, post, at)| numbered[*post].comment(*at)).collect(),
    }
}

impl Numbered<'_> {
    fn submission(&self) -> String {
        let post = self.post;
        let permalink = self.permalink();
        let url = if post.has_image {
            format!("https://i.redd.it/sample-{}.jpg", self.id)
        } else {
            format!("https://www.reddit.com{permalink}")
        };
        json(&SubmissionLine {
            author: &post.author,
            author_fullname: fullname(post.number),
            created_utc: post.created,
            domain: if post.has_image {
                "i.redd.it".to_owned()
            } else {
                format!("self.{}", self.subreddit)
            },
            id: &self.id,
            is_self: !post.has_image,
            link_flair_text: post.flair,
            num_comments: post.comments.len(),
            permalink,
            score: post.score,
            selftext: encoded(&post.selftext),
            stickied: false,
            subreddit: self.subreddit,
            subreddit_type: "public",
            title: encoded(&post.title),
            url,
        })
    }

    fn comment(&self, at: usize) -> String {
        let draft: &Draft = &self.post.comments[at];
        let id = &self.comment_ids[at];
        json(&CommentLine {
            author: &draft.author,
            author_fullname: draft.number.map(fullname),
            body: encoded(&draft.body),
            created_utc: draft.created,
            id,
            is_submitter: draft.number == Some(self.post.number),
            link_id: format!("t3_{}", self.id),
            locked: false,
            parent_id: match draft.parent {
                Some(parent) => format!("t1_{}", self.comment_ids[parent]),
                None => format!("t3_{}", self.id),
            },
            permalink: format!("{}{id}/", self.permalink()),
            score: draft.score,
            stickied: false,
            subreddit: self.subreddit,
        })
    }

    fn permalink(&self) -> String {
        format!("/r/{}/comments/{}/sample/", self.subreddit, self.id)
    }
}

fn fullname(author: u64) -> String {
    format!("t2_sample{}", base36(author))
}

/// The three entities that Reddit writes into texts.
fn encoded(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// One line; the structs above hold nothing that JSON cannot.
fn json(line: &impl Serialize) -> String {
    serde_json::to_string(line).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_carry_the_entities_of_dumps() {
        assert_eq!(encoded("R&D > 1 < 2 &amp;"), "R&amp;D &gt; 1 &lt; 2 &amp;amp;");
    }
}
