//! A post's comments: when they are written, whom they answer, what they score and which of them vanish.
//!
//! Comments come in order of time and answer earlier ones only, so every parent exists and is older. Trees are at most
//! [`DEEPEST`] replies deep. Scores have the heavy tail of real ones: one in k comments reaches k.

use super::agenda::Plan;
use super::random::Stream;
use super::speech::{Claim, Remark, Speakers};

/// Parent steps from the deepest comment to the post.
const DEEPEST: u32 = 8;
/// The highest score that a comment can draw.
const HIGHEST_SCORE: i64 = 4_000;
/// What a dump has in the place of a text or a name that was taken back.
const DELETED: &str = "[deleted]";

/// A comment before it has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    /// The author's name, or `[deleted]`.
    pub(super) author: String,
    /// The author's number, unless deleted.
    pub(super) number: Option<u64>,
    /// The text, not yet encoded.
    pub(super) body: String,
    /// Seconds since 1970.
    pub(super) created: i64,
    /// Index of the comment that it answers; `None` for the post.
    pub(super) parent: Option<usize>,
    /// The score, if it is known.
    pub(super) score: Option<i64>,
    /// What it claims, if it can still be read.
    pub(super) claim: Option<Claim>,
}

/// The comments of a post, oldest first, written after `posted` and before `cutoff`.
pub(super) fn conversation(
    plan: &Plan,
    (posted, cutoff): (i64, i64),
    speakers: &Speakers<'_>,
    random: &mut Stream,
) -> Vec<Draft> {
    let parents = parents(plan.comments, random);
    let times = times(plan.comments, posted, cutoff, random);
    parents
        .into_iter()
        .zip(times)
        .map(|(parent, created)| {
            let remark = speakers.comment(plan.kind, plan.topic, parent.is_some(), random);
            draft(remark, created, parent, random)
        })
        .collect()
}

fn draft(remark: Remark<'_>, created: i64, parent: Option<usize>, random: &mut Stream) -> Draft {
    let score = score(parent.is_none(), random);
    let mut draft = Draft {
        author: remark.author.name.clone(),
        number: Some(remark.author.number),
        body: remark.text,
        created,
        parent,
        score,
        claim: remark.claim,
    };
    match random.below(200) {
        0..3 => draft.retract(DELETED, true),
        3..5 => draft.retract("[removed]", true),
        5 => draft.retract("[removed]", false),
        6..8 => draft.forget_author(),
        _ => {}
    }
    draft
}

impl Draft {
    fn retract(&mut self, body: &str, with_author: bool) {
        body.clone_into(&mut self.body);
        self.claim = None;
        if with_author {
            self.forget_author();
        }
    }

    fn forget_author(&mut self) {
        DELETED.clone_into(&mut self.author);
        self.number = None;
    }
}

/// For every comment the earlier one that it answers; the latest ones and the first ones get most answers.
fn parents(count: usize, random: &mut Stream) -> Vec<Option<usize>> {
    let mut depths: Vec<u32> = Vec::with_capacity(count);
    let mut parents = Vec::with_capacity(count);
    for place in 0..count {
        let answered = match random.below(100) {
            _ if place == 0 => None,
            0..46 => None,
            46..70 => Some(place - 1 - random.index(place.min(6))),
            70..85 => Some(random.index(place.div_ceil(5))),
            _ => Some(random.index(place)),
        };
        let parent = answered.filter(|parent| depths[*parent] < DEEPEST);
        depths.push(parent.map_or(0, |parent| depths[parent] + 1));
        parents.push(parent);
    }
    parents
}

/// Ascending times; half of the comments come early, as they do under a post that is new.
fn times(count: usize, posted: i64, cutoff: i64, random: &mut Stream) -> Vec<i64> {
    let (first, last) = (posted + 20, cutoff - 1);
    let mut times: Vec<i64> = (0..count)
        .map(|_| {
            let (one, other) = (random.between(first, last), random.between(first, last));
            if random.chance(50) { one.min(other) } else { one }
        })
        .collect();
    times.sort_unstable();
    times
}

fn score(top_level: bool, random: &mut Stream) -> Option<i64> {
    let drawn = 65_536 / (random.between(0, 65_535) + 1);
    match random.below(100) {
        0 => None,
        1..7 => Some(-random.between(0, 12)),
        7..22 if top_level => Some((drawn * 4).min(HIGHEST_SCORE)),
        _ => Some(drawn.min(HIGHEST_SCORE / 8)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(parents: &[Option<usize>], mut at: usize) -> u32 {
        let mut depth = 0;
        while let Some(parent) = parents[at] {
            depth += 1;
            at = parent;
        }
        depth
    }

    #[test]
    fn trees_are_deep_but_not_deeper_than_allowed() {
        let parents = parents(600, &mut Stream::new(1));
        let deepest = (0..600).map(|at| depth(&parents, at)).max().unwrap();
        assert!((5..=DEEPEST).contains(&deepest), "{deepest}");
        assert!(
            parents
                .iter()
                .enumerate()
                .all(|(at, parent)| parent.is_none_or(|parent| parent < at))
        );
    }

    #[test]
    fn comments_come_after_their_post_and_before_the_cutoff() {
        let times = times(300, 1_000, 90_000, &mut Stream::new(1));
        assert!(times.is_sorted() && times[0] > 1_000 && times[299] < 90_000);
    }

    #[test]
    fn scores_have_a_heavy_tail_and_gaps() {
        let mut random = Stream::new(1);
        let scores: Vec<_> = (0..5_000).map(|_| score(true, &mut random)).collect();
        let above = |least| scores.iter().flatten().filter(|score| **score >= least).count();
        assert!(above(2) < 3_500 && above(100) > 20 && above(1_000) > 0);
        assert!(scores.contains(&None) && scores.iter().flatten().any(|score| *score < 0));
    }
}
