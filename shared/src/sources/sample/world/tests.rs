use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::*;
use crate::sources::sample::authors::Character;

/// FNV-1a over the lines of a batch.
fn fingerprint(batch: &Batch) -> u64 {
    let bytes = batch
        .submissions
        .iter()
        .chain(&batch.comments)
        .flat_map(|line| line.bytes().chain([b'\n']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn trading_days(count: usize) -> Vec<NaiveDate> {
    let market = Market::new(1);
    FIRST_DAY
        .iter_days()
        .filter(|day| market.calendar().is_trading_day(*day))
        .take(count)
        .collect()
}

fn parsed(lines: &[String]) -> Vec<Value> {
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().unwrap()
}

#[test]
fn a_day_is_the_same_for_ever() {
    let batch = World::new(1).batch(FIRST_DAY);
    assert_eq!(batch, World::new(1).batch(FIRST_DAY));
    assert_eq!(
        fingerprint(&batch),
        2_428_330_540_580_531_497,
        "the sample has changed: recorded runs cannot be replayed"
    );
}

#[test]
fn days_seeds_and_subreddits_differ() {
    let world = World::new(1);
    let monday = fingerprint(&world.batch(FIRST_DAY));
    let others = [
        world.batch(world.market().calendar().next_trading_day(FIRST_DAY)),
        World::new(2).batch(FIRST_DAY),
        World::of_subreddit(1, "stocks").batch(FIRST_DAY),
    ];
    assert!(others.iter().all(|batch| fingerprint(batch) != monday));
    assert_eq!(
        fingerprint(&World::of_subreddit(1, "WallStreetBets").batch(FIRST_DAY)),
        monday
    );
}

#[test]
fn nobody_writes_before_the_first_day() {
    assert_eq!(World::new(1).batch("2026-01-04".parse().unwrap()), Batch::default());
}

#[test]
fn on_days_without_trading_people_talk_of_the_last_close_and_nobody_wakes() {
    let world = World::new(1);
    let tesla = Instrument::find("TSLA").unwrap();
    for (closed, before) in [("2026-01-11", "2026-01-09"), ("2026-01-19", "2026-01-16")] {
        let (closed, before) = (closed.parse().unwrap(), before.parse().unwrap());
        let last = world.market().bar("TSLA", before).unwrap().close;
        assert_eq!(world.outlook(tesla, closed).0, last, "{closed}");
        assert_eq!(world.trading_day_number(closed), None);
    }
    let tuesday = "2026-01-20".parse().unwrap();
    let friday = world.market().bar("TSLA", "2026-01-16".parse().unwrap()).unwrap();
    assert_eq!(world.outlook(tesla, tuesday).0, friday.close);
    assert_eq!(world.trading_day_number(tuesday), Some(10));
}

#[test]
fn every_day_is_large_enough_and_lies_within_its_window() {
    let world = World::new(1);
    for day in FIRST_DAY.iter_days().take(16) {
        let batch = world.batch(day);
        assert!(batch.submissions.len() >= 12 && batch.comments.len() >= 2_000);
        let end = post::cutoff(day).timestamp();
        for line in parsed(&batch.submissions).iter().chain(&parsed(&batch.comments)) {
            let created = line["created_utc"].as_i64().unwrap();
            assert!((end - 86_400..end).contains(&created), "{day} {line}");
        }
    }
}

#[test]
fn ids_are_unique_and_in_order_of_time_and_parents_come_first() {
    let world = World::new(1);
    let mut seen: HashMap<String, i64> = HashMap::new();
    let mut newest = String::new();
    for day in FIRST_DAY.iter_days().take(42) {
        let batch = world.batch(day);
        for line in parsed(&batch.submissions) {
            assert!(
                seen.insert(
                    format!("t3_{}", text(&line, "id")),
                    line["created_utc"].as_i64().unwrap()
                )
                .is_none()
            );
        }
        for line in parsed(&batch.comments) {
            let (id, created) = (text(&line, "id").to_owned(), line["created_utc"].as_i64().unwrap());
            assert!(id > newest && seen.contains_key(text(&line, "link_id")));
            assert!(seen[text(&line, "parent_id")] <= created, "{line}");
            assert!(seen.insert(format!("t1_{id}"), created).is_none());
            newest = id;
        }
    }
}

#[test]
fn a_day_has_all_that_dumps_have() {
    let batch = World::new(1).batch(FIRST_DAY);
    let comments = parsed(&batch.comments);
    let has = |test: &dyn Fn(&Value) -> bool| comments.iter().any(test);
    assert!(has(&|line| text(line, "body") == "[deleted]"));
    assert!(has(&|line| text(line, "body") == "[removed]"));
    assert!(has(
        &|line| text(line, "author") == "[deleted]" && !text(line, "body").starts_with('[')
    ));
    assert!(has(&|line| line["score"].is_null()));
    assert!(has(&|line| text(line, "body").contains("&amp;")) && has(&|line| text(line, "body").contains("&gt;")));
    assert!(has(&|line| text(line, "body").ends_with("/s")));
    let posts = parsed(&batch.submissions);
    let images = posts
        .iter()
        .filter(|post| text(post, "url").contains("i.redd.it"))
        .count();
    assert!((1..=4).contains(&images));
    assert!(posts.iter().all(|post| text(post, "selftext").contains("synthetic")));
}

#[test]
fn a_day_names_a_dozen_tickers_and_knows_hundreds_of_authors() {
    let drafts = World::new(1).drafts(FIRST_DAY);
    let comments: Vec<_> = drafts.iter().flat_map(|post| &post.comments).collect();
    let tickers: HashSet<_> = comments
        .iter()
        .filter_map(|comment| comment.claim)
        .map(|claim| claim.symbol)
        .collect();
    assert!(tickers.len() >= 12, "{tickers:?}");
    let authors: HashSet<_> = comments.iter().filter_map(|comment| comment.number).collect();
    assert!(authors.len() >= 300, "{}", authors.len());
}

#[test]
fn sharp_authors_are_right_more_often_than_the_wrong_ones() {
    let world = World::new(1);
    let mut counts: HashMap<bool, (usize, usize)> = HashMap::new();
    for day in trading_days(60) {
        for comment in world.drafts(day).iter().flat_map(|post| &post.comments) {
            let (Some(number), Some(claim)) = (comment.number, comment.claim) else {
                continue;
            };
            let sharp = match world.authors.by_number(number).unwrap().character {
                Character::Sharp => true,
                Character::Wrong => false,
                _ => continue,
            };
            let (right, all) = counts.entry(sharp).or_default();
            *right += usize::from(claim.right);
            *all += 1;
        }
    }
    let percent = |sharp| counts[&sharp].0 * 100 / counts[&sharp].1;
    assert!((62..=78).contains(&percent(true)), "{}", percent(true));
    assert!((25..=42).contains(&percent(false)), "{}", percent(false));
}
