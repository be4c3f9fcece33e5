//! Predictions, and the course of one.

use std::fmt::Write as _;

use super::section;
use crate::api::types::{PredictionDetail, PredictionExit, PredictionOutcome, PredictionPage};
use crate::figures::{count, dollars, or_dash, signed, time};
use crate::table::Table;

/// A page of predictions.
#[must_use]
pub fn predictions(page: &PredictionPage) -> String {
    if page.data.is_empty() {
        return "no predictions\n".to_owned();
    }
    let mut table = Table::new(&[
        "#ID",
        "AUTHOR",
        "TICKER",
        "SIDE",
        "#STRIKE",
        "UNTIL",
        "#PAID",
        "#NOW",
        "STATUS",
        "#RETURN %",
        "RIGHT",
        "SAID",
    ]);
    for one in &page.data {
        table.row([
            one.id.to_string(),
            one.author.clone(),
            one.ticker.clone(),
            one.option_type.clone(),
            or_dash(one.strike_price.map(dollars)),
            or_dash(one.expiration_date),
            or_dash(one.entry_premium.map(dollars)),
            or_dash(one.current_premium.map(dollars)),
            one.status.clone(),
            or_dash(one.simulated_return_pct.map(signed)),
            or_dash(one.is_correct.map(yes)),
            or_dash(one.hitl_override.as_ref()),
        ]);
    }
    format!(
        "{table}  {} of {}\n",
        page.data.len(),
        count(page.meta.total, "prediction")
    )
}

/// One prediction with its course.
#[must_use]
pub fn prediction(one: &PredictionDetail) -> String {
    let mut text = format!(
        "prediction {}: {} says {} will be {} ({}), {}\n",
        one.id,
        one.author,
        one.ticker,
        if one.sentiment == "bullish" { "up" } else { "down" },
        one.option_type,
        one.status
    );
    let _ = writeln!(
        text,
        "  made {}  strike {}  until {}  paid {}  now {}",
        time(one.created_at),
        or_dash(one.strike_price.map(dollars)),
        or_dash(one.expiration_date),
        or_dash(one.entry_premium.map(dollars)),
        or_dash(one.current_premium.map(dollars))
    );
    let _ = writeln!(
        text,
        "  return {} %  right {}  overridden {}",
        or_dash(one.simulated_return_pct.map(signed)),
        or_dash(one.is_correct.map(yes)),
        or_dash(one.hitl_override.as_ref())
    );
    text += &section("Course", &course(&one.outcomes));
    text + &section("Exits", &exits(&one.exits))
}

fn course(all: &[PredictionOutcome]) -> Table {
    let mut table = Table::new(&["#DAY", "#PREMIUM", "#CHANGE %", "#UNDERLYING"]);
    for one in all {
        table.row([
            one.day_offset.to_string(),
            dollars(one.premium),
            or_dash(one.pnl_pct.map(signed)),
            or_dash(one.underlying_price.map(dollars)),
        ]);
    }
    table
}

fn exits(all: &[PredictionExit]) -> Table {
    let mut table = Table::new(&["DAY", "WHY", "#CONTRACTS", "#PREMIUM", "#PROFIT"]);
    for one in all {
        table.row([
            one.exit_date.to_string(),
            one.exit_reason.clone(),
            one.contracts_exited.to_string(),
            dollars(one.exit_premium),
            dollars(one.simulated_pnl),
        ]);
    }
    table
}

fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}
