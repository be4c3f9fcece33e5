//! When the comments on one ticker make a signal, and how much confidence it deserves.
//!
//! Two kinds, judged apart: *quality* (few, but they argue and agree) and *consensus* (many, and most agree). Both
//! may fire for one ticker, even in opposite directions. Pure: the phase gathers [`Mention`]s and stores what
//! [`detect`] returns.

use std::collections::BTreeSet;

use super::annotation::Sentiment;

/// Thresholds are met with this tolerance.
pub const EPSILON: f64 = 1e-9;
/// The name of an author who is no longer known: counts as a mention, never as a user.
pub const UNKNOWN_AUTHOR: &str = "[deleted]";
/// Trust of an author without a snapshot.
const DEFAULT_TRUST: f64 = 0.5;

/// Thresholds and weights, from `system_config`.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalRules {
    /// Distinct users of a quality signal, at least.
    pub quality_min_users: u32,
    /// Confidence of an annotation that counts for quality, at least.
    pub quality_min_confidence: f64,
    /// Non-neutral comments of a consensus, at least.
    pub consensus_min_comments: u32,
    /// Distinct users of a consensus, at least.
    pub consensus_min_users: u32,
    /// Share of the majority, at least.
    pub consensus_min_alignment: f64,
    /// Weight of the volume.
    pub weight_volume: f64,
    /// Weight of the alignment.
    pub weight_alignment: f64,
    /// Weight of the mean annotation confidence.
    pub weight_ai_confidence: f64,
    /// Weight of the mean author trust.
    pub weight_author_trust: f64,
}

/// One annotated comment on the ticker.
#[derive(Debug, Clone, PartialEq)]
pub struct Mention {
    /// Key of the comment.
    pub comment_id: i64,
    /// Author.
    pub author: String,
    /// Stance towards the ticker.
    pub sentiment: Sentiment,
    /// The comment argues.
    pub has_reasoning: bool,
    /// The comment does not mean what it says.
    pub sarcasm: bool,
    /// Confidence of the annotation.
    pub ai_confidence: f64,
    /// Snapshot of the author's trust.
    pub author_trust: Option<f64>,
}

/// The two kinds of signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignalType {
    /// Few that argue and agree.
    Quality,
    /// Many of whom most agree.
    Consensus,
}

impl SignalType {
    /// The stored and served word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Quality => "quality",
            Self::Consensus => "consensus",
        }
    }
}

/// A signal that fired.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// Its kind.
    pub kind: SignalType,
    /// Where the price should go: bullish or bearish.
    pub direction: Sentiment,
    /// `0..=1`.
    pub confidence: f64,
    /// Mean of sign x confidence over the contributing comments, `-1..=1`.
    pub sentiment_score: f64,
    /// Whether the contributing comments argue: all (quality) or any (consensus).
    pub has_reasoning: bool,
    /// Distinct known authors of the contributing comments.
    pub distinct_users: usize,
    /// Keys of the contributing comments.
    pub comment_ids: Vec<i64>,
}

/// The signals that the mentions of one ticker make: none, one or two.
#[must_use]
pub fn detect(mentions: &[Mention], rules: &SignalRules) -> Vec<Signal> {
    [quality(mentions, rules), consensus(mentions, rules)]
        .into_iter()
        .flatten()
        .collect()
}

/// Distinct known authors.
#[must_use]
pub fn distinct_users<'a>(mentions: impl IntoIterator<Item = &'a Mention>) -> usize {
    let known = mentions
        .into_iter()
        .map(|m| m.author.as_str())
        .filter(|author| *author != UNKNOWN_AUTHOR);
    known.collect::<BTreeSet<_>>().len()
}

/// Fires when enough users argue, without sarcasm and surely, and all of them the same way.
fn quality(mentions: &[Mention], rules: &SignalRules) -> Option<Signal> {
    let sure = rules.quality_min_confidence - EPSILON;
    let rows: Vec<_> = mentions
        .iter()
        .filter(|m| m.has_reasoning && !m.sarcasm && m.ai_confidence >= sure)
        .collect();
    let direction = rows.first()?.sentiment;
    let users = distinct_users(rows.iter().copied());
    let one_way = direction != Sentiment::Neutral && rows.iter().all(|m| m.sentiment == direction);
    if !one_way || users < rules.quality_min_users as usize {
        return None;
    }
    let volume = share(users, rules.quality_min_users);
    Some(signal(SignalType::Quality, direction, &rows, rules, volume, 1.0))
}

/// Fires when enough comments by enough users take a side and a large enough share of them the same.
fn consensus(mentions: &[Mention], rules: &SignalRules) -> Option<Signal> {
    let rows: Vec<_> = mentions.iter().filter(|m| m.sentiment != Sentiment::Neutral).collect();
    let bulls = rows.iter().filter(|m| m.sentiment == Sentiment::Bullish).count();
    let bears = rows.len() - bulls;
    let enough = rows.len() >= rules.consensus_min_comments as usize
        && distinct_users(rows.iter().copied()) >= rules.consensus_min_users as usize;
    if rows.is_empty() || !enough {
        return None;
    }
    let alignment = ratio(bulls.max(bears), rows.len());
    if alignment < rules.consensus_min_alignment - EPSILON || bulls == bears {
        return None;
    }
    let direction = if bulls > bears {
        Sentiment::Bullish
    } else {
        Sentiment::Bearish
    };
    let (volume, align) = (share(rows.len(), rules.consensus_min_comments), above(alignment, rules));
    Some(signal(SignalType::Consensus, direction, &rows, rules, volume, align))
}

/// `min(1, count / (3 x least))`.
fn share(count: usize, least: u32) -> f64 {
    ratio(count, (least as usize * 3).max(1)).min(1.0)
}

/// How far the alignment lies above its threshold, `0..=1`.
fn above(alignment: f64, rules: &SignalRules) -> f64 {
    let room = 1.0 - rules.consensus_min_alignment;
    if room <= EPSILON {
        1.0
    } else {
        ((alignment - rules.consensus_min_alignment) / room).clamp(0.0, 1.0)
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1);
    let sum: f64 = values.sum();
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
    let mean = sum / count as f64;
    mean
}

fn signal(
    kind: SignalType,
    direction: Sentiment,
    rows: &[&Mention],
    rules: &SignalRules,
    volume: f64,
    align: f64,
) -> Signal {
    let ai = mean(rows.iter().map(|m| m.ai_confidence));
    let trust = mean(rows.iter().map(|m| m.author_trust.unwrap_or(DEFAULT_TRUST)));
    let confidence = rules.weight_volume * volume
        + rules.weight_alignment * align
        + rules.weight_ai_confidence * ai
        + rules.weight_author_trust * trust;
    Signal {
        kind,
        direction,
        confidence: confidence.clamp(0.0, 1.0),
        sentiment_score: mean(rows.iter().map(|m| m.sentiment.sign() * m.ai_confidence)).clamp(-1.0, 1.0),
        has_reasoning: rows.iter().any(|m| m.has_reasoning),
        distinct_users: distinct_users(rows.iter().copied()),
        comment_ids: rows.iter().map(|m| m.comment_id).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Sentiment::{Bearish, Bullish, Neutral};

    fn rules() -> SignalRules {
        SignalRules {
            quality_min_users: 2,
            quality_min_confidence: 0.6,
            consensus_min_comments: 30,
            consensus_min_users: 8,
            consensus_min_alignment: 0.7,
            weight_volume: 0.25,
            weight_alignment: 0.25,
            weight_ai_confidence: 0.30,
            weight_author_trust: 0.20,
        }
    }

    fn argued(author: &str, sentiment: Sentiment, ai_confidence: f64) -> Mention {
        Mention {
            comment_id: 1,
            author: author.to_owned(),
            sentiment,
            has_reasoning: true,
            sarcasm: false,
            ai_confidence,
            author_trust: Some(0.5),
        }
    }

    fn crowd(bulls: usize, bears: usize, ai_confidence: f64) -> Vec<Mention> {
        (0..bulls + bears)
            .map(|i| Mention {
                comment_id: i64::try_from(i).unwrap(),
                has_reasoning: false,
                ..argued(
                    &format!("user{}", i % 10),
                    if i < bulls { Bullish } else { Bearish },
                    ai_confidence,
                )
            })
            .collect()
    }

    fn only(signals: &[Signal]) -> &Signal {
        assert_eq!(signals.len(), 1, "{signals:?}");
        &signals[0]
    }

    fn rounded(value: f64) -> f64 {
        (value * 10_000.0).round() / 10_000.0
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "rounded to four digits")]
    fn the_vectors_of_the_quality_confidence_hold() {
        let four: Vec<_> = (0..4).map(|i| argued(&i.to_string(), Bullish, 0.8)).collect();
        let signals = detect(&four, &rules());
        assert_eq!(rounded(only(&signals).confidence), 0.7567);
        let signals = detect(&four[..2], &rules());
        assert_eq!(rounded(only(&signals).confidence), 0.6733);
        assert_eq!(only(&signals).kind, SignalType::Quality);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "rounded to four digits")]
    fn the_vectors_of_the_consensus_confidence_hold() {
        // 45 rows at an alignment of 38.25/45 = 0.85 do not exist as counts: 17 of 20 three times over, less 15.
        let mut sixty = crowd(51, 9, 0.7);
        let signals = detect(&sixty, &rules());
        let at_60 = 0.25 * (60.0 / 90.0) + 0.25 * 0.5 + 0.30 * 0.7 + 0.20 * 0.5;
        assert_eq!(rounded(only(&signals).confidence), rounded(at_60));
        sixty.truncate(0);
        let base = rules();
        let at_45 = signal(
            SignalType::Consensus,
            Bullish,
            &crowd(45, 0, 0.7).iter().collect::<Vec<_>>(),
            &base,
            share(45, 30),
            above(0.85, &base),
        );
        assert_eq!(rounded(at_45.confidence), 0.5600);
        let barely = detect(&crowd(21, 9, 0.6), &base);
        assert_eq!(rounded(only(&barely).confidence), 0.3633);
        assert_eq!(only(&barely).kind, SignalType::Consensus);
    }

    #[test]
    fn one_dissenter_or_a_neutral_row_blocks_quality() {
        let agreed = vec![argued("a", Bearish, 0.9), argued("b", Bearish, 0.9)];
        assert_eq!(only(&detect(&agreed, &rules())).direction, Bearish);
        for spoiler in [Bullish, Neutral] {
            let mut rows = agreed.clone();
            rows.push(argued("c", spoiler, 0.9));
            assert!(detect(&rows, &rules()).is_empty(), "{spoiler:?}");
        }
        let mut sarcastic = agreed;
        sarcastic.push(Mention {
            sarcasm: true,
            ..argued("c", Bullish, 0.9)
        });
        assert_eq!(detect(&sarcastic, &rules()).len(), 1);
    }

    #[test]
    fn neutral_rows_alone_make_no_signal() {
        assert!(detect(&[argued("a", Neutral, 0.9), argued("b", Neutral, 0.9)], &rules()).is_empty());
        assert!(detect(&[], &rules()).is_empty());
    }

    #[test]
    fn one_user_with_many_comments_is_not_two() {
        assert!(detect(&[argued("a", Bullish, 0.9), argued("a", Bullish, 0.9)], &rules()).is_empty());
        let unknown = vec![argued("a", Bullish, 0.9), argued(UNKNOWN_AUTHOR, Bullish, 0.9)];
        assert!(detect(&unknown, &rules()).is_empty());
    }

    #[test]
    fn a_confidence_exactly_at_the_threshold_counts() {
        let at = 0.1 + 0.2 + 0.3; // 0.6000000000000001 or a hair below, never an excuse
        let rows = vec![argued("a", Bullish, at - 1e-10), argued("b", Bullish, 0.6)];
        assert_eq!(detect(&rows, &rules()).len(), 1);
        let below = vec![argued("a", Bullish, 0.599), argued("b", Bullish, 0.6)];
        assert!(detect(&below, &rules()).is_empty());
    }

    #[test]
    fn consensus_needs_comments_users_and_alignment() {
        assert!(detect(&crowd(20, 9, 0.6), &rules()).is_empty(), "29 comments");
        assert!(detect(&crowd(20, 10, 0.6), &rules()).is_empty(), "two thirds");
        let seven: Vec<_> = crowd(30, 0, 0.6)
            .into_iter()
            .map(|m| Mention {
                author: format!("user{}", m.comment_id % 7),
                ..m
            })
            .collect();
        assert!(detect(&seven, &rules()).is_empty(), "7 users");
        assert_eq!(only(&detect(&crowd(9, 21, 0.6), &rules())).direction, Bearish);
    }

    #[test]
    fn both_kinds_may_fire_in_opposite_directions() {
        let mut rows = crowd(40, 0, 0.6);
        rows.extend([argued("x", Bearish, 0.9), argued("y", Bearish, 0.9)]);
        let signals = detect(&rows, &rules());
        assert_eq!(signals.len(), 2);
        assert_eq!((signals[0].direction, signals[1].direction), (Bearish, Bullish));
    }

    #[test]
    fn a_perfect_alignment_threshold_divides_by_nothing() {
        let strict = SignalRules {
            consensus_min_alignment: 1.0,
            ..rules()
        };
        assert!(only(&detect(&crowd(30, 0, 0.6), &strict)).confidence.is_finite());
    }

    proptest! {
        #[test]
        fn confidence_and_score_stay_in_range_whatever_the_rows(
            rows in proptest::collection::vec((0_u8..3, 0_u8..20, any::<bool>(), any::<bool>(), 0.0..=1.0_f64, proptest::option::of(0.0..=1.0_f64)), 0..120)
        ) {
            let mentions: Vec<_> = rows.iter().enumerate().map(|(i, (s, author, reasoning, sarcasm, ai, trust))| Mention {
                comment_id: i64::try_from(i).unwrap(),
                author: format!("u{author}"),
                sentiment: [Bullish, Bearish, Neutral][usize::from(*s)],
                has_reasoning: *reasoning,
                sarcasm: *sarcasm,
                ai_confidence: *ai,
                author_trust: *trust,
            }).collect();
            let signals = detect(&mentions, &rules());
            let mut reversed = mentions.clone();
            reversed.reverse();
            prop_assert_eq!(detect(&reversed, &rules()).len(), signals.len());
            for signal in signals {
                prop_assert!((0.0..=1.0).contains(&signal.confidence));
                prop_assert!((-1.0..=1.0).contains(&signal.sentiment_score));
                prop_assert_ne!(signal.direction, Neutral);
            }
        }
    }
}
