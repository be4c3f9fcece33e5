//! Progress as plain lines, where there is no terminal.

use std::io::Write;

use super::news::News;
use super::{Change, Screen};
use crate::failure::Failure;

/// Percent between two lines about progress.
const STEP: i64 = 10;

/// Plain lines.
#[derive(Debug)]
pub struct Lines<W> {
    out: W,
    news: News,
    percent: i64,
}

impl<W: Write> Lines<W> {
    /// Lines go to `out`.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            out,
            news: News::default(),
            percent: 0,
        }
    }

    fn progress(&mut self, change: &Change) -> Option<String> {
        let run = &change.run;
        if run.progress_percent < self.percent + STEP || super::has_ended(run.status) {
            return None;
        }
        self.percent = run.progress_percent;
        let units = run
            .progress_current
            .zip(run.progress_total)
            .filter(|(_, total)| *total > 0);
        let units = units.map_or_else(String::new, |(done, total)| format!(" {done}/{total}"));
        let label = run.phase_label.as_deref().unwrap_or_default();
        Some(format!("{:>6} %  {label}{units}", run.progress_percent))
    }
}

impl<W: Write> Screen for Lines<W> {
    fn show(&mut self, change: &Change) -> Result<(), Failure> {
        let told = self.news.of(change).into_iter().map(|item| item.line);
        let lines: Vec<_> = told.chain(self.progress(change)).collect();
        for line in lines {
            writeln!(self.out, "{}", line.trim_end()).map_err(Failure::Output)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn progress_is_told_in_steps() {
        let mut lines = Lines::new(Vec::new());
        for percent in [5, 9, 12, 20, 22, 99] {
            let mut change = samples::change(percent);
            change.events.clear();
            change.run.phases.clear();
            lines.show(&change).expect("a line");
        }
        let text = String::from_utf8(lines.out).expect("text");
        assert_eq!(
            text,
            "    12 %  Phase 2 3/12\n    22 %  Phase 2 3/12\n    99 %  Phase 2 3/12\n"
        );
    }
}
