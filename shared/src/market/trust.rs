//! How far an author is trusted, and what trust is made of: quality, accuracy and tenure.
//!
//! `trust = round3(clamp(0.40 quality + 0.50 accuracy + 0.10 tenure))`, the weights from `system_config`. Quality is
//! the share of comments that argue, accuracy a moving average over resolved predictions, tenure the days since the
//! author was first seen. An author who is not in the table counts as 0.5 elsewhere; a row without any history comes to
//! 0.25 here.
//!
//! Pure: the trust phase gathers the numbers and stores the results in one transaction. These are scores, doubles.

/// Characters at which the length of a comment counts in full.
const FULL_LENGTH: usize = 500;
/// Rounding forgives a double that fell just below a half.
const ROUNDING_SLACK: f64 = 1e-9;

/// Weights of trust, from `system_config`; the default holds the seeded values.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustRules {
    /// Weight of the share of comments that argue.
    pub weight_quality: f64,
    /// Weight of the accuracy of predictions.
    pub weight_accuracy: f64,
    /// Weight of the time an author has been known.
    pub weight_tenure: f64,
    /// Accuracy of an author without a resolved prediction, and trust of an author without a row.
    pub default_accuracy: f64,
    /// Days after which tenure counts in full, above zero.
    pub tenure_saturation_days: u32,
    /// Weight of the newest prediction in the moving average, `0..=1`.
    pub accuracy_ema_weight: f64,
}

impl Default for TrustRules {
    fn default() -> Self {
        Self {
            weight_quality: 0.40,
            weight_accuracy: 0.50,
            weight_tenure: 0.10,
            default_accuracy: 0.50,
            tenure_saturation_days: 30,
            accuracy_ema_weight: 0.30,
        }
    }
}

/// What trust is computed from, after this run's comments and predictions were added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuthorRecord {
    /// Comments annotated so far.
    pub total_comments: i64,
    /// Those of them that argue.
    pub high_quality_comments: i64,
    /// Moving average over resolved predictions, `0..=1`; `None` before the first.
    pub accuracy: Option<f64>,
    /// Whole days since the author was first seen.
    pub days_known: i64,
}

/// What a person decided about a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Override {
    /// It was right.
    Correct,
    /// It was wrong.
    Incorrect,
    /// It does not count.
    Excluded,
}

impl Override {
    /// Persisted name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Incorrect => "incorrect",
            Self::Excluded => "excluded",
        }
    }

    /// The decision of a persisted name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Correct, Self::Incorrect, Self::Excluded]
            .into_iter()
            .find(|verdict| verdict.as_str() == text)
    }
}

/// Conviction of a comment, `0..=1`: `0.20 length + 0.20 reasoning + 0.60 confidence`, the length in Unicode
/// characters of the body over 500.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "at most 500")]
pub fn conviction(body: &str, has_reasoning: bool, ai_confidence: f64) -> f64 {
    let length = body.chars().take(FULL_LENGTH).count() as f64 / FULL_LENGTH as f64;
    0.20 * length + 0.20 * f64::from(u8::from(has_reasoning)) + 0.60 * ai_confidence
}

/// The mean after more values: `(old x old_count + sum) / (old_count + count)`; `None` counts as 0, and without any
/// value the mean stays.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub fn running_mean(old: Option<f64>, old_count: i64, sum: f64, count: i64) -> Option<f64> {
    let total = old_count + count;
    if total <= 0 {
        return old;
    }
    Some((old.unwrap_or(0.0) * old_count as f64 + sum) / total as f64)
}

/// Whether a resolved prediction counts as correct: a person's decision wins; `None` when it does not count.
#[must_use]
pub const fn verdict(is_correct: bool, decided: Option<Override>) -> Option<bool> {
    match decided {
        None => Some(is_correct),
        Some(Override::Correct) => Some(true),
        Some(Override::Incorrect) => Some(false),
        Some(Override::Excluded) => None,
    }
}

/// The accuracy after more verdicts, applied one by one in their order: the first ever is taken as it is, each later
/// one with `(1 - a) old + a new`.
#[must_use]
pub fn accuracy_after(old: Option<f64>, verdicts: impl IntoIterator<Item = bool>, rules: &TrustRules) -> Option<f64> {
    let weight = rules.accuracy_ema_weight;
    verdicts.into_iter().fold(old, |old, correct| {
        let new = f64::from(u8::from(correct));
        Some(old.map_or(new, |old| (1.0 - weight) * old + weight * new))
    })
}

/// The trust in an author, `0..=1`, three digits after the point; see the module.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub fn trust(author: &AuthorRecord, rules: &TrustRules) -> f64 {
    let quality = author.high_quality_comments as f64 / author.total_comments.max(1) as f64;
    let accuracy = author.accuracy.unwrap_or(rules.default_accuracy);
    let tenure = author.days_known.max(0) as f64 / f64::from(rules.tenure_saturation_days.max(1));
    let trust =
        rules.weight_quality * quality + rules.weight_accuracy * accuracy + rules.weight_tenure * tenure.min(1.0);
    round3(trust.clamp(0.0, 1.0))
}

/// Three digits after the point, half away from zero.
#[must_use]
pub fn round3(value: f64) -> f64 {
    (value.abs() * 1000.0 + ROUNDING_SLACK).round().copysign(value) / 1000.0
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "rounded, or exact in binary")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn author(high_quality_comments: i64, total_comments: i64, accuracy: Option<f64>, days_known: i64) -> AuthorRecord {
        AuthorRecord {
            total_comments,
            high_quality_comments,
            accuracy,
            days_known,
        }
    }

    #[test]
    fn the_vectors_of_trust_hold() {
        for (record, expected) in [
            (author(1, 1, None, 0), 0.65),
            (author(18, 23, Some(0.68), 45), 0.753),
            (author(5, 45, Some(0.32), 60), 0.304),
            (author(0, 0, None, 0), 0.25),
        ] {
            assert_eq!(trust(&record, &TrustRules::default()), expected, "{record:?}");
        }
    }

    #[test]
    fn tenure_grows_by_the_day_until_it_is_full() {
        for (days, expected) in [(-1, 0.25), (3, 0.26), (15, 0.30), (30, 0.35), (400, 0.35)] {
            assert_eq!(
                trust(&author(0, 0, None, days), &TrustRules::default()),
                expected,
                "{days}"
            );
        }
    }

    #[test]
    fn halves_are_rounded_away_from_zero_whatever_the_double_made_of_them() {
        for (value, expected) in [
            (0.6525, 0.653),
            (0.0005, 0.001),
            (-0.0005, -0.001),
            (0.1234, 0.123),
            (1.0, 1.0),
        ] {
            assert_eq!(round3(value), expected, "{value}");
        }
        let record = author(0, 4, Some(0.145), 3); // 0.0825 exactly, a hair less as a double
        assert_eq!(trust(&record, &TrustRules::default()), 0.083);
    }

    #[test]
    fn three_correct_predictions_move_the_accuracy_step_by_step() {
        let rules = TrustRules::default();
        let mut accuracy = Some(0.5);
        for expected in [0.65, 0.755, 0.8285] {
            accuracy = accuracy_after(accuracy, [true], &rules);
            assert!((accuracy.unwrap() - expected).abs() < 1e-12, "{accuracy:?}");
        }
        assert_eq!(accuracy_after(Some(0.5), [true, true, true], &rules), accuracy);
        assert_eq!(accuracy_after(Some(1.0), [false], &rules), Some(0.7));
    }

    #[test]
    fn the_first_verdict_is_taken_as_it_is() {
        let rules = TrustRules::default();
        assert_eq!(accuracy_after(None, [true], &rules), Some(1.0));
        assert_eq!(accuracy_after(None, [false], &rules), Some(0.0));
        assert_eq!(accuracy_after(None, [], &rules), None);
    }

    #[test]
    fn a_decision_of_a_person_wins() {
        assert_eq!(verdict(false, None), Some(false));
        assert_eq!(verdict(false, Override::parse("correct")), Some(true));
        assert_eq!(verdict(true, Override::parse("incorrect")), Some(false));
        assert_eq!(verdict(true, Override::parse("excluded")), None);
        assert_eq!(Override::parse("maybe"), None);
    }

    #[test]
    fn conviction_weighs_length_reasoning_and_confidence() {
        assert_eq!(conviction("", false, 0.0), 0.0);
        assert!((conviction(&"é".repeat(250), true, 0.5) - 0.6).abs() < 1e-12);
        assert!((conviction(&"x".repeat(9000), true, 1.0) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_mean_runs_on_from_what_it_was() {
        assert_eq!(running_mean(None, 0, 1.5, 2), Some(0.75));
        assert_eq!(running_mean(Some(0.5), 2, 2.0, 2), Some(0.75));
        assert_eq!(running_mean(None, 2, 2.0, 2), Some(0.5), "no old mean counts as zero");
        assert_eq!(running_mean(Some(0.5), 0, 0.0, 0), Some(0.5));
    }

    proptest! {
        #[test]
        fn trust_stays_in_the_unit_interval(
            good in 0_i64..1000, more in 0_i64..1000, accuracy in proptest::option::of(0.0..=1.0_f64), days in -5_i64..4000
        ) {
            let trust = trust(&author(good, good + more, accuracy, days), &TrustRules::default());
            prop_assert!((0.0..=1.0).contains(&trust));
        }

        #[test]
        fn accuracy_stays_in_the_unit_interval(verdicts in proptest::collection::vec(any::<bool>(), 1..50)) {
            let accuracy = accuracy_after(None, verdicts, &TrustRules::default()).unwrap();
            prop_assert!((0.0..=1.0).contains(&accuracy));
        }
    }
}
