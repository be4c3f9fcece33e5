//! The linear model that turns features into a stance.
//!
//! `weights.tsv` holds one row per feature: its name and its weight for bullish, bearish and neutral. They are fitted
//! by `make lexicon` as a multinomial logistic regression (L2, balanced classes) on labelled posts of the forum over the
//! features of this folder. Rows that barely move a decision are dropped. Invariant: the same text always gets the same
//! scores; unknown features count for nothing.

use std::collections::HashMap;

use super::feature::Feature;
use crate::market::annotation::Sentiment;

/// Weights by feature.
#[derive(Debug, Default)]
pub(super) struct Model {
    named: Weights,
    starts: Weights,
    ends: Weights,
}

type Weights = HashMap<&'static str, [f32; 3]>;

/// What the model thinks of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    /// The likeliest stance.
    pub sentiment: Sentiment,
    /// Its probability, `1/3..=1`.
    pub probability: f32,
}

impl Verdict {
    /// Without a doubt.
    pub const fn certain(sentiment: Sentiment) -> Self {
        Self {
            sentiment,
            probability: 1.0,
        }
    }
}

/// The stances, in the order of the columns of `weights.tsv`.
pub const CLASSES: [Sentiment; 3] = [Sentiment::Bullish, Sentiment::Bearish, Sentiment::Neutral];

/// The row every text gets.
const INTERCEPT: &str = "#intercept";

impl Model {
    /// Reads the data file.
    pub fn new() -> Self {
        let mut model = Self::default();
        let lines = include_str!("weights.tsv").lines();
        for (feature, weights) in lines.filter(|line| !line.starts_with("# ")).filter_map(read_row) {
            let (name, table) = match feature {
                Feature::Named(name) => (name, &mut model.named),
                Feature::Start(letters) => (letters, &mut model.starts),
                Feature::End(letters) => (letters, &mut model.ends),
            };
            table.insert(name, weights);
        }
        model
    }

    /// Scores the features that `visit_all` hands over.
    pub fn judge(&self, visit_all: impl FnOnce(&mut dyn FnMut(Feature, f32))) -> Verdict {
        let mut scores = self.named.get(INTERCEPT).copied().unwrap_or_default();
        visit_all(&mut |feature, value| {
            if let Some(weights) = self.weights(feature) {
                for (score, weight) in scores.iter_mut().zip(weights) {
                    *score += weight * value;
                }
            }
        });
        verdict(scores)
    }

    fn weights(&self, feature: Feature) -> Option<&[f32; 3]> {
        match feature {
            Feature::Named(name) => self.named.get(name),
            Feature::Start(letters) => self.starts.get(letters),
            Feature::End(letters) => self.ends.get(letters),
        }
    }
}

fn read_row(line: &'static str) -> Option<(Feature<'static>, [f32; 3])> {
    let mut fields = line.split('\t');
    let feature = Feature::parse(fields.next()?);
    let mut weight = || fields.next()?.parse().ok();
    Some((feature, [weight()?, weight()?, weight()?]))
}

fn verdict(scores: [f32; 3]) -> Verdict {
    let mut best = 2;
    for class in [0, 1] {
        if scores[class] > scores[best] {
            best = class;
        }
    }
    let total: f32 = scores.iter().map(|score| (score - scores[best]).exp()).sum();
    Verdict {
        sentiment: CLASSES[best],
        probability: 1.0 / total,
    }
}

#[cfg(test)]
mod tests {
    use super::{Feature, INTERCEPT, Model, Sentiment, verdict};

    #[test]
    fn the_highest_score_wins_and_a_tie_is_neutral() {
        assert_eq!(verdict([2.0, 1.0, 0.0]).sentiment, Sentiment::Bullish);
        assert_eq!(verdict([0.0, 1.0, 0.5]).sentiment, Sentiment::Bearish);
        assert_eq!(verdict([1.0, 1.0, 1.0]).sentiment, Sentiment::Neutral);
        assert!((verdict([0.0; 3]).probability - 1.0 / 3.0).abs() < 1e-6);
    }

    #[test]
    fn every_row_of_the_file_is_read() {
        let model = Model::new();
        let rows = include_str!("weights.tsv")
            .lines()
            .filter(|line| !line.starts_with("# "))
            .count();
        assert_eq!(model.named.len() + model.starts.len() + model.ends.len(), rows);
        assert!(model.named.contains_key(INTERCEPT));
        assert!(!model.starts.is_empty() && !model.ends.is_empty());
    }

    #[test]
    fn unknown_features_count_for_nothing() {
        let model = Model::new();
        let silent = model.judge(|_| {});
        assert_eq!(
            model.judge(|visit| visit(Feature::Named("no such feature"), 9.0)),
            silent
        );
    }
}
