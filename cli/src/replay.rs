//! What came of a replay: its days, its portfolios, its positions and its warnings.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::api::types::{Portfolio, PortfolioPoint, Position, Run, RunState};
use crate::equity::Equity;
use crate::failure::Failure;
use crate::figures::count;

/// Positions that are named as the best, and as the worst.
const NAMED: usize = 5;

/// One day.
#[derive(Debug)]
pub struct Day {
    /// US/Eastern day.
    pub date: NaiveDate,
    /// Instant of the run.
    pub as_of: DateTime<Utc>,
    /// What became of it.
    pub ending: Ending,
}

/// What became of a day.
#[derive(Debug)]
pub enum Ending {
    /// Its run has ended, one way or another.
    Ran(Box<Run>),
    /// The service refused to run it; the reason.
    Refused(String),
}

impl Day {
    /// Its run, unless it was refused.
    #[must_use]
    pub const fn run(&self) -> Option<&Run> {
        match &self.ending {
            Ending::Ran(run) => Some(run),
            Ending::Refused(_) => None,
        }
    }

    fn completed(&self) -> bool {
        self.run().is_some_and(|run| run.status == RunState::Completed)
    }
}

/// Everything there is to say.
#[derive(Debug)]
pub struct Report {
    /// The days that were tried, in order.
    pub days: Vec<Day>,
    /// Each portfolio with what it was worth after the runs of these days.
    pub portfolios: Vec<(Portfolio, Vec<PortfolioPoint>)>,
    /// The same as lines.
    pub equity: Equity,
    /// Positions closed within these days.
    pub closed: Vec<Position>,
    /// Positions held now.
    pub open: Vec<Position>,
}

impl Report {
    /// How often the runs met each type of warning.
    #[must_use]
    pub fn warnings(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        let runs = self.days.iter().filter_map(Day::run);
        for warning in runs.flat_map(|run| run.warnings.iter().flatten()) {
            *counts.entry(warning.type_.to_string()).or_default() += 1;
        }
        counts
    }

    /// Success only when every day's run completed; else the way to go on.
    pub fn verdict(&self, asked: usize) -> Result<(), Failure> {
        let done = self.days.iter().filter(|day| day.completed()).count();
        if done == asked {
            return Ok(());
        }
        let broken = self.days.iter().find(|day| day.run().is_some() && !day.completed());
        let text = match broken {
            Some(day) => format!(
                "the run of {0} did not complete; when its cause is gone, go on with `analyze replay --from {0}`",
                day.date
            ),
            None => format!(
                "{} of {asked} refused: a day cannot be lived through twice, nor before it has come; \
                 an empty database starts anew",
                count(i64::try_from(asked - done).unwrap_or(i64::MAX), "day")
            ),
        };
        Err(Failure::Incomplete(text))
    }

    /// The whole of it as JSON.
    #[must_use]
    pub fn json(&self, svg: Option<&Path>) -> Value {
        let equity = self
            .portfolios
            .iter()
            .map(|(portfolio, points)| json!({"portfolio_id": portfolio.id, "name": portfolio.name, "points": points}));
        let ranked = |positions: &[Position]| {
            let (best, worst) = rank(positions);
            json!({"total": positions.len(), "best": best, "worst": worst})
        };
        json!({
            "days": self.days.iter().map(day).collect::<Vec<_>>(),
            "portfolios": self.portfolios.iter().map(|(portfolio, _)| portfolio).collect::<Vec<_>>(),
            "equity": equity.collect::<Vec<_>>(),
            "closed_positions": ranked(&self.closed),
            "open_positions": ranked(&self.open),
            "warnings": self.warnings(),
            "svg": svg,
        })
    }
}

fn day(day: &Day) -> Value {
    let run = day.run();
    let refused = match &day.ending {
        Ending::Refused(reason) => Some(reason),
        Ending::Ran(_) => None,
    };
    json!({
        "day": day.date,
        "as_of": day.as_of.to_rfc3339_opts(SecondsFormat::Secs, true),
        "run_id": run.map(|run| run.run_id),
        "status": run.map(|run| run.status),
        "error_code": run.and_then(|run| run.error_code.as_ref()),
        "signals_created": run.and_then(|run| run.signals_created),
        "positions_opened": run.and_then(|run| run.positions_opened),
        "exits_triggered": run.and_then(|run| run.exits_triggered),
        "refused": refused,
    })
}

/// Percent gained or lost: realised once closed, at the last price before.
#[must_use]
pub fn gain(position: &Position) -> Option<f64> {
    position.realized_return_pct.or(position.unrealized_return_pct)
}

/// The best, best first, and the worst of the others, worst first. What has no price is neither.
#[must_use]
pub fn rank(positions: &[Position]) -> (Vec<&Position>, Vec<&Position>) {
    let mut all: Vec<_> = positions
        .iter()
        .filter_map(|position| Some((gain(position)?, position)))
        .collect();
    all.sort_by(|(one, first), (other, second)| other.total_cmp(one).then(first.id.cmp(&second.id)));
    let only = |(_, position)| position;
    let worst = all.split_off(all.len().min(NAMED));
    let best = all.into_iter().map(only).collect();
    (best, worst.into_iter().rev().take(NAMED).map(only).collect())
}
