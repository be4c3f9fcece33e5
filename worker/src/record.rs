//! `analyze-worker record`: writes what a source would answer into a folder that `recorded:DIR` reads.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use shared::sources::sample::{self, RecordError, SAMPLE_SEED};

/// What to record, and where.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The folder; made if it is not there, added to if it is.
    #[arg(long)]
    dir: PathBuf,
    /// The first day.
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// The last day.
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// Whose answers.
    #[arg(long, value_enum, default_value_t = RecordSource::Sample)]
    source: RecordSource,
}

/// A source that can be recorded.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum RecordSource {
    /// The synthetic market.
    Sample,
}

/// Records, and says in one line what was written.
///
/// # Errors
/// [`RecordError`] when there is nothing to record, or a file cannot be written.
pub fn record(args: &RecordArgs) -> Result<String, RecordError> {
    let recorded = match args.source {
        RecordSource::Sample => sample::record(SAMPLE_SEED, &args.dir, args.from, args.to)?,
    };
    let (days, files, dir) = (recorded.days, recorded.files, args.dir.display());
    Ok(format!(
        "{days} trading days of synthetic prices in {files} files: {dir}"
    ))
}
