//! Positions, and what was sold of them.

use std::fmt::Write as _;

use super::section;
use crate::api::types::{Position, PositionClose, PositionExit, PositionPage};
use crate::figures::{clip, count, dollars, or_dash, share, signed};
use crate::table::Table;

/// A page of positions.
#[must_use]
pub fn positions(page: &PositionPage) -> String {
    if page.data.is_empty() {
        return "no positions\n".to_owned();
    }
    let mut table = Table::new(&[
        "#ID",
        "#PORTFOLIO",
        "TICKER",
        "SIDE",
        "STATUS",
        "OPENED",
        "#UNITS",
        "#PRICE",
        "#NOW",
        "#RETURN %",
        "#DAYS",
        "#TO EXIT %",
    ]);
    for one in &page.data {
        table.row([
            one.id.to_string(),
            one.portfolio_id.to_string(),
            one.ticker.clone(),
            one.direction.clone(),
            one.status.clone(),
            one.entry_date.to_string(),
            units(one),
            dollars(one.entry_price),
            or_dash(one.current_price.map(dollars)),
            or_dash(gain(one).map(signed)),
            or_dash(one.hold_days),
            or_dash(one.nearest_exit_distance_pct.map(share)),
        ]);
    }
    format!(
        "{table}  {} of {}\n",
        page.data.len(),
        count(page.meta.total, "position")
    )
}

/// One position with its exits.
#[must_use]
pub fn position(one: &Position) -> String {
    let mut text = format!(
        "position {}: {} {} in portfolio {} of r/{}, {}\n",
        one.id, one.direction, one.ticker, one.portfolio_id, one.subreddit, one.status
    );
    let _ = writeln!(
        text,
        "  {} units at {} for {} on {}, {} left",
        or_dash(one.shares.or(one.contracts)),
        dollars(one.entry_price),
        dollars(one.position_size),
        one.entry_date,
        units(one)
    );
    let _ = writeln!(
        text,
        "  now {}  return {} %  held {} days  nearest exit {} % away",
        or_dash(one.current_price.map(dollars)),
        or_dash(gain(one).map(signed)),
        or_dash(one.hold_days),
        or_dash(one.nearest_exit_distance_pct.map(share))
    );
    if let (Some(strike), Some(last)) = (one.strike_price, one.expiration_date) {
        let _ = writeln!(
            text,
            "  strike {}  until {last} ({} days)",
            dollars(strike),
            or_dash(one.dte)
        );
    }
    text + &section(
        &format!("Exits ({})", one.position_exits.len()),
        &exits(&one.position_exits),
    )
}

/// What was sold by hand.
#[must_use]
pub fn sold(closed: &PositionClose) -> String {
    let (exit, left) = (&closed.exit, units(&closed.position));
    format!(
        "sold {} of {} at {}, profit {}; position {} is {}, {left} left\n",
        or_dash(exit.shares_exited.or(exit.contracts_exited)),
        closed.position.ticker,
        dollars(exit.exit_price),
        dollars(exit.realized_pnl),
        closed.position.id,
        closed.position.status
    )
}

fn units(one: &Position) -> String {
    or_dash(one.shares_remaining.or(one.contracts_remaining))
}

fn gain(one: &Position) -> Option<f64> {
    one.unrealized_return_pct.or(one.realized_return_pct)
}

fn exits(all: &[PositionExit]) -> Table {
    let mut table = Table::new(&["DAY", "WHY", "#UNITS", "#PRICE", "#PROFIT", "NOTES"]);
    for one in all {
        table.row([
            one.exit_date.to_string(),
            one.exit_reason.clone(),
            or_dash(one.shares_exited.or(one.contracts_exited)),
            dollars(one.exit_price),
            dollars(one.realized_pnl),
            one.notes.as_deref().map_or_else(String::new, |notes| clip(notes, 50)),
        ]);
    }
    table
}
