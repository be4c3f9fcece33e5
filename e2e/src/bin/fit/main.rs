//! `make lexicon`: fits the weights of the built-in annotator anew, and says what they are worth.
//!
//! Texts come from files that are no part of the project: one JSON object a line with `id`, `text` (or `body`, as dumps
//! have it) and, where somebody labelled it, `label`. Our own readings of such texts are: `e2e/lexicon/readings.tsv`.
//! Every figure is a macro-F1 by five-fold cross-validation: no text is judged by weights that have seen it.
#![expect(clippy::cast_precision_loss, reason = "counts of texts")]

mod folds;
mod readings;
mod regression;
mod score;
mod table;
mod texts;
mod vocabulary;

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Parser;

use readings::Readings;
use texts::Texts;

/// Fits the weights of the built-in annotator to labelled texts, after judging them by cross-validation.
#[derive(Debug, Parser)]
struct Args {
    /// Readings of the texts: lines of id, stance and confidence (1 to 3), divided by tabs.
    #[arg(long)]
    readings: PathBuf,
    /// Parts of words that nothing is to be learned from, one a line.
    #[arg(long)]
    unused: PathBuf,
    /// Where the weights go.
    #[arg(long)]
    write: PathBuf,
    /// Rounds of cross-validation, each with folds of its own.
    #[arg(long, default_value_t = 5)]
    rounds: u64,
    /// Files of texts.
    #[arg(required = true)]
    texts: Vec<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let readings = Readings::read(&args.readings)?;
    let unused = std::fs::read_to_string(&args.unused).with_context(|| args.unused.display().to_string())?;
    let unused: Vec<_> = unused.lines().map(str::trim).filter(|part| !part.is_empty()).collect();
    let texts = Texts::read(&args.texts, &readings)?;
    anyhow::ensure!(
        !texts.list.is_empty(),
        "none of these texts has a label or a reading: expected JSON lines with id and text, and ids of {}",
        args.readings.display()
    );
    anyhow::ensure!(
        texts.has_every_class(),
        "these texts do not speak of all three stances: nothing can be told from what is never seen"
    );
    println!("{texts}");
    for line in folds::judge(&texts, &unused, args.rounds) {
        println!("{line}");
    }
    let everything: Vec<_> = texts.list.iter().collect();
    let rows = table::write(&args.write, &vocabulary::fit(&everything, &unused))?;
    println!("{}: {rows} rows", args.write.display());
    Ok(())
}
