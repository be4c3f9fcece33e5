//! The curve on a terminal: the total as columns with a scale, the portfolios as a line of blocks each.

use std::fmt::Write as _;

use super::{Equity, Series, bounds};
use crate::figures::{dollars, signed};

/// Lines of the tall chart.
const HEIGHT: usize = 8;
/// Columns, at most; more runs are thinned out.
const WIDTH: usize = 60;
/// Eighths of a cell, from the empty to the full.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The curve; nothing when there is none.
#[must_use]
pub fn draw(equity: &Equity) -> String {
    let (Some(first), Some(last)) = (equity.days.first(), equity.days.last()) else {
        return String::new();
    };
    let total = equity.total();
    let mut text = format!("\nAll portfolios, percent since the start, {first} to {last}\n");
    text += &tall(&total);
    let percents = equity.lines.iter().flat_map(Series::percents);
    let scale = bounds(percents.collect::<Vec<_>>().into_iter());
    let _ = writeln!(
        text,
        "\nEach of them, from {} % to {} %",
        signed(scale.0),
        signed(scale.1)
    );
    let lines: Vec<&Series> = equity.lines.iter().chain([&total]).collect();
    let width = lines.iter().map(|line| line.name.chars().count()).max().unwrap_or(0);
    for line in lines {
        let percents = line.percents();
        let strip: String = thin(&percents)
            .iter()
            .map(|value| BLOCKS[level(*value, scale, 7) + 1])
            .collect();
        let gain = signed(percents.last().copied().unwrap_or(0.0));
        let _ = writeln!(
            text,
            "  {:<width$}  {strip}  {gain:>7} %  {:>12}",
            line.name,
            dollars(line.last())
        );
    }
    text
}

/// Columns over several lines, with the scale at their left.
fn tall(line: &Series) -> String {
    let percents = line.percents();
    let scale = bounds(percents.iter().copied());
    let stretch = (WIDTH / percents.len().max(1)).clamp(1, 4);
    let columns: Vec<usize> = thin(&percents)
        .iter()
        .map(|value| level(*value, scale, HEIGHT * 8 - 1) + 1)
        .collect();
    let mut text = String::new();
    for row in (0..HEIGHT).rev() {
        let label = match row {
            0 => signed(scale.0),
            row if row == HEIGHT - 1 => signed(scale.1),
            _ => String::new(),
        };
        let cell = |filled: &usize| {
            let block = BLOCKS[filled.saturating_sub(row * 8).min(8)];
            block.to_string().repeat(stretch)
        };
        let cells: String = columns.iter().map(cell).collect();
        let _ = writeln!(text, "{}", format!("  {label:>8} │{cells}").trim_end());
    }
    text
}

/// Where a value lies between the bounds, in steps from 0 to `steps`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share of one times a few steps"
)]
fn level(value: f64, (low, high): (f64, f64), steps: usize) -> usize {
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0);
    (share * steps as f64).round() as usize
}

/// At most [`WIDTH`] of the values, evenly taken, the last one among them.
fn thin(values: &[f64]) -> Vec<f64> {
    let taken = values.len().min(WIDTH);
    (1..=taken).map(|at| values[at * values.len() / taken - 1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::equity::samples::equity;

    #[test]
    fn every_portfolio_and_the_total_have_a_line_on_one_scale() {
        let text = draw(&equity());
        assert!(text.contains("Each of them, from -1.00 % to +4.00 %"), "{text}");
        let row = |name: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(name));
            line.expect("a line")
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(row("stocks_consensus")[1..], ["▂▂▁", "-1.00", "%", "99,000.00"]);
        assert_eq!(row("options_quality")[1..], ["▂█▅", "+2.00", "%", "102,000.00"]);
        assert_eq!(row("total")[2..], ["+0.50", "%", "402,000.00"]);
    }

    #[test]
    fn the_tall_chart_has_its_scale_and_a_column_a_run() {
        let text = draw(&equity());
        let rows: Vec<&str> = text.lines().filter(|line| line.contains('│')).collect();
        assert_eq!(rows.len(), HEIGHT);
        assert!(
            rows[0].contains("+1.00 │    ████"),
            "the highest run fills its column: {text}"
        );
        assert!(rows[HEIGHT - 1].contains("+0.00 │▁▁▁▁████████"), "{text}");
    }

    #[test]
    fn many_runs_are_thinned_out_and_the_last_is_kept() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let thinned = thin(&values);
        assert_eq!((thinned.len(), thinned.last().copied()), (WIDTH, Some(999.0)));
        assert_eq!(thin(&[1.0, 2.0]), [1.0, 2.0]);
        assert_eq!(thin(&[]), [0.0; 0]);
        assert_eq!(draw(&Equity::default()), "");
    }
}
