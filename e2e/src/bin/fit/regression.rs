//! Multinomial logistic regression with an L2 penalty, by accelerated gradient descent.
//!
//! Minimises `sum_i sum_k -m_ik ln p_k(x_i) + |W|^2 / (2 C)` over the weights `W`, where `m_ik` is what speaks for class
//! `k` in example `i`; the first column is the intercept and is not penalised. The method is Nesterov's with a restart
//! whenever the objective rises (`O'Donoghue` and Candes, 2015) and a step found by halving.

/// Weights of one column, one a class.
pub(crate) type Row = [f64; 3];

/// What is fitted to.
#[derive(Debug, Default)]
pub(crate) struct Examples {
    /// Column and value, of each example; the intercept is not among them.
    pub(crate) features: Vec<Vec<(usize, f64)>>,
    /// What speaks for each class, of each example.
    pub(crate) masses: Vec<Row>,
    /// Number of columns with the intercept, which is column 0.
    pub(crate) columns: usize,
}

/// The steepest slope at which the fit has settled.
const SETTLED: f64 = 1e-3;

/// Differences of the objective, as a part of it, that say nothing.
const ROUNDING: f64 = 1e-12;

/// Steps that no fit needs.
const MOST_STEPS: usize = 2_000;

/// The weights that fit best under the penalty's inverse `c`.
pub(crate) fn fit(examples: &Examples, c: f64) -> Vec<Row> {
    let mut weights = vec![[0.0; 3]; examples.columns];
    let mut ahead = weights.clone();
    let (mut rate, mut momentum) = (1.0, 1.0_f64);
    let mut value = objective(examples, &weights, c).0;
    for _ in 0..MOST_STEPS {
        let (here, slope) = objective(examples, &ahead, c);
        if slope.iter().flatten().all(|part| part.abs() <= SETTLED) {
            return ahead;
        }
        let next = loop {
            let next = step(&ahead, &slope, rate);
            let norm: f64 = slope.iter().flatten().map(|part| part * part).sum();
            if objective(examples, &next, c).0 <= here - 0.5 * rate * norm + ROUNDING * here {
                break next;
            }
            rate *= 0.5;
        };
        let reached = objective(examples, &next, c).0;
        if reached > value {
            (ahead, momentum) = (weights.clone(), 1.0);
            continue;
        }
        let grown = f64::midpoint(1.0, (4.0 * momentum).mul_add(momentum, 1.0).sqrt());
        ahead = ahead_of(&weights, &next, (momentum - 1.0) / grown);
        (weights, momentum, value) = (next, grown, reached);
    }
    eprintln!("the fit has not settled after {MOST_STEPS} steps");
    weights
}

/// Scores of one example by class.
pub(crate) fn scores(weights: &[Row], features: &[(usize, f64)]) -> Row {
    let mut scores = weights[0];
    for &(column, value) in features {
        for (score, weight) in scores.iter_mut().zip(weights[column]) {
            *score += weight * value;
        }
    }
    scores
}

/// The objective and its gradient.
fn objective(examples: &Examples, weights: &[Row], c: f64) -> (f64, Vec<Row>) {
    let mut slope: Vec<Row> = weights.iter().map(|row| row.map(|weight| weight / c)).collect();
    slope[0] = [0.0; 3];
    let penalty: f64 = weights[1..].iter().flatten().map(|weight| weight * weight).sum();
    let mut value = penalty / (2.0 * c);
    for (features, mass) in examples.features.iter().zip(&examples.masses) {
        let scores = scores(weights, features);
        let most = scores.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let powers = scores.map(|score| (score - most).exp());
        let total: f64 = powers.iter().sum();
        let all: f64 = mass.iter().sum();
        let mut pull = [0.0; 3];
        for class in 0..3 {
            value -= mass[class] * (scores[class] - most - total.ln());
            pull[class] = all * powers[class] / total - mass[class];
        }
        add(&mut slope[0], pull, 1.0);
        for &(column, x) in features {
            add(&mut slope[column], pull, x);
        }
    }
    (value, slope)
}

fn add(row: &mut Row, pull: Row, by: f64) {
    for (part, pull) in row.iter_mut().zip(pull) {
        *part += pull * by;
    }
}

fn step(from: &[Row], slope: &[Row], rate: f64) -> Vec<Row> {
    let mut next = from.to_vec();
    for (row, slope) in next.iter_mut().zip(slope) {
        add(row, *slope, -rate);
    }
    next
}

fn ahead_of(before: &[Row], now: &[Row], by: f64) -> Vec<Row> {
    let mut ahead = now.to_vec();
    for ((row, now), before) in ahead.iter_mut().zip(now).zip(before) {
        add(row, *now, by);
        add(row, *before, -by);
    }
    ahead
}

#[cfg(test)]
mod tests {
    use super::{Examples, SETTLED, fit, objective, scores};

    fn examples() -> Examples {
        Examples {
            features: vec![vec![(1, 1.0)], vec![(2, 1.0)], vec![(1, 0.5), (2, 0.5)], vec![]],
            masses: vec![[6.0, 0.0, 0.0], [0.0, 6.0, 1.0], [1.0, 1.0, 2.0], [0.0, 0.0, 1.0]],
            columns: 3,
        }
    }

    #[test]
    fn the_gradient_is_that_of_the_objective() {
        let (examples, at) = (examples(), vec![[0.1, -0.2, 0.3], [0.5, 0.0, -0.5], [-0.1, 0.4, 0.2]]);
        let slope = objective(&examples, &at, 0.7).1;
        for column in 0..3 {
            for class in 0..3 {
                let moved = |by: f64| {
                    let mut moved = at.clone();
                    moved[column][class] += by;
                    objective(&examples, &moved, 0.7).0
                };
                let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((difference - slope[column][class]).abs() < 1e-6, "{column} {class}");
            }
        }
    }

    #[test]
    fn nothing_pulls_any_more_where_the_fit_ends() {
        let examples = examples();
        let weights = fit(&examples, 0.7);
        let slope = objective(&examples, &weights, 0.7).1;
        assert!(slope.iter().flatten().all(|part| part.abs() <= SETTLED), "{slope:?}");
        let best = |features: &[(usize, f64)]| {
            let scores = scores(&weights, features);
            (0..3).max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
        };
        assert_eq!((best(&[(1, 1.0)]), best(&[(2, 1.0)])), (Some(0), Some(1)));
    }
}
