mod dumps;
mod hot_posts;
mod threads;

use std::fs;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::DumpComments;
use crate::sources::comments::{CommentSource, Post};
use crate::sources::thread::Thread;

const DAY: i64 = 86_400;
/// Noon of some day.
const NOON: i64 = 1_606_824_000;

/// Comment `id` of post `post`, under comment `parent` or under the post, `age` seconds before noon.
fn comment(id: &str, post: &str, parent: Option<&str>, age: i64) -> Value {
    let parent = parent.map_or(format!("t3_{post}"), |parent| format!("t1_{parent}"));
    json!({"id": id, "author": "ann", "body": format!("body of {id}"), "score": 1, "created_utc": NOON - age,
        "link_id": format!("t3_{post}"), "parent_id": parent, "subreddit": "WallStreetBets", "gilded": {"a": [1]}})
}

fn submission(id: &str, score: i64, age: i64) -> Value {
    json!({"id": id, "title": format!("Title of {id}"), "selftext": "", "author": "bob", "score": score,
        "num_comments": 99, "created_utc": NOON - age, "subreddit": "wallstreetbets", "url": "https://a.b/c",
        "permalink": format!("/r/wallstreetbets/comments/{id}/")})
}

fn with(mut line: Value, field: &str, value: Value) -> Value {
    line[field] = value;
    line
}

fn text(lines: &[Value]) -> String {
    lines
        .iter()
        .flat_map(|line| [line.to_string(), "\n".to_owned()])
        .collect()
}

fn at(age: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(NOON - age, 0).unwrap()
}

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

struct Opened {
    dump: DumpComments,
    folder: tempfile::TempDir,
}

fn open(files: &[(&str, &[u8])]) -> Opened {
    let folder = folder(files);
    Opened {
        dump: DumpComments::open(folder.path(), 1).unwrap(),
        folder,
    }
}

fn dump(lines: &[Value]) -> Opened {
    open(&[("all.ndjson", text(lines).as_bytes())])
}

impl Opened {
    async fn hot(&self, now: DateTime<Utc>, limit: usize) -> Vec<Post> {
        self.dump.hot_posts("wallstreetbets", now, limit).await.unwrap()
    }

    async fn hot_ids(&self, limit: usize) -> Vec<String> {
        self.hot(at(0), limit)
            .await
            .into_iter()
            .map(|post| post.reddit_id)
            .collect()
    }

    async fn only_thread(&self, now: DateTime<Utc>) -> Thread {
        let posts = self.hot(now, 10).await;
        assert_eq!(posts.len(), 1);
        self.dump.thread(&posts[0], now, 1000).await.unwrap()
    }
}

fn ids(thread: &Thread) -> Vec<&str> {
    thread
        .comments
        .iter()
        .map(|comment| comment.reddit_id.as_str())
        .collect()
}
