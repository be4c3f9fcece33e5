//! How well classes are found.

/// The mean of the classes' F1 scores (each `2 tp / (2 tp + fp + fn)`) over pairs of the true and the found class.
pub(crate) fn macro_f1(pairs: &[(usize, usize)]) -> f64 {
    let f1 = |class: usize| {
        let hits = pairs.iter().filter(|pair| **pair == (class, class)).count();
        let named = pairs.iter().filter(|(_, found)| *found == class).count();
        let true_ones = pairs.iter().filter(|(label, _)| *label == class).count();
        2.0 * hits as f64 / ((named + true_ones) as f64).max(1.0)
    };
    (0..3).map(f1).sum::<f64>() / 3.0
}

#[cfg(test)]
mod tests {
    use super::macro_f1;

    #[test]
    fn every_class_counts_the_same() {
        assert!((macro_f1(&[(0, 0), (1, 1), (2, 2)]) - 1.0).abs() < 1e-12);
        // Class 0: 2 of 2 found and one too many, 0.8; class 1: none, 0; class 2: all, 1.
        assert!((macro_f1(&[(0, 0), (0, 0), (1, 0), (2, 2)]) - 0.6).abs() < 1e-12);
    }
}
