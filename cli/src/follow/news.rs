//! Events and warnings as lines, each told once.

use std::collections::HashMap;

use super::Change;
use crate::api::types::{RunEvent, Warning};
use crate::figures;

/// What has been told.
#[derive(Debug, Default)]
pub struct News {
    warnings: HashMap<String, usize>,
}

/// One thing to tell.
#[derive(Debug, PartialEq, Eq)]
pub struct Item {
    /// The line, with the time since the run was queued.
    pub line: String,
    /// Whether bars show the same.
    pub is_progress: bool,
}

impl News {
    /// What is new in a change: events first, then warnings.
    pub fn of(&mut self, change: &Change) -> Vec<Item> {
        let since = |at| figures::span(at - change.run.queued_at);
        let mut items = Vec::new();
        for event in &change.events {
            items.push(Item {
                line: format!("{:>8}  {}", since(event.occurred_at), tell(event)),
                is_progress: event.event_type.starts_with("job.phase_"),
            });
        }
        for phase in &change.run.phases {
            let told = self.warnings.entry(phase.key.clone()).or_default();
            for warning in phase.warnings.iter().skip(*told) {
                let line = format!("{:>8}  warning: {}", since(warning.timestamp), caution(warning));
                items.push(Item {
                    line,
                    is_progress: false,
                });
            }
            *told = phase.warnings.len().max(*told);
        }
        items
    }
}

/// A warning in a line.
fn caution(warning: &Warning) -> String {
    let ticker = warning
        .ticker
        .as_ref()
        .map_or_else(String::new, |ticker| format!(" {ticker}"));
    format!("{}{ticker}: {}", warning.type_, warning.message)
}

fn tell(event: &RunEvent) -> String {
    let payload = &event.payload;
    let label = payload.phase_label.as_deref().unwrap_or("a phase");
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    match event.event_type.as_str() {
        "job.queued" => "queued".to_owned(),
        "job.running" => "a worker has taken it".to_owned(),
        "job.phase_started" => match payload.attempt {
            Some(attempt) if attempt > 1 => format!("{label}: started (attempt {attempt})"),
            _ => format!("{label}: started"),
        },
        "job.phase_completed" => format!("{label}: done"),
        "job.partial" => format!("partial result {} is readable", figures::or_dash(payload.result_seq)),
        "job.resumed" => format!("resumed, attempt {}", figures::or_dash(payload.attempt)),
        "job.slow" => "slower than expected; it goes on".to_owned(),
        "job.cancel_requested" => format!("asked to end {}", text(&payload.reason)).trim_end().to_owned(),
        "job.completed" => "completed".to_owned(),
        "job.failed" => format!(
            "failed: {} ({})",
            text(&payload.error_message),
            text(&payload.error_code)
        ),
        "job.canceled" => format!("canceled {}", text(&payload.reason)).trim_end().to_owned(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn events_and_warnings_are_told_once_with_their_time() {
        let (mut news, mut change) = (News::default(), samples::change(20));
        let lines: Vec<_> = news.of(&change).into_iter().map(|item| item.line).collect();
        let expected = [
            "   1.5 s  queued",
            "   1.5 s  Phase 1: started",
            "   2.0 s  warning: market_hours_skipped GME: closed",
        ];
        assert_eq!(lines, expected);
        change.events.clear();
        assert_eq!(news.of(&change), []);
    }

    #[test]
    fn only_phases_are_shown_by_bars() {
        let items = News::default().of(&samples::change(20));
        assert_eq!(
            items.iter().map(|item| item.is_progress).collect::<Vec<_>>(),
            [false, true, false]
        );
    }

    #[test]
    fn every_event_has_words_and_an_unknown_one_its_name() {
        let told = |kind| tell(&samples::event(9, kind, Some("Analysis")));
        assert_eq!(told("job.failed"), "failed: too slow (timeout)");
        assert_eq!(told("job.partial"), "partial result 4 is readable");
        assert_eq!(told("job.canceled"), "canceled");
        assert_eq!(told("job.phase_completed"), "Analysis: done");
        assert_eq!(told("job.new_kind"), "job.new_kind");
    }
}
