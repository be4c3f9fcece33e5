use serde_json::{Value, json};

use super::{DAY, NOON, at, comment, dump, ids, submission, with};
use crate::sources::comments::CommentSource;
use crate::sources::thread::Thread;

#[tokio::test]
async fn a_thread_has_its_candidates_ancestors_and_texts() {
    let score = |line, score: i64| with(line, "score", json!(score));
    let lines = [
        score(comment("leaf", "p", Some("mid"), 1), 9),
        score(comment("top", "p", Some("leaf"), 1), 0),
        score(comment("mid", "p", Some("root"), 2), 0),
        with(
            comment("root", "p", None, 3),
            "body",
            json!("caf\u{e9} 🚀 &gt; &amp;lt; \"q\"\n"),
        ),
        with(comment("root", "p", None, 3), "body", json!("a repeat")),
    ];
    let dump = dump(&lines);
    let posts = dump.hot(at(0), 10).await;
    let thread = dump.dump.thread(&posts[0], at(0), 1).await.unwrap();
    assert_eq!((ids(&thread), thread.candidates), (vec!["leaf", "mid", "root"], 1));
    let chain = thread.parent_chain(0);
    assert_eq!(
        chain.iter().map(|a| (&*a.id, a.depth)).collect::<Vec<_>>(),
        [("mid", 1), ("root", 0)]
    );
    assert_eq!(chain[1].body, "café 🚀 > &lt; \"q\"\n");
    let leaf = &thread.comments[0];
    assert_eq!(
        (leaf.depth, leaf.direct_replies, leaf.score, leaf.created_utc),
        (2, 1, 9, at(1))
    );
}

#[tokio::test]
async fn what_archives_vary_in_is_tolerated() {
    let lines = [
        with(comment("a", "p", None, 1), "created_utc", json!((NOON - 1).to_string())),
        with(comment("b", "p", Some("missing"), 1), "author", Value::Null),
        with(comment("c", "p", None, 1), "score", Value::Null),
        with(comment("Odd-ID", "p", None, 1), "parent_id", Value::Null),
        with(comment("d", "p", Some("Odd-ID"), 1), "body", json!("x".repeat(100_000))),
    ];
    let dump = dump(&lines);
    let thread = dump.only_thread(at(0)).await;
    assert_eq!(ids(&thread), ["Odd-ID", "a", "b", "d", "c"]);
    assert_eq!(
        (&*thread.comments[2].author, thread.comments[2].depth),
        ("[deleted]", 1)
    );
    assert_eq!(
        (thread.comments[3].body.len(), thread.comments[3].parent),
        (100_000, Some(0))
    );
    assert_eq!(thread.comments[4].score, 0);
}

#[tokio::test]
async fn a_thread_can_be_asked_for_without_the_hot_posts() {
    let lines = [
        comment("a", "hot", None, 1),
        comment("b", "cold", None, 2 * DAY),
        submission("Odd!", 1, 5),
    ];
    let (warm, fresh) = (dump(&lines), dump(&lines));
    let mut post = warm.hot(at(0), 10).await.remove(0);
    assert_eq!(
        fresh.dump.thread(&post, at(0), 10).await.unwrap(),
        warm.dump.thread(&post, at(0), 10).await.unwrap()
    );
    post.reddit_id = "cold".to_owned();
    assert_eq!(ids(&fresh.dump.thread(&post, at(0), 10).await.unwrap()), ["b"]);
    post.reddit_id = "Odd!".to_owned();
    assert_eq!(fresh.dump.thread(&post, at(0), 10).await.unwrap(), Thread::default());
}
