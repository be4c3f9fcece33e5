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
    /// The day on which somebody ended it.
    pub interrupted: Option<NaiveDate>,
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
        if let Some(day) = self.interrupted {
            return Err(Failure::Incomplete(format!(
                "interrupted on {day}; a run that was started goes on (`analyze runs` shows it); \
                 go on with `analyze replay --from` the day after it"
            )));
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
            "interrupted": self.interrupted,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn position(id: i64, gain: Option<f64>) -> Position {
        let nulls = [
            "shares",
            "shares_remaining",
            "stop_loss_price",
            "take_profit_price",
            "peak_price",
            "option_type",
            "strike_price",
            "expiration_date",
            "contract_symbol",
            "contracts",
            "contracts_remaining",
            "premium_paid",
            "peak_premium",
            "underlying_price_at_entry",
            "last_price",
            "last_priced_at",
            "last_checked_at",
            "last_checked_run_id",
            "exit_date",
            "exit_reason",
            "realized_return_pct",
            "current_price",
            "nearest_exit_distance_pct",
            "hold_days",
            "dte",
            "premium_change_pct",
        ];
        let mut one = json!({
            "id": id, "subreddit": "stocks", "portfolio_id": 1, "signal_id": 1, "run_id": 1, "ticker": "GME",
            "instrument_type": "stock", "signal_type": "quality", "direction": "long", "confidence": 0.7,
            "position_size": 100.0, "entry_date": "2026-01-05", "entry_price": 1.0, "status": "open",
            "opened_at": "2026-01-05T16:00:00Z", "trailing_stop_active": false, "time_extension": "base",
            "unrealized_return_pct": gain, "position_exits": [],
        });
        for name in nulls {
            one[name] = Value::Null;
        }
        serde_json::from_value(one).expect("a position")
    }

    #[test]
    fn the_best_and_the_worst_are_never_the_same() {
        let ids = |all: Vec<&Position>| all.into_iter().map(|one| one.id).collect::<Vec<_>>();
        let gains = [3.0, -1.0, 9.0, 0.0, 5.0, 5.0, -7.0];
        let mut positions: Vec<_> = (1..).zip(gains).map(|(id, gain)| position(id, Some(gain))).collect();
        positions.push(position(8, None));
        let (best, worst) = rank(&positions);
        assert_eq!((ids(best), ids(worst)), (vec![3, 5, 6, 1, 4], vec![7, 2]));
        let (best, worst) = rank(&positions[..2]);
        assert_eq!((ids(best), ids(worst)), (vec![1, 2], Vec::<i64>::new()));
    }
}
