//! What the authors of new comments and of newly resolved predictions are trusted by.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use shared::{
    market::trust::{AuthorRecord, TrustRules, accuracy_after, conviction, running_mean, trust, verdict},
    store::{
        session::Tx,
        trust::{self as store, Author, NewComment},
    },
};

use crate::phase::{PhaseContext, PhaseError};

/// What is new about an author.
#[derive(Debug, Default)]
struct News<'a> {
    comments: Vec<&'a NewComment>,
    /// In the order the predictions were resolved.
    verdicts: Vec<bool>,
}

/// Brings every author up to date who wrote something new or whose prediction ended; yields how many.
pub(super) async fn update(
    context: &PhaseContext<'_>,
    tx: &mut Tx,
    comments: &[NewComment],
) -> Result<i64, PhaseError> {
    let now = context.market().now();
    let mut news = BTreeMap::<String, News<'_>>::new();
    for comment in comments {
        news.entry(comment.author.clone()).or_default().comments.push(comment);
    }
    for ended in store::new_verdicts(tx, context.subreddit()).await? {
        if let Some(correct) = verdict(ended.simulated_return > 0.0, ended.decided) {
            news.entry(ended.author).or_default().verdicts.push(correct);
            store::take_in(tx, ended.prediction, now).await?;
        }
    }
    for (name, news) in &news {
        let known = store::find(tx, name).await?;
        let before = known.unwrap_or_else(|| Author::new(name, now));
        store::keep(tx, &after(before, news, now, &context.config().trust), now).await?;
    }
    Ok(i64::try_from(news.len()).unwrap_or(i64::MAX))
}

/// The author after the news.
fn after(mut author: Author, news: &News<'_>, now: DateTime<Utc>, rules: &TrustRules) -> Author {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let comments = &news.comments;
    let convictions: f64 = comments
        .iter()
        .map(|comment| conviction(&comment.body, comment.has_reasoning, comment.ai_confidence))
        .sum();
    author.avg_conviction_score = running_mean(
        author.avg_conviction_score,
        author.total_comments,
        convictions,
        count(comments.len()),
    );
    author.total_comments += count(comments.len());
    author.high_quality_comments += count(comments.iter().filter(|comment| comment.has_reasoning).count());
    author.total_upvotes += comments.iter().map(|comment| comment.score).sum::<i64>();
    author.avg_sentiment_accuracy = accuracy_after(author.avg_sentiment_accuracy, news.verdicts.iter().copied(), rules);
    author.trust_score = trust(
        &AuthorRecord {
            total_comments: author.total_comments,
            high_quality_comments: author.high_quality_comments,
            accuracy: author.avg_sentiment_accuracy,
            days_known: (now - author.first_seen).num_days(),
        },
        rules,
    );
    author
}
