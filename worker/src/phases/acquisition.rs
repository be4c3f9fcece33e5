//! Phase 1: the hot posts and their comments.
//!
//! Unit: a post. The list of posts is fixed by the first unit, so that a resume goes on with the same posts. Each
//! further unit stores one thread as a part of the checkpoint. A post whose comments cannot be had is skipped; only
//! when none can be had the run fails.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use shared::{
    market::priority::{EngagementRange, raw_engagement},
    run::{failure::ErrorCode, warning::WarningType},
    sources::{
        comments::{Post, SourceError},
        thread::Thread,
        vision::{Vision, VisionError, is_image_url},
    },
    store::{checkpoints, posts},
};

use crate::phase::{Phase, PhaseContext, PhaseError, PhaseReport, chain};

/// Key of this phase's checkpoint.
pub(super) const KEY: &str = "acquisition";
/// The part that holds the list of posts; threads follow from 1.
const LIST: i64 = 0;

/// See the module.
pub(super) struct Acquisition;

/// What is done, and what it amounts to.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(super) struct Cursor {
    /// Posts that were tried.
    tried: usize,
    /// Threads that were had.
    pub(super) threads: Vec<ThreadFacts>,
}

/// One thread of the checkpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ThreadFacts {
    /// Part of the checkpoint.
    pub(super) part: i64,
    /// Candidates in it.
    pub(super) comments: i64,
    /// Their engagement; `None` without candidates.
    pub(super) engagement: Option<EngagementRange>,
}

/// A post with its thread, as checkpointed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PostThread {
    /// Key of the post's row.
    pub(super) post_id: i64,
    /// The post.
    pub(super) post: Post,
    /// Its comments.
    pub(super) thread: Thread,
}

#[async_trait]
impl Phase for Acquisition {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        let posts = hot_posts(context).await?;
        let mut cursor: Cursor = context.cursor()?;
        let total = i64::try_from(posts.len()).unwrap_or(i64::MAX);
        let mut last_failure = None;
        for (index, post) in posts.iter().enumerate().skip(cursor.tried) {
            context.check()?;
            let part = i64::try_from(index + 1).unwrap_or(i64::MAX);
            cursor.tried = index + 1;
            context.advance(part, total);
            let (image, thread) = gather(context, post).await?;
            match thread {
                Ok(thread) => keep(context, part, post, image, thread, &mut cursor).await?,
                Err(error) => {
                    tracing::warn!(post = %post.reddit_id, error = %chain(&error), "comments not available; post skipped");
                    last_failure = Some(error);
                    skip(context, &cursor).await?;
                }
            }
        }
        if cursor.threads.is_empty() && cursor.tried > 0 {
            return Err(last_failure.map_or_else(nothing_available, PhaseError::from));
        }
        context.advance(total, total);
        Ok(report(&cursor))
    }
}

/// All posts were tried by attempts before this one.
fn nothing_available() -> PhaseError {
    PhaseError::failed(ErrorCode::RedditApiError, "the comments of no post were available")
}

fn report(cursor: &Cursor) -> PhaseReport {
    let comments: i64 = cursor.threads.iter().map(|thread| thread.comments).sum();
    let engagement = cursor
        .threads
        .iter()
        .filter_map(|thread| thread.engagement)
        .reduce(EngagementRange::union);
    let output = json!({
        "posts": cursor.threads.len(), "comments": comments, "engagement": engagement, "threads": cursor.threads
    });
    PhaseReport {
        output,
        ..PhaseReport::default()
    }
}

/// The list of posts: from the checkpoint, else from the source.
async fn hot_posts(context: &mut PhaseContext<'_>) -> Result<Vec<Post>, PhaseError> {
    if let Some(posts) = checkpoints::get(context.store(), context.run_id(), KEY, LIST).await? {
        return Ok(posts);
    }
    let limit = context.request().post_limit as usize;
    let call = context
        .sources()
        .comments
        .hot_posts(context.subreddit(), context.market().now(), limit);
    let posts = context.interruptible(call).await??;
    let total = i64::try_from(posts.len()).unwrap_or(i64::MAX);
    context.advance(0, total);
    let mut unit = context.unit().await?;
    checkpoints::put(&mut unit, KEY, LIST, &posts).await?;
    context.commit(unit, None).await?;
    tracing::info!(posts = total, "hot posts found");
    Ok(posts)
}

/// The description of the post's picture, then its thread. A thread that cannot be had is an inner error.
async fn gather(
    context: &mut PhaseContext<'_>,
    post: &Post,
) -> Result<(Option<String>, Result<Thread, SourceError>), PhaseError> {
    let image = describe_image(context, post).await?;
    let limit = context.request().comments_per_post as usize;
    let call = context.sources().comments.thread(post, context.market().now(), limit);
    match context.interruptible(call).await? {
        Err(SourceError::Config(message)) => Err(PhaseError::failed(ErrorCode::ConfigError, message)),
        thread => Ok((image, thread)),
    }
}

/// Stores the thread as a part of the checkpoint.
async fn keep(
    context: &mut PhaseContext<'_>,
    part: i64,
    post: &Post,
    image: Option<String>,
    thread: Thread,
    cursor: &mut Cursor,
) -> Result<(), PhaseError> {
    let candidates = &thread.comments[..thread.candidates.min(thread.comments.len())];
    let engagement = candidates
        .iter()
        .map(|comment| EngagementRange::of(raw_engagement(comment.score, comment.direct_replies)))
        .reduce(EngagementRange::union);
    let comments = i64::try_from(candidates.len()).unwrap_or(i64::MAX);
    let mut unit = context.unit().await?;
    let row = posts::upsert(unit.tx(), post, image_url(post), context.market().now()).await?;
    if let Some(description) = &image {
        posts::describe_image(unit.tx(), row.id, description).await?;
    }
    let entry = PostThread {
        post_id: row.id,
        post: post.clone(),
        thread,
    };
    checkpoints::put(&mut unit, KEY, part, &entry).await?;
    cursor.threads.push(ThreadFacts {
        part,
        comments,
        engagement,
    });
    context.commit(unit, Some(json!(cursor))).await
}

async fn skip(context: &mut PhaseContext<'_>, cursor: &Cursor) -> Result<(), PhaseError> {
    let unit = context.unit().await?;
    context.commit(unit, Some(json!(cursor))).await
}

fn image_url(post: &Post) -> Option<&str> {
    post.url.as_deref().filter(|url| is_image_url(url))
}

/// What the post's picture shows: asked for once per post, four attempts, then a warning and no description.
async fn describe_image(context: &mut PhaseContext<'_>, post: &Post) -> Result<Option<String>, PhaseError> {
    let Some(url) = image_url(post) else { return Ok(None) };
    let Some(vision) = context.sources().vision.clone() else {
        tracing::info!(post = %post.reddit_id, "no vision source; the picture is not looked at");
        return Ok(None);
    };
    let mut unit = context.unit().await?;
    let row = posts::upsert(unit.tx(), post, Some(url), context.market().now()).await?;
    context.commit(unit, None).await?;
    if row.image_analysis.is_some() {
        return Ok(None);
    }
    let described = context.interruptible(describe_patiently(vision.as_ref(), url)).await?;
    described.map_or_else(
        |error| {
            let facts = Map::from_iter([
                ("post_id".to_owned(), json!(row.id)),
                ("image_url".to_owned(), json!(url)),
            ]);
            let message = format!("The picture of post {} could not be described: {error}", post.reddit_id);
            context.warn(WarningType::ImageAnalysisFailed, message, None, facts);
            Ok(None)
        },
        |description| Ok(Some(description)),
    )
}

async fn describe_patiently(vision: &dyn Vision, url: &str) -> Result<String, VisionError> {
    let mut outcome = vision.describe(url).await;
    for wait in vision.waits() {
        if outcome.is_ok() {
            break;
        }
        tokio::time::sleep(wait).await;
        outcome = vision.describe(url).await;
    }
    outcome
}
