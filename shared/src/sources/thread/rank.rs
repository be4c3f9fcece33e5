//! Which comments of a post are candidates, and where they stand in the tree.
//!
//! A [`Shape`] holds every comment of a post as a [`Node`] of 24 bytes and no text, so that a thread of millions of
//! lines fits in memory; [`Shape::rank`] names the few whose texts are wanted. Its temporary arrays take another
//! 8 bytes a node.
//!
//! Invariants: an id occurs once (of repeats the first given wins); removed comments count as replies and as steps
//! of depth but are never selected; a parent chain stops at a missing or removed comment and where it would repeat
//! itself.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::num::NonZeroU32;

use super::ids::{Id, Names};

/// The parent is the post.
const TOP: u32 = u32::MAX;
/// The parent is a comment that is not there.
const UNKNOWN: u32 = u32::MAX - 1;
/// On the walk under way, where a depth would stand.
const ON_PATH: u32 = u32::MAX;

/// The shape of one comment, without its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Its id.
    pub id: Id,
    /// Id of the parent comment; `None` when the parent is the post.
    pub parent: Option<Id>,
    /// Score, 0 when unknown.
    pub score: i32,
    /// Where its source keeps the text; `None` for a removed or deleted body.
    pub text: Option<NonZeroU32>,
}

/// Every comment of a post once, in id order.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    nodes: Vec<Node>,
}

/// Where a selected comment stands in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ranked {
    /// Its id.
    pub id: Id,
    /// Where its source keeps the text.
    pub text: NonZeroU32,
    /// Parent steps to the post through comments that are present; one more at an unknown parent.
    pub depth: u32,
    /// Visible direct replies before any cap, removed ones included.
    pub direct_replies: u32,
    /// Index into [`Ranking::selected`] of the parent, when it is present and not removed.
    pub parent: Option<usize>,
}

/// The candidates in rank order, followed by the ancestors that only their parent chains need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ranking {
    /// Candidates, then ancestors.
    pub selected: Vec<Ranked>,
    /// How many of `selected` are candidates.
    pub candidates: usize,
}

impl Shape {
    /// Takes the comments of one post in any order.
    #[must_use]
    pub fn new(mut nodes: Vec<Node>) -> Self {
        nodes.sort_by_key(|node| node.id);
        nodes.dedup_by_key(|node| node.id);
        Self { nodes }
    }

    /// How many comments there are, removed ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The best `limit` comments by score x direct replies, then score, then id, and the ancestors they need.
    ///
    /// `names` puts odd ids in order and may be empty where there are none.
    #[must_use]
    pub fn rank(&self, names: &Names, limit: usize) -> Ranking {
        let parents = self.parents();
        let replies = count_replies(&parents);
        let mut chosen = self.best(&replies, names, limit);
        let candidates = chosen.len();
        let positions = self.add_ancestors(&mut chosen, &parents);
        let mut depths = Depths {
            parents: &parents,
            known: HashMap::new(),
        };
        let selected = chosen.iter().filter_map(|&index| {
            let node = &self.nodes[index as usize];
            let parent = positions.get(&parents[index as usize]).copied();
            let (depth, direct_replies) = (depths.of(index), replies[index as usize]);
            node.text.map(|text| Ranked {
                id: node.id,
                text,
                depth,
                direct_replies,
                parent,
            })
        });
        Ranking {
            selected: selected.collect(),
            candidates,
        }
    }

    /// The index of each node's parent, or one of the two marks.
    fn parents(&self) -> Vec<u32> {
        let find = |id: Id| self.nodes.binary_search_by_key(&id, |node| node.id);
        let parent = |node: &Node| match node.parent.map(find) {
            None => TOP,
            Some(Err(_)) => UNKNOWN,
            Some(Ok(index)) => u32::try_from(index).unwrap_or(UNKNOWN),
        };
        self.nodes.iter().map(parent).collect()
    }

    /// The indices of the best `limit` comments, best first, holding no more than twice as many on the way.
    fn best(&self, replies: &[u32], names: &Names, limit: usize) -> Vec<u32> {
        let order = |left: &u32, right: &u32| self.compare(*left as usize, *right as usize, replies, names);
        let room = limit
            .saturating_mul(2)
            .clamp(1024, 1 << 20)
            .max(limit.saturating_add(1));
        let mut best = Vec::new();
        for (index, _) in (0u32..).zip(&self.nodes).filter(|(_, node)| node.text.is_some()) {
            best.push(index);
            if best.len() >= room {
                best.select_nth_unstable_by(limit, order);
                best.truncate(limit);
            }
        }
        best.sort_unstable_by(order);
        best.truncate(limit);
        best
    }

    fn compare(&self, left: usize, right: usize, replies: &[u32], names: &Names) -> Ordering {
        let (a, b) = (&self.nodes[left], &self.nodes[right]);
        let weight = |node: &Node, index: usize| i64::from(node.score) * i64::from(replies[index]);
        (weight(b, right).cmp(&weight(a, left)))
            .then(b.score.cmp(&a.score))
            .then_with(|| names.compare(a.id, b.id))
    }

    /// Appends the ancestors whose texts the parent chains show; answers where each chosen node ended up.
    fn add_ancestors(&self, chosen: &mut Vec<u32>, parents: &[u32]) -> HashMap<u32, usize> {
        let mut positions: HashMap<u32, usize> = chosen.iter().enumerate().map(|(at, &index)| (index, at)).collect();
        for candidate in 0..chosen.len() {
            let mut next = parents[chosen[candidate] as usize];
            while self.nodes.get(next as usize).is_some_and(|node| node.text.is_some())
                && !positions.contains_key(&next)
            {
                positions.insert(next, chosen.len());
                chosen.push(next);
                next = parents[next as usize];
            }
        }
        positions
    }
}

fn count_replies(parents: &[u32]) -> Vec<u32> {
    let mut replies = vec![0; parents.len()];
    for &parent in parents {
        if let Some(count) = replies.get_mut(parent as usize) {
            *count += 1;
        }
    }
    replies
}

/// The depths met so far.
struct Depths<'a> {
    parents: &'a [u32],
    known: HashMap<u32, u32>,
}

impl Depths<'_> {
    fn of(&mut self, index: u32) -> u32 {
        let mut path = Vec::new();
        let mut depth = self.climb(index, &mut path);
        while let Some(below) = path.pop() {
            self.known.insert(below, depth);
            depth += 1;
        }
        self.known[&index]
    }

    /// Climbs until a depth is known; answers the depth of the last node left on the path.
    ///
    /// In a cycle of `n` comments each is `n` deep: `n - 1` steps, and one more at what is taken for unknown.
    fn climb(&mut self, start: u32, path: &mut Vec<u32>) -> u32 {
        let mut at = start;
        loop {
            match self.known.get(&at) {
                Some(&ON_PATH) => return self.close_cycle(at, path) + 1,
                Some(depth) => return depth + 1,
                None => {}
            }
            self.known.insert(at, ON_PATH);
            path.push(at);
            match self.parents[at as usize] {
                TOP => return 0,
                UNKNOWN => return 1,
                parent => at = parent,
            }
        }
    }

    fn close_cycle(&mut self, at: u32, path: &mut Vec<u32>) -> u32 {
        let first = path.iter().rposition(|&index| index == at).unwrap_or(0);
        let length = u32::try_from(path.len() - first).unwrap_or(ON_PATH - 1);
        self.known.extend(path.drain(first..).map(|index| (index, length)));
        length
    }
}

#[cfg(test)]
mod tests;
