//! Progress as bars on a terminal: one a phase, one for the whole run, events and warnings above them.

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::news::News;
use super::{Change, Screen};
use crate::api::types::{Run, RunPhase};
use crate::failure::Failure;
use crate::figures;

/// Bars on standard error.
#[derive(Debug, Default)]
pub struct Bars {
    all: MultiProgress,
    phases: Vec<ProgressBar>,
    whole: Option<ProgressBar>,
    news: News,
}

impl Bars {
    /// Bars for the phases of a run, which are known once a worker has taken it.
    fn set_up(&mut self, run: &Run) {
        if self.whole.is_none() {
            let whole = self
                .all
                .add(ProgressBar::new(100).with_style(style("{percent:>3} %  {msg}")));
            whole.set_prefix(format!("run {}", run.run_id));
            self.whole = Some(whole);
        }
        let Some(whole) = &self.whole else { return };
        for phase in run.phases.iter().skip(self.phases.len()) {
            let bar = ProgressBar::new(1)
                .with_style(style("{msg}"))
                .with_prefix(phase.label.clone());
            self.phases.push(self.all.insert_before(whole, bar));
        }
    }

    fn fill(&self, run: &Run) {
        for (bar, phase) in self.phases.iter().zip(&run.phases) {
            let (done, total) = extent(phase);
            bar.set_length(total);
            bar.set_position(done);
            bar.set_message(note(phase));
        }
        if let Some(whole) = &self.whole {
            whole.set_position(u64::try_from(run.progress_percent).unwrap_or(0));
            whole.set_message(run.status.to_string());
        }
    }
}

impl Screen for Bars {
    fn show(&mut self, change: &Change) -> Result<(), Failure> {
        self.set_up(&change.run);
        for item in self.news.of(change).into_iter().filter(|item| !item.is_progress) {
            self.all.println(item.line).map_err(Failure::Output)?;
        }
        self.fill(&change.run);
        if super::has_ended(change.run.status) {
            self.phases.iter().chain(&self.whole).for_each(ProgressBar::abandon);
        }
        Ok(())
    }
}

fn style(rest: &str) -> ProgressStyle {
    let template = format!("  {{prefix:<24}} {{bar:32.cyan/blue}} {rest}");
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("=> ")
}

/// How far a phase is, and how far it goes. One that ended without units is full.
fn extent(phase: &RunPhase) -> (u64, u64) {
    let whole = |number: i64| u64::try_from(number).unwrap_or(0);
    match (phase.status.as_str(), whole(phase.progress_total)) {
        ("completed", total) => (total.max(1), total.max(1)),
        (_, 0) => (0, 1),
        (_, total) => (whole(phase.progress_current), total),
    }
}

/// What stands behind the bar of a phase.
fn note(phase: &RunPhase) -> String {
    let units = format!("{}/{}", phase.progress_current, phase.progress_total);
    match (phase.status.as_str(), phase.started_at, phase.completed_at) {
        ("completed", Some(from), Some(to)) => format!("{units} in {}", figures::span(to - from)),
        ("pending", ..) => String::new(),
        _ => units,
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_phase_shows_its_units_and_at_the_end_its_time() {
        let run = samples::change(20).run;
        assert_eq!(note(&run.phases[0]), "7/7 in 3.0 s");
        assert_eq!(note(&run.phases[1]), "3/12");
        assert_eq!(extent(&run.phases[1]), (3, 12));
    }

    #[test]
    fn a_phase_without_units_is_empty_until_it_ends_and_then_full() {
        let mut phase = samples::change(20).run.phases.remove(1);
        phase.progress_total = 0;
        assert_eq!(extent(&phase), (0, 1));
        phase.status = "completed".to_owned();
        assert_eq!(extent(&phase), (1, 1));
    }

    #[test]
    fn bars_grow_with_the_phases_and_stand_still_at_the_end() {
        let mut bars = Bars::default();
        bars.all.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        let mut change = samples::change(20);
        bars.show(&change).expect("bars");
        assert_eq!(
            bars.phases.iter().map(ProgressBar::position).collect::<Vec<_>>(),
            [7, 3]
        );
        change.run.status = crate::api::types::RunState::Completed;
        bars.show(&change).expect("bars");
        assert!(bars.whole.expect("a bar").is_finished());
    }
}
