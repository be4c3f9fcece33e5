//! The file of weights.

use std::{fmt::Write as _, path::Path};

use anyhow::Context as _;

use crate::vocabulary::Weights;

const HEAD: &str =
    "# feature, weight for bullish, bearish, neutral; multinomial logistic regression, made by 'make lexicon'\n";

/// Writes the weights; yields how many rows there are.
pub(crate) fn write(path: &Path, weights: &Weights) -> anyhow::Result<usize> {
    let mut text = HEAD.to_owned();
    for (name, [bullish, bearish, neutral]) in weights {
        writeln!(text, "{name}\t{bullish:.3}\t{bearish:.3}\t{neutral:.3}")?;
    }
    std::fs::write(path, text).with_context(|| path.display().to_string())?;
    Ok(weights.len())
}
