//! Which comments are worth annotating: the priority score of phase 2.
//!
//! `priority = max(0, 0.4 financial + 0.3 author trust + 0.3 engagement - depth penalty)`, every part in `0..=1`.

/// Weights of the parts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PriorityRules {
    /// Weight of the financial score.
    pub weight_financial: f64,
    /// Weight of the author's trust.
    pub weight_trust: f64,
    /// Weight of the engagement.
    pub weight_engagement: f64,
}

impl Default for PriorityRules {
    fn default() -> Self {
        Self {
            weight_financial: 0.4,
            weight_trust: 0.3,
            weight_engagement: 0.3,
        }
    }
}

/// The vocabulary, longest term first so that a long term is never taken for a short one; lower case.
const VOCABULARY: [&str; 19] = [
    "implied volatility",
    "due diligence",
    "market cap",
    "earnings",
    "options",
    "revenue",
    "squeeze",
    "strike",
    "expiry",
    "calls",
    "short",
    "gamma",
    "theta",
    "delta",
    "puts",
    "long",
    "p/e",
    "dd",
    "iv",
];

/// `min(1, hits / words x 10)`; 0 for an empty text.
///
/// A hit is an occurrence of a term, in any case, that touches no letter, digit or underscore; hits do not overlap
/// and a term of two words is one hit. Words are separated by white space.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub fn financial_score(body: &str) -> f64 {
    let words = body.split_whitespace().count();
    if words == 0 {
        return 0.0;
    }
    (keyword_hits(body) as f64 / words as f64 * 10.0).min(1.0)
}

fn keyword_hits(body: &str) -> usize {
    let bytes = body.as_bytes();
    let (mut hits, mut at, mut free) = (0, 0, true);
    while at < bytes.len() {
        if free && let Some(length) = term_at(body, at) {
            hits += 1;
            at += length;
            free = false;
            continue;
        }
        let Some(letter) = body[at..].chars().next() else { break };
        free = !is_word(letter);
        at += letter.len_utf8();
    }
    hits
}

/// Length of the longest term that stands at `at` and ends before something else than a word character.
fn term_at(body: &str, at: usize) -> Option<usize> {
    let rest = &body.as_bytes()[at..];
    VOCABULARY
        .iter()
        .map(|term| term.len())
        .zip(VOCABULARY)
        .find_map(|(length, term)| {
            let fits = rest.len() >= length && rest[..length].eq_ignore_ascii_case(term.as_bytes());
            (fits && !body[at + length..].chars().next().is_some_and(is_word)).then_some(length)
        })
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// `ln(max(score, 0) + 1) x direct replies`.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "scores stay far below 2^52")]
pub fn raw_engagement(score: i64, direct_replies: u32) -> f64 {
    (score.max(0) as f64 + 1.0).ln() * f64::from(direct_replies)
}

/// Smallest and largest raw engagement of a run.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct EngagementRange {
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

impl EngagementRange {
    /// The range of one value.
    #[must_use]
    pub const fn of(value: f64) -> Self {
        Self { min: value, max: value }
    }

    /// The range of both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// Min-max normalised to `0..=1`; 0 when the range is a point.
    #[must_use]
    pub fn normalise(self, raw: f64) -> f64 {
        let width = self.max - self.min;
        if width > 0.0 {
            ((raw - self.min) / width).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

/// `min(0.3, 0.05 x depth)`.
#[must_use]
pub fn depth_penalty(depth: u32) -> f64 {
    (0.05 * f64::from(depth)).min(0.3)
}

impl PriorityRules {
    /// The priority score; see the module.
    #[must_use]
    pub fn score(&self, financial: f64, trust: f64, engagement: f64, depth: u32) -> f64 {
        let gain = self.weight_financial * financial + self.weight_trust * trust + self.weight_engagement * engagement;
        (gain - depth_penalty(depth)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn a_hit_counts_once_in_any_case_and_only_as_a_whole_word() {
        assert_eq!(keyword_hits("Calls, PUTS and options"), 3);
        assert_eq!(keyword_hits("implied volatility"), 1);
        assert_eq!(keyword_hits("IV crush, the P/E!"), 2);
        assert_eq!(keyword_hits("DD due diligence dd"), 3);
        assert_eq!(
            keyword_hits("callsign shorts _long long_ longer recalls deltas 2dd dd2"),
            0
        );
        assert_eq!(keyword_hits("élong long\u{e9} 长long"), 0);
        assert_eq!(keyword_hits("long/short long-short"), 4);
        assert_eq!(keyword_hits("moon tendies yolo rocket"), 0);
    }

    #[test]
    fn the_financial_score_is_ten_hits_per_word_capped_at_one() {
        assert!(close(financial_score(""), 0.0));
        assert!(close(financial_score("   \n"), 0.0));
        let twenty = "calls a b c d e f g h i j k l m n o p q r s";
        assert!(close(financial_score(twenty), 0.5));
        assert!(close(financial_score("calls puts"), 1.0));
    }

    #[test]
    fn engagement_needs_replies_and_ignores_negative_scores() {
        assert!(close(raw_engagement(100, 0), 0.0));
        assert!(close(raw_engagement(-5, 3), 0.0));
        assert!(close(raw_engagement(9, 2), 10_f64.ln() * 2.0));
    }

    #[test]
    fn a_run_in_which_all_are_alike_has_no_engagement() {
        assert!(close(EngagementRange::of(3.0).normalise(3.0), 0.0));
        let range = EngagementRange::of(1.0).union(EngagementRange::of(5.0));
        assert!(close(range.normalise(3.0), 0.5));
    }

    #[test]
    fn the_penalty_of_depth_ends_at_three_tenths() {
        assert!(close(depth_penalty(0), 0.0));
        assert!(close(depth_penalty(3), 0.15));
        assert!(close(depth_penalty(40), 0.3));
    }

    #[test]
    fn the_score_weighs_its_parts_and_never_falls_below_zero() {
        assert!(close(PriorityRules::default().score(1.0, 0.5, 1.0, 0), 0.85));
        assert!(close(PriorityRules::default().score(0.0, 0.5, 0.0, 2), 0.05));
        assert!(close(PriorityRules::default().score(0.0, 0.0, 0.0, 9), 0.0));
    }

    proptest! {
        #[test]
        fn every_score_lies_in_the_unit_interval(body in ".{0,200}", trust in 0.0..=1.0_f64, engagement in 0.0..=1.0_f64, depth in 0_u32..50) {
            let financial = financial_score(&body);
            prop_assert!((0.0..=1.0).contains(&financial));
            prop_assert!((0.0..=1.0).contains(&PriorityRules::default().score(financial, trust, engagement, depth)));
        }

        #[test]
        fn a_term_between_blanks_is_found_wherever_it_stands(before in "[a-z]{0,5}", after in "[a-z]{0,5}", index in 0_usize..19) {
            let plain = keyword_hits(&format!("{before} {after}"));
            let with = keyword_hits(&format!("{before} {} {after}", VOCABULARY[index].to_uppercase()));
            prop_assert_eq!(with, plain + 1);
        }
    }
}
