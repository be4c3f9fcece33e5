//! `reddit_posts`.

use chrono::{DateTime, Utc};

use super::{StoreError, session::Tx};
use crate::sources::comments::Post;

/// A stored post.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PostRow {
    /// Key.
    pub id: i64,
    /// What its picture shows, if that is known.
    pub image_analysis: Option<String>,
}

/// Inserts the post, or refreshes what changes with time; a known description of its picture stays.
pub async fn upsert(
    tx: &mut Tx,
    post: &Post,
    image_url: Option<&str>,
    fetched_at: DateTime<Utc>,
) -> Result<PostRow, StoreError> {
    query!(
        tx,
        fetch_one,
        PostRow,
        "insert into reddit_posts (subreddit, reddit_id, title, selftext, upvotes, total_comments, image_url, fetched_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (reddit_id) do update
         set title = excluded.title, selftext = excluded.selftext, upvotes = excluded.upvotes,
             total_comments = excluded.total_comments, image_url = excluded.image_url, fetched_at = excluded.fetched_at
         returning id, image_analysis",
        &post.subreddit,
        &post.reddit_id,
        &post.title,
        &post.selftext,
        post.upvotes,
        post.total_comments,
        image_url,
        fetched_at
    )
}

/// Stores what the picture of a post shows.
pub async fn describe_image(tx: &mut Tx, id: i64, description: &str) -> Result<(), StoreError> {
    execute!(
        tx,
        "update reddit_posts set image_analysis = $2 where id = $1",
        id,
        description
    )?;
    Ok(())
}
