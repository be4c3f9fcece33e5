use std::collections::HashMap;
use std::num::NonZeroU32;

use super::{Node, Shape, comment, ids};
use crate::sources::thread::rank::Ranking;
use crate::sources::thread::{Comment, Id, Names, Thread};

/// Numbers without a pattern, the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// The definitions, word by word and slowly.
fn expected_depth(id: &str, parents: &HashMap<String, Option<String>>) -> u32 {
    let (mut met, mut at) = (vec![id.to_owned()], id.to_owned());
    loop {
        let steps = u32::try_from(met.len() - 1).unwrap();
        match &parents[&at] {
            None => return steps,
            Some(parent) if met.contains(parent) || !parents.contains_key(parent) => return steps + 1,
            Some(parent) => at.clone_from(parent),
        }
        met.push(at.clone());
    }
}

fn random_comments(numbers: &mut Numbers) -> Vec<Comment> {
    let count = 1 + numbers.below(40);
    let name = |number: u64| {
        if number.is_multiple_of(7) {
            format!("Odd-{number}")
        } else {
            format!("c{number}")
        }
    };
    (0..count)
        .map(|_| {
            let id = name(numbers.below(40));
            let parent = (numbers.below(4) > 0).then(|| name(numbers.below(45)));
            let score = i64::try_from(numbers.below(5)).unwrap() - 1;
            comment(&id, parent.as_deref(), score, numbers.below(6) == 0)
        })
        .collect()
}

#[test]
fn any_tree_agrees_with_the_definitions() {
    let mut numbers = Numbers(7);
    for round in 0..2_000 {
        let comments = random_comments(&mut numbers);
        let limit = usize::try_from(numbers.below(12)).unwrap();
        let mut unique: Vec<&Comment> = Vec::new();
        for comment in &comments {
            if unique.iter().all(|known| known.reddit_id != comment.reddit_id) {
                unique.push(comment);
            }
        }
        let parents: HashMap<_, _> = unique.iter().map(|c| (c.reddit_id.clone(), c.parent.clone())).collect();
        let replies = |id: &str| unique.iter().filter(|c| c.parent.as_deref() == Some(id)).count();
        let mut order: Vec<&&Comment> = unique.iter().filter(|c| !c.removed).collect();
        order.sort_by_key(|c| {
            let weight = c.score * i64::try_from(replies(&c.reddit_id)).unwrap();
            (std::cmp::Reverse((weight, c.score)), c.reddit_id.clone())
        });
        order.truncate(limit);

        let thread = Thread::assemble(&comments, limit);
        assert_eq!(thread.candidates, order.len(), "round {round}");
        assert!(
            ids(&thread).iter().zip(&order).all(|(id, c)| *id == c.reddit_id),
            "round {round}"
        );
        for (index, found) in thread.comments.iter().enumerate() {
            assert_eq!(found.depth, expected_depth(&found.reddit_id, &parents), "round {round}");
            assert_eq!(
                found.direct_replies as usize,
                replies(&found.reddit_id),
                "round {round}"
            );
            let mut expected = Vec::new();
            let mut next = parents[&found.reddit_id].clone();
            while let Some(source) = unique
                .iter()
                .find(|c| Some(&c.reddit_id) == next.as_ref() && !c.removed)
            {
                if source.reddit_id == found.reddit_id || expected.contains(&source.reddit_id) {
                    break;
                }
                expected.push(source.reddit_id.clone());
                next.clone_from(&source.parent);
            }
            let chain: Vec<_> = thread
                .parent_chain(index)
                .into_iter()
                .map(|ancestor| ancestor.id)
                .collect();
            assert_eq!(chain, expected, "round {round}");
        }
    }
}

#[test]
fn the_best_of_many_are_the_same_as_of_a_full_sort() {
    let mut numbers = Numbers(3);
    let node = |numbers: &mut Numbers, index: u32| Node {
        id: Id::new(&format!("n{index}")),
        parent: (index > 0).then(|| Id::new(&format!("n{}", numbers.below(index.into())))),
        score: i32::try_from(numbers.below(50)).unwrap(),
        text: NonZeroU32::new(index + 1),
    };
    let shape = Shape::new((0..20_000).map(|index| node(&mut numbers, index)).collect());
    let all = shape.rank(&Names::default(), usize::MAX);
    assert_eq!((shape.len(), all.candidates), (20_000, 20_000));
    for limit in [1, 10, 1_000, 1_024, 9_999, 20_000] {
        let some = shape.rank(&Names::default(), limit);
        let best = |count: usize, ranking: &Ranking| -> Vec<Id> {
            ranking.selected[..count].iter().map(|ranked| ranked.id).collect()
        };
        assert_eq!(best(limit, &some), best(limit, &all));
    }
}
