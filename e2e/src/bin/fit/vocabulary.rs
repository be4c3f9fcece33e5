//! Which features are weighed, and the weights that a set of texts gives them.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::{
    regression::{self, Examples, Row},
    texts::Text,
};

/// The inverse of the penalty.
const C: f64 = 0.2;

/// How much more freely words move than what is made by hand.
const FREEDOM: f64 = 3.0;

/// Fewest texts with a word, and with what is made by hand.
const FEWEST: (usize, usize) = (4, 3);

/// A word that moves no score by as much is left out.
const LEAST_WEIGHT: f64 = 0.15;

/// The name of the row every text gets.
const INTERCEPT: &str = "#intercept";

/// Weights by feature, in the order in which they are written.
pub(crate) type Weights = BTreeMap<String, Row>;

/// The weights that these texts give.
pub(crate) fn fit(texts: &[&Text], unused: &[&str]) -> Weights {
    let names = names(texts, unused);
    let columns: HashMap<&str, usize> = names.iter().enumerate().map(|(at, name)| (*name, at + 1)).collect();
    let mut examples = Examples {
        columns: names.len() + 1,
        ..Examples::default()
    };
    for text in texts {
        let known = |(name, value): &(String, f32)| Some((*columns.get(name.as_str())?, scaled(name, *value)));
        examples
            .features
            .push(text.evidence.features.iter().filter_map(known).collect());
        examples.masses.push(text.mass);
    }
    balance(&mut examples.masses);
    let fitted = regression::fit(&examples, C);
    let rows = names
        .iter()
        .zip(&fitted[1..])
        .map(|(name, row)| ((*name).to_owned(), row.map(|weight| weight * freedom(name))))
        .filter(|(name, row)| is_made_by_hand(name) || row.iter().any(|weight| weight.abs() >= LEAST_WEIGHT));
    rows.chain([(INTERCEPT.to_owned(), fitted[0])]).collect()
}

/// The class that those weights give a text, once plain statements have been heard.
pub(crate) fn judge(weights: &Weights, text: &Text) -> usize {
    let mut scores = weights[INTERCEPT];
    for (name, value) in &text.evidence.features {
        if let Some(row) = weights.get(name) {
            for (score, weight) in scores.iter_mut().zip(row) {
                *score += weight * f64::from(*value);
            }
        }
    }
    let best = (0..3)
        .max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
        .expect("three classes");
    let ruled = text.evidence.ruled[best];
    crate::texts::class_of(ruled.as_str()).expect("a stance")
}

fn names<'a>(texts: &[&'a Text], unused: &[&str]) -> Vec<&'a str> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for text in texts {
        let names: HashSet<_> = text.evidence.features.iter().map(|(name, _)| name.as_str()).collect();
        for name in names {
            *counts.entry(name).or_default() += 1;
        }
    }
    let wanted = |name: &str, count: usize| {
        if is_made_by_hand(name) {
            count >= FEWEST.1
        } else {
            count >= FEWEST.0 && !is_unused(name, unused)
        }
    };
    let mut names: Vec<_> = counts
        .into_iter()
        .filter(|(name, count)| wanted(name, *count))
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    names
}

/// Whether a name is one of the parts, holds one, or is how one starts.
fn is_unused(name: &str, unused: &[&str]) -> bool {
    let start = name.strip_prefix('~');
    unused
        .iter()
        .any(|part| name.contains(part) || start.is_some_and(|start| part.starts_with(start)))
}

/// Every class speaks as loudly as the others.
fn balance(masses: &mut [Row]) {
    let mut sums = [0.0; 3];
    for mass in &*masses {
        for (sum, part) in sums.iter_mut().zip(mass) {
            *sum += part;
        }
    }
    let count = masses.len() as f64;
    for mass in masses {
        for (part, sum) in mass.iter_mut().zip(sums) {
            *part *= count / (3.0 * sum);
        }
    }
}

fn is_made_by_hand(name: &str) -> bool {
    name.starts_with('#')
}

fn freedom(name: &str) -> f64 {
    if is_made_by_hand(name) { 1.0 } else { FREEDOM }
}

fn scaled(name: &str, value: f32) -> f64 {
    f64::from(value) * freedom(name)
}
