use std::fs;
use std::time::Duration;

use serde_json::json;

use super::{DAY, at, comment, dump, ids, submission, with};
use crate::sources::comments::{CommentSource, SourceError};

#[tokio::test]
async fn hot_posts_are_ordered_by_comments_of_the_day_then_score_then_id() {
    let mut lines = vec![
        submission("tie2", 7, 50),
        submission("tie1", 7, 50),
        submission("top", 1, 50),
    ];
    for (post, count) in [
        ("stub", 2),
        ("tie1", 2),
        ("tie2", 2),
        ("abc", 2),
        ("top", 3),
        ("low", 1),
    ] {
        lines.extend((0..count).map(|n| comment(&format!("{post}{n}"), post, None, 60 + n)));
    }
    let dump = dump(&lines);
    assert_eq!(dump.hot_ids(9).await, ["top", "tie1", "tie2", "abc", "stub", "low"]);
    assert_eq!(dump.hot_ids(3).await, ["top", "tie1", "tie2"]);
    assert_eq!(dump.hot_ids(0).await, [""; 0]);
}

#[tokio::test]
async fn removed_comments_make_a_post_hot_and_repeats_do_not() {
    let removed = |id: &str| with(comment(id, "removed", None, 9), "body", json!("[removed]"));
    let repeated = comment("r", "repeated", None, 9);
    let dump = dump(&[repeated.clone(), removed("a"), repeated.clone(), removed("b"), repeated]);
    let hot = dump.hot(at(0), 10).await;
    assert_eq!((&*hot[0].reddit_id, hot[0].total_comments), ("removed", 2));
    assert_eq!((&*hot[1].reddit_id, hot[1].total_comments), ("repeated", 1));
    assert!(dump.dump.thread(&hot[0], at(0), 10).await.unwrap().comments.is_empty());
}

#[tokio::test]
async fn the_day_begins_24_hours_before_now_and_ends_before_it() {
    let lines = [
        comment("a", "first", None, DAY),
        comment("b", "early", None, DAY + 1),
        comment("c", "last", None, 1),
        comment("d", "late", None, 0),
    ];
    assert_eq!(dump(&lines).hot_ids(10).await, ["first", "last"]);
}

#[tokio::test]
async fn a_hot_post_has_all_its_comments_before_now_and_none_after() {
    let lines = [
        comment("old", "p", None, 30 * DAY),
        comment("new", "p", Some("old"), 10),
        comment("future", "p", Some("new"), 0),
        submission("p", 5, -10),
    ];
    let dump = dump(&lines);
    let posts = dump.hot(at(0), 10).await;
    assert_eq!(
        (posts[0].total_comments, &*posts[0].title, posts[0].upvotes),
        (2, "", 0)
    );
    let thread = dump.dump.thread(&posts[0], at(0), 10).await.unwrap();
    assert_eq!(ids(&thread), ["old", "new"]);
    assert_eq!(thread.comments[1].direct_replies, 0);
    let later = dump.hot(at(-11), 10).await;
    assert_eq!(
        (later[0].total_comments, &*later[0].title, later[0].upvotes),
        (3, "Title of p", 5)
    );
}

#[tokio::test]
async fn a_now_within_a_second_sees_that_second() {
    let dump = dump(&[comment("a", "p", None, 0)]);
    assert!(dump.hot(at(0), 10).await.is_empty());
    assert_eq!(dump.hot(at(0) + Duration::from_millis(1), 10).await.len(), 1);
}

#[tokio::test]
async fn now_is_one_second_after_the_newest_comment_of_the_subreddit() {
    let other = with(comment("b", "q", None, -500), "subreddit", json!("stocks"));
    let dump = dump(&[
        comment("a", "p", None, 7),
        other,
        comment("c", "p", None, 100),
        submission("p", 1, -900),
    ]);
    let now = |subreddit: &'static str| dump.dump.market_now(subreddit, None);
    assert_eq!(now("WallStreetBets").await.unwrap(), Some(at(6)));
    assert_eq!(now("stocks").await.unwrap(), Some(at(-501)));
    assert_eq!(now("elsewhere").await.unwrap(), Some(at(-501)));
    assert!(dump.dump.hot_posts("elsewhere", at(-501), 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn counts_made_while_looking_for_now_are_the_counts_at_that_now() {
    let mut lines = vec![comment("x", "gone", None, 3 * DAY), comment("y", "gone", None, 2 * DAY)];
    lines.extend([
        comment("a", "p", None, DAY),
        comment("b", "q", None, 10),
        comment("b", "q", None, 10),
    ]);
    lines.extend([
        comment("c", "r", None, 0),
        comment("d", "r", None, 0),
        comment("e", "r", None, DAY),
    ]);
    let (surveyed, counted) = (dump(&lines), dump(&lines));
    let now = surveyed.dump.market_now("wallstreetbets", None).await.unwrap().unwrap();
    assert_eq!(surveyed.hot(now, 10).await, counted.hot(now, 10).await);
    let hot: Vec<_> = counted
        .hot(now, 10)
        .await
        .into_iter()
        .map(|post| post.reddit_id)
        .collect();
    assert_eq!(hot, ["r", "q"]);
}

#[tokio::test]
async fn other_subreddits_are_left_out_whatever_the_case() {
    let other = |line| with(line, "subreddit", json!("stocks"));
    let lines = [
        comment("a", "p", None, 1),
        with(comment("b", "p", None, 1), "subreddit", json!("wallSTREETbets")),
        other(comment("c", "p", None, 1)),
        other(submission("p", 9, 10)),
    ];
    let dump = dump(&lines);
    let posts = dump.dump.hot_posts("WALLSTREETBETS", at(0), 10).await.unwrap();
    assert_eq!((posts.len(), posts[0].total_comments, &*posts[0].title), (1, 2, ""));
    assert_eq!(posts[0].subreddit, "wallstreetbets");
}

#[tokio::test]
async fn what_was_gathered_serves_until_more_is_asked_for() {
    let dump = dump(&[
        comment("a", "p", None, 1),
        comment("b", "p", None, 1),
        comment("c", "q", None, 1),
    ]);
    assert_eq!(dump.hot_ids(1).await, ["p"]);
    let all = dump.hot_ids(2).await;
    fs::remove_file(dump.folder.path().join("all.ndjson")).unwrap();
    assert_eq!(
        (dump.hot_ids(2).await, dump.hot_ids(1).await),
        (all, vec!["p".to_owned()])
    );
    assert_eq!(
        dump.dump
            .thread(&dump.hot(at(0), 1).await[0], at(0), 10)
            .await
            .unwrap()
            .candidates,
        2
    );
    let error = dump.dump.hot_posts("wallstreetbets", at(1), 2).await.unwrap_err();
    assert!(
        matches!(&error, SourceError::Unavailable { what, .. } if what.contains("all.ndjson")),
        "{error}"
    );
}
