//! Annotations per second of the built-in annotator, on one core.

use std::time::{Duration, Instant};

use shared::sources::{comments::CommentSource as _, lexicon::Lexicon, sample::SampleComments};

use crate::figures::Table;

pub(crate) fn measure(table: &mut Table) {
    let bodies = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(bodies()));
    let lexicon = Lexicon::new();
    let (since, mut count) = (Instant::now(), 0_u32);
    while since.elapsed() < Duration::from_secs(3) {
        for body in &bodies {
            std::hint::black_box(lexicon.annotate_text(body));
            count += 1;
        }
    }
    let rate = f64::from(count) / since.elapsed().as_secs_f64();
    table.add("lexicon annotations, one core", format!("{rate:.0}/s"), ">= 20,000/s");
}

/// Comments of one day of the sample.
async fn bodies() -> Vec<String> {
    let source = SampleComments::new(1, Duration::ZERO);
    let mut bodies = Vec::new();
    if let Ok(Some(now)) = source.market_now("wallstreetbets", None).await
        && let Ok(posts) = source.hot_posts("wallstreetbets", now, 10).await
    {
        for post in &posts {
            if let Ok(thread) = source.thread(post, now, 1_000).await {
                bodies.extend(thread.comments.into_iter().map(|comment| comment.body));
            }
        }
    }
    bodies
}
