//! A replay: each day in a line, then what came of all of them.

use std::fmt::Write as _;
use std::path::Path;

use super::{outcome, section};
use crate::api::types::Position;
use crate::equity::text;
use crate::figures::{count, dollars, or_dash, signed};
use crate::replay::{Day, Ending, Report, gain, rank};
use crate::table::Table;

/// One day in a line: the `number`th of `all`.
#[must_use]
pub fn day(day: &Day, all: usize, number: usize) -> String {
    let (width, date) = (all.to_string().len(), day.date);
    let told = match &day.ending {
        Ending::Ran(run) => outcome(run),
        Ending::Refused(reason) => format!("refused: {reason}\n"),
    };
    format!("[{number:>width$}/{all}] {date}  {told}")
}

/// Everything there is to say.
#[must_use]
pub fn replay(report: &Report, svg: Option<&Path>) -> String {
    let mut text = portfolios(report);
    if report.equity.is_empty() {
        text += "\nno portfolio was valued on these days, so there is no curve\n";
    }
    text += &text::draw(&report.equity);
    text += &ranking("Closed", &report.closed);
    text += &ranking("Open", &report.open);
    text += &warnings(report);
    if let Some(path) = svg {
        let _ = writeln!(text, "\nThe curve is drawn in {}", path.display());
    }
    text
}

fn portfolios(report: &Report) -> String {
    let mut table = Table::new(&["PORTFOLIO", "#START", "#VALUE", "#CASH", "#RETURN %", "#OPEN"]);
    let all = report.portfolios.iter().map(|(portfolio, _)| portfolio);
    let (mut start, mut value, mut cash, mut open) = (0.0, 0.0, 0.0, 0);
    for one in all {
        table.row([
            one.name.clone(),
            dollars(one.starting_capital),
            dollars(one.current_value),
            dollars(one.cash_available),
            or_dash(one.total_pnl_pct.map(signed)),
            one.open_position_count.to_string(),
        ]);
        start += one.starting_capital;
        value += one.current_value;
        cash += one.cash_available;
        open += one.open_position_count;
    }
    if table.is_empty() {
        return "\nno portfolios\n".to_owned();
    }
    let gained = (start > 0.0).then(|| signed((value - start) / start * 100.0));
    table.row([
        "total".to_owned(),
        dollars(start),
        dollars(value),
        dollars(cash),
        or_dash(gained),
        open.to_string(),
    ]);
    section("Portfolios", &table)
}

fn ranking(what: &str, positions: &[Position]) -> String {
    let total = count(i64::try_from(positions.len()).unwrap_or(i64::MAX), "position");
    let (best, worst) = rank(positions);
    let best = section(&format!("{what}: the best of {total}"), &table(&best));
    best + &section(&format!("{what}: the worst"), &table(&worst))
}

fn table(positions: &[&Position]) -> Table {
    let mut table = Table::new(&[
        "#ID",
        "TICKER",
        "SIDE",
        "SIGNAL",
        "OPENED",
        "CLOSED",
        "WHY",
        "#DAYS",
        "#RETURN %",
    ]);
    for one in positions {
        table.row([
            one.id.to_string(),
            one.ticker.clone(),
            one.direction.clone(),
            one.signal_type.clone(),
            one.entry_date.to_string(),
            or_dash(one.exit_date),
            or_dash(one.exit_reason.as_ref()),
            or_dash(one.hold_days),
            or_dash(gain(one).map(signed)),
        ]);
    }
    table
}

fn warnings(report: &Report) -> String {
    let counts = report.warnings();
    let mut table = Table::new(&["TYPE", "#COUNT"]);
    for (kind, number) in &counts {
        table.row([kind.clone(), number.to_string()]);
    }
    let total: usize = counts.values().sum();
    section(&format!("Warnings ({total})"), &table)
}
