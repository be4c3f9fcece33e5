//! The run of one day among many: a single bar on a terminal, which gives way to the line that tells its end.

use std::io::{self, IsTerminal as _};

use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};

use super::{Change, Screen, has_ended};
use crate::failure::Failure;

/// A bar on standard error; nothing where that is no terminal.
#[derive(Debug)]
pub struct DayBar(ProgressBar);

impl DayBar {
    /// For the run of that day.
    #[must_use]
    pub fn new(day: NaiveDate) -> Self {
        let bar = if io::stderr().is_terminal() {
            ProgressBar::new(100)
        } else {
            ProgressBar::hidden()
        };
        let style = ProgressStyle::with_template("  {prefix} {bar:32.cyan/blue} {percent:>3} %  {msg}");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(bar.with_style(style.progress_chars("=> ")).with_prefix(day.to_string()))
    }
}

impl Screen for DayBar {
    fn show(&mut self, change: &Change) -> Result<(), Failure> {
        let run = &change.run;
        self.0.set_position(u64::try_from(run.progress_percent).unwrap_or(0));
        self.0
            .set_message(run.phase_label.clone().unwrap_or_else(|| run.status.to_string()));
        if has_ended(run.status) {
            self.0.finish_and_clear();
        }
        Ok(())
    }
}
