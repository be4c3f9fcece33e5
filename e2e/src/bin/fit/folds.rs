//! Cross-validation: texts are judged by weights that have not seen them.

use e2e::dice::Dice;

use crate::{score::macro_f1, texts::Texts, vocabulary};

/// Parts of the labelled texts; each is judged by what the others teach.
const FOLDS: usize = 5;

/// The figures, a line each: over all labelled texts, and over those whose label every reading confirms.
pub(crate) fn judge(texts: &Texts, unused: &[&str], rounds: u64) -> Vec<String> {
    let (mut all, mut agreed) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let found = round_of(texts, unused, round);
        let pairs = |only_agreed: bool| -> Vec<_> {
            let labelled = texts.labelled().zip(&found);
            labelled
                .filter(|((text, _), _)| text.agreed || !only_agreed)
                .map(|((_, label), found)| (label, *found))
                .collect()
        };
        all.push(macro_f1(&pairs(false)));
        agreed.push(macro_f1(&pairs(true)));
    }
    let line = |what: &str, figures: &[f64]| {
        let mean = figures.iter().sum::<f64>() / figures.len() as f64;
        format!(
            "macro-F1 over {what}: {mean:.3}, mean of {} rounds {figures:.3?}",
            figures.len()
        )
    };
    vec![
        line("all labelled texts", &all),
        line("those on which every reading agrees", &agreed),
    ]
}

/// The class of each labelled text.
fn round_of(texts: &Texts, unused: &[&str], seed: u64) -> Vec<usize> {
    let labelled: Vec<_> = texts.labelled().collect();
    let folds = folds(&labelled.iter().map(|(_, label)| *label).collect::<Vec<_>>(), seed);
    let mut found = vec![0; labelled.len()];
    for fold in 0..FOLDS {
        let others = labelled.iter().zip(&folds).filter(|(_, at)| **at != fold);
        let known: Vec<_> = others.map(|((text, _), _)| *text).chain(texts.unlabelled()).collect();
        let weights = vocabulary::fit(&known, unused);
        for (at, (text, _)) in labelled.iter().enumerate().filter(|(at, _)| folds[*at] == fold) {
            found[at] = vocabulary::judge(&weights, text);
        }
    }
    found
}

/// The fold of each text: a shuffle in which every fold has its share of each class.
fn folds(labels: &[usize], seed: u64) -> Vec<usize> {
    let mut dice = Dice::new(seed);
    let mut order: Vec<_> = (0..labels.len())
        .map(|at| (labels[at], dice.roll(1 << 31), at))
        .collect();
    order.sort_unstable();
    let mut folds = vec![0; labels.len()];
    for (place, (_, _, at)) in order.into_iter().enumerate() {
        folds[at] = place % FOLDS;
    }
    folds
}

#[cfg(test)]
mod tests {
    use super::folds;

    #[test]
    fn every_fold_has_its_share_of_each_class() {
        let labels: Vec<_> = (0..150).map(|at| usize::from(at % 3 == 0)).collect();
        let folds = folds(&labels, 7);
        for fold in 0..5 {
            let of = |label: usize| (0..150).filter(|&at| folds[at] == fold && labels[at] == label).count();
            assert_eq!((of(1), of(0)), (10, 20));
        }
    }
}
