//! Phase 2: the comments worth annotating, the best of each post.
//!
//! Unit: a post. One thread is held at a time; what is not selected is dropped.

use std::collections::HashMap;

use async_trait::async_trait;
use serde_json::json;
use shared::{
    market::{
        priority::{EngagementRange, PriorityRules, financial_score, raw_engagement},
        signal::UNKNOWN_AUTHOR,
    },
    sources::thread::{Thread, ThreadComment},
    store::{StoreError, authors, checkpoints, comments, comments::Selected, phases, posts},
};

use super::acquisition::{self, PostThread, ThreadFacts};
use crate::phase::{Phase, PhaseContext, PhaseError, PhaseReport, chain};

/// See the module.
pub(super) struct Prioritization;

#[async_trait]
impl Phase for Prioritization {
    async fn run(&self, context: &mut PhaseContext<'_>) -> Result<PhaseReport, PhaseError> {
        let threads = threads(context).await?;
        let Some(range) = threads
            .iter()
            .filter_map(|thread| thread.engagement)
            .reduce(EngagementRange::union)
        else {
            return Ok(PhaseReport {
                output: json!({ "selected": 0 }),
                ..PhaseReport::default()
            });
        };
        let scale = Scale {
            range,
            weights: context.config().priority,
        };
        let trust = Trust {
            known: authors::trust_by_name(context.store()).await?,
            default: context.config().trust.default_accuracy,
        };
        let total: i64 = threads.iter().map(|thread| thread.comments).sum();
        let mut done: Vec<i64> = context.cursor()?;
        let mut scored: i64 = threads
            .iter()
            .filter(|t| done.contains(&t.part))
            .map(|t| t.comments)
            .sum();
        for facts in threads.iter().filter(|facts| facts.comments > 0) {
            if done.contains(&facts.part) {
                continue;
            }
            done.push(facts.part);
            scored += facts.comments;
            context.advance(scored, total);
            let Some(entry) = load(context, facts.part).await? else {
                continue;
            };
            match select_and_store(context, &entry, scale, &trust, json!(done)).await {
                Err(PhaseError::Failed {
                    source: Some(error), ..
                }) if is_passing(error.as_ref()) => {
                    tracing::warn!(post = %entry.post.reddit_id, error = %chain(error.as_ref()), "selection not stored; post skipped");
                }
                other => other?,
            }
        }
        Ok(PhaseReport {
            output: json!({ "scored": scored }),
            ..PhaseReport::default()
        })
    }
}

/// The threads of the checkpoint, as acquisition left them.
async fn threads(context: &PhaseContext<'_>) -> Result<Vec<ThreadFacts>, PhaseError> {
    let rows = phases::list(&mut context.store().read().await?, context.run_id()).await?;
    let output = rows
        .into_iter()
        .find(|row| row.key == acquisition::KEY)
        .and_then(|row| row.output);
    let output: serde_json::Value = serde_json::from_str(output.as_deref().unwrap_or("{}"))
        .map_err(|error| PhaseError::caused(shared::run::failure::ErrorCode::Internal, error))?;
    serde_json::from_value(output.get("threads").cloned().unwrap_or_else(|| json!([])))
        .map_err(|error| PhaseError::caused(shared::run::failure::ErrorCode::Internal, error))
}

async fn load(context: &PhaseContext<'_>, part: i64) -> Result<Option<PostThread>, PhaseError> {
    Ok(checkpoints::get(context.store(), context.run_id(), acquisition::KEY, part).await?)
}

/// A refusal that concerns this post only: not a full disk, not a broken file, not a lost claim.
fn is_passing(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error
        .downcast_ref::<StoreError>()
        .is_some_and(|error| !error.is_fatal())
}

/// Decides and commits one post.
async fn select_and_store(
    context: &mut PhaseContext<'_>,
    entry: &PostThread,
    scale: Scale,
    trust: &Trust,
    cursor: serde_json::Value,
) -> Result<(), PhaseError> {
    let limit = context.request().top_comments as usize;
    let selection = tokio::task::block_in_place(|| select(&entry.thread, scale, trust, limit));
    let image_url = entry
        .post
        .url
        .as_deref()
        .filter(|url| shared::sources::vision::is_image_url(url));
    let run = context.run_id();
    let mut unit = context.unit().await?;
    let row = posts::upsert(unit.tx(), &entry.post, image_url, context.market().now()).await?;
    comments::store_selection(unit.tx(), run, row.id, &selection).await?;
    context.commit(unit, Some(cursor)).await
}

/// What the parts of a score are measured with.
#[derive(Clone, Copy)]
struct Scale {
    range: EngagementRange,
    weights: PriorityRules,
}

/// Trust of authors by name; an unknown one gets the default.
struct Trust {
    known: HashMap<String, f64>,
    default: f64,
}

impl Trust {
    fn of(&self, author: &str) -> f64 {
        if author == UNKNOWN_AUTHOR {
            self.default
        } else {
            self.known.get(author).copied().unwrap_or(self.default)
        }
    }
}

struct Scored<'a> {
    index: usize,
    comment: &'a ThreadComment,
    financial: f64,
    trust: f64,
    priority: f64,
}

/// The best candidates of a thread: by priority, then score, descending, then id ascending.
fn select<'a>(thread: &'a Thread, scale: Scale, trust: &Trust, limit: usize) -> Vec<Selected<'a>> {
    let candidates = &thread.comments[..thread.candidates.min(thread.comments.len())];
    let mut scored: Vec<_> = candidates
        .iter()
        .enumerate()
        .map(|(index, comment)| score(index, comment, scale, trust))
        .collect();
    scored.sort_by(|a, b| {
        b.priority
            .total_cmp(&a.priority)
            .then_with(|| b.comment.score.cmp(&a.comment.score))
            .then_with(|| a.comment.reddit_id.cmp(&b.comment.reddit_id))
    });
    scored.truncate(limit);
    scored.into_iter().map(|scored| selected(thread, &scored)).collect()
}

fn score<'a>(index: usize, comment: &'a ThreadComment, scale: Scale, trust: &Trust) -> Scored<'a> {
    let financial = financial_score(&comment.body);
    let trust = trust.of(&comment.author);
    let engagement = scale
        .range
        .normalise(raw_engagement(comment.score, comment.direct_replies));
    let priority = scale.weights.score(financial, trust, engagement, comment.depth);
    Scored {
        index,
        comment,
        financial,
        trust,
        priority,
    }
}

fn selected<'a>(thread: &'a Thread, scored: &Scored<'a>) -> Selected<'a> {
    let parent = scored.comment.parent.and_then(|parent| thread.comments.get(parent));
    Selected {
        comment: scored.comment,
        parent_chain: thread.parent_chain(scored.index),
        parent_id: parent.map(|parent| parent.reddit_id.as_str()),
        financial_score: scored.financial,
        priority_score: scored.priority,
        author_trust: scored.trust,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn comment(id: &str, body: &str, score: i64, depth: u32) -> ThreadComment {
        ThreadComment {
            reddit_id: id.to_owned(),
            author: format!("author_{id}"),
            body: body.to_owned(),
            created_utc: DateTime::UNIX_EPOCH,
            score,
            depth,
            direct_replies: 0,
            parent: None,
        }
    }

    fn ids(thread: &Thread, trust: &Trust, limit: usize) -> Vec<String> {
        let scale = Scale {
            range: EngagementRange::of(0.0),
            weights: PriorityRules::default(),
        };
        select(thread, scale, trust, limit)
            .iter()
            .map(|s| s.comment.reddit_id.clone())
            .collect()
    }

    #[test]
    fn ties_go_to_the_higher_score_then_to_the_smaller_id() {
        let comments = vec![
            comment("b", "x", 1, 0),
            comment("a", "x", 1, 0),
            comment("c", "x", 2, 0),
        ];
        let thread = Thread {
            candidates: 3,
            comments,
        };
        let trust = Trust {
            known: HashMap::new(),
            default: 0.5,
        };
        assert_eq!(ids(&thread, &trust, 9), ["c", "a", "b"]);
        assert_eq!(ids(&thread, &trust, 1), ["c"]);
    }

    #[test]
    fn finance_words_trust_and_depth_decide() {
        let comments = vec![
            comment("deep", "calls", 9, 6),
            comment("talk", "hello", 9, 0),
            comment("top", "calls", 0, 0),
        ];
        let thread = Thread {
            candidates: 3,
            comments,
        };
        let trust = Trust {
            known: HashMap::from([("author_talk".to_owned(), 1.0)]),
            default: 0.5,
        };
        assert_eq!(ids(&thread, &trust, 9), ["top", "talk", "deep"]);
    }

    #[test]
    fn ancestors_are_never_selected() {
        let thread = Thread {
            candidates: 1,
            comments: vec![comment("a", "x", 0, 1), comment("z", "calls", 9, 0)],
        };
        let trust = Trust {
            known: HashMap::new(),
            default: 0.5,
        };
        assert_eq!(ids(&thread, &trust, 9), ["a"]);
    }
}
