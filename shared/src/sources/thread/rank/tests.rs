mod properties;

use super::{Node, Shape};
use crate::sources::thread::{Comment, Thread};

fn comment(id: &str, parent: Option<&str>, score: i64, removed: bool) -> Comment {
    Comment {
        reddit_id: id.to_owned(),
        parent: parent.map(str::to_owned),
        author: format!("author of {id}"),
        body: format!("body of {id}"),
        created_utc: chrono::DateTime::UNIX_EPOCH,
        score,
        removed,
    }
}

fn ids(thread: &Thread) -> Vec<&str> {
    thread
        .comments
        .iter()
        .map(|comment| comment.reddit_id.as_str())
        .collect()
}

fn chain(thread: &Thread, id: &str) -> Vec<String> {
    let index = thread
        .comments
        .iter()
        .position(|comment| comment.reddit_id == id)
        .unwrap();
    thread
        .parent_chain(index)
        .into_iter()
        .map(|ancestor| ancestor.id)
        .collect()
}

fn depth(thread: &Thread, id: &str) -> u32 {
    thread
        .comments
        .iter()
        .find(|comment| comment.reddit_id == id)
        .unwrap()
        .depth
}

#[test]
fn candidates_are_ordered_by_score_times_replies_then_score_then_id_as_text() {
    let comments = [
        comment("a", None, 2, false),
        comment("a1", Some("a"), 7, false),
        comment("a2", Some("a"), 7, false),
        comment("b", None, 4, false),
        comment("b1", Some("b"), 9, false),
        comment("Z", None, 7, false),
        comment("low", Some("a1"), -3, false),
        comment("bad", None, -1, false),
        comment("bad1", Some("bad"), 0, false),
    ];
    let thread = Thread::assemble(&comments, 100);
    assert_eq!(ids(&thread), ["a1", "b", "a", "b1", "Z", "a2", "bad1", "low", "bad"]);
    assert_eq!(thread.candidates, 9);
}

#[test]
fn replies_are_counted_before_the_cap_with_removed_ones_and_without_repeats() {
    let comments = [
        comment("root", None, 5, false),
        comment("one", Some("root"), 1, false),
        comment("gone", Some("root"), 99, true),
        comment("one", Some("root"), 1, false),
        comment("deep", Some("one"), 1, false),
    ];
    let thread = Thread::assemble(&comments, 1);
    assert_eq!((ids(&thread), thread.candidates), (vec!["root"], 1));
    assert_eq!(thread.comments[0].direct_replies, 2);
}

#[test]
fn of_a_repeated_id_the_first_comment_wins() {
    let comments = [
        comment("x", None, 5, false),
        comment("y", None, 1, true),
        comment("x", None, 9, true),
    ];
    let thread = Thread::assemble(&[&comments[..], &[comment("y", None, 1, false)]].concat(), 10);
    assert_eq!((ids(&thread), thread.comments[0].score), (vec!["x"], 5));
}

#[test]
fn ancestors_beyond_the_cap_follow_the_candidates_and_fill_the_chain() {
    let comments = [
        comment("root", None, 0, false),
        comment("middle", Some("root"), 0, false),
        comment("leaf", Some("middle"), 50, false),
        comment("reply", Some("leaf"), 0, false),
    ];
    let thread = Thread::assemble(&comments, 1);
    assert_eq!((ids(&thread), thread.candidates), (vec!["leaf", "middle", "root"], 1));
    let chain = thread.parent_chain(0);
    let entries: Vec<_> = chain.iter().map(|a| (&*a.id, &*a.body, a.depth, &*a.author)).collect();
    let expected = [
        ("middle", "body of middle", 1, "author of middle"),
        ("root", "body of root", 0, "author of root"),
    ];
    assert_eq!(entries, expected);
    assert!(thread.parent_chain(2).is_empty() && thread.parent_chain(7).is_empty());
}

#[test]
fn a_chain_stops_at_a_removed_ancestor_while_depth_counts_through_it() {
    let comments = [
        comment("root", None, 0, false),
        comment("gone", Some("root"), 0, true),
        comment("leaf", Some("gone"), 0, false),
    ];
    let thread = Thread::assemble(&comments, 10);
    assert_eq!((chain(&thread, "leaf"), depth(&thread, "leaf")), (Vec::new(), 2));
    assert!(!ids(&thread).contains(&"gone"));
}

#[test]
fn an_unknown_parent_is_one_step_above() {
    let comments = [
        comment("orphan", Some("elsewhere"), 0, false),
        comment("child", Some("orphan"), 0, false),
    ];
    let thread = Thread::assemble(&comments, 10);
    assert_eq!((depth(&thread, "orphan"), depth(&thread, "child")), (1, 2));
    assert_eq!(
        (chain(&thread, "orphan").len(), chain(&thread, "child")),
        (0, vec!["orphan".to_owned()])
    );
}

#[test]
fn a_cycle_ends_after_one_round() {
    let comments = [
        comment("a", Some("b"), 0, false),
        comment("b", Some("c"), 0, false),
        comment("c", Some("a"), 0, false),
        comment("tail", Some("a"), 0, false),
        comment("self", Some("self"), 0, false),
    ];
    let thread = Thread::assemble(&comments, 10);
    assert_eq!(
        ["a", "b", "c", "tail", "self"].map(|id| depth(&thread, id)),
        [3, 3, 3, 4, 1]
    );
    assert_eq!(chain(&thread, "a"), ["b", "c"]);
    assert_eq!(chain(&thread, "tail"), ["a", "b", "c"]);
    assert_eq!(chain(&thread, "self"), [""; 0]);
}

#[test]
fn a_chain_of_a_hundred_thousand_comments_is_no_trouble() {
    let comments: Vec<_> = (0..100_000)
        .map(|n: u32| {
            comment(
                &n.to_string(),
                n.checked_sub(1).map(|n| n.to_string()).as_deref(),
                n.into(),
                false,
            )
        })
        .collect();
    let thread = Thread::assemble(&comments, 2);
    assert_eq!(ids(&thread)[..3], ["99998", "99997", "99996"]);
    assert_eq!(
        (thread.parent_chain(0).len(), depth(&thread, "99998")),
        (99_998, 99_998)
    );
}

#[test]
fn a_limit_of_zero_selects_nothing_and_an_empty_post_is_fine() {
    assert_eq!(Thread::assemble(&[comment("a", None, 1, false)], 0), Thread::default());
    assert_eq!(Thread::assemble(&[], 10), Thread::default());
    assert!(Shape::default().is_empty());
}

#[test]
fn a_node_takes_24_bytes() {
    assert_eq!(size_of::<Node>(), 24);
}
