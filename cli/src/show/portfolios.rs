//! Portfolios, how they did, and prices.

use crate::api::types::{EvaluationPeriodList, PortfolioList, PriceHistory};
use crate::figures::{count, dollars, or_dash, signed};
use crate::table::Table;

/// Portfolios as a table.
#[must_use]
pub fn portfolios(list: &PortfolioList) -> String {
    if list.data.is_empty() {
        return "no portfolios\n".to_owned();
    }
    let mut table = Table::new(&[
        "#ID",
        "SUBREDDIT",
        "NAME",
        "#VALUE",
        "#CASH",
        "#OPEN",
        "#GAIN",
        "#GAIN %",
    ]);
    for one in &list.data {
        table.row([
            one.id.to_string(),
            one.subreddit.clone(),
            one.name.clone(),
            dollars(one.current_value),
            dollars(one.cash_available),
            one.open_position_count.to_string(),
            dollars(one.total_pnl),
            or_dash(one.total_pnl_pct.map(signed)),
        ]);
    }
    format!("{table}  {}\n", count(list.meta.total, "portfolio"))
}

/// Evaluation periods as a table.
#[must_use]
pub fn periods(list: &EvaluationPeriodList) -> String {
    if list.data.is_empty() {
        return "no periods\n".to_owned();
    }
    let mut table = Table::new(&[
        "FROM",
        "TO",
        "STATUS",
        "#RETURN %",
        "#S&P 500 %",
        "#AHEAD",
        "#CLOSED",
        "#WON",
        "#LOST",
        "#MEAN %",
    ]);
    for one in &list.data {
        table.row([
            one.period_start.to_string(),
            one.period_end.to_string(),
            one.status.clone(),
            or_dash(one.portfolio_return_pct.map(signed)),
            or_dash(one.sp500_return_pct.map(signed)),
            or_dash(one.relative_performance.map(signed)),
            or_dash(one.total_positions_closed),
            or_dash(one.winning_positions),
            or_dash(one.losing_positions),
            or_dash(one.avg_return_pct.map(signed)),
        ]);
    }
    format!(
        "{table}  {} of portfolio {}\n",
        count(list.meta.total, "period"),
        list.meta.portfolio_id
    )
}

/// Closes as a table.
#[must_use]
pub fn prices(history: &PriceHistory) -> String {
    let (ticker, days) = (&history.meta.ticker, history.meta.days);
    let gap = if history.meta.complete {
        ""
    } else {
        "; some days could not be fetched"
    };
    if history.data.is_empty() {
        return format!("no prices of {ticker} in {}{gap}\n", count(days, "day"));
    }
    let mut table = Table::new(&["DAY", "#CLOSE"]);
    for point in &history.data {
        table.row([point.date.to_string(), dollars(point.close)]);
    }
    format!("{table}  {ticker}, {}{gap}\n", count(days, "day"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_could_not_be_fetched_is_said() {
        let meta = json!({"timestamp": "2026-01-05T20:00:00Z", "version": "0", "request_id": "r", "total": 0,
                          "ticker": "GME", "days": 14, "complete": false});
        let mut history: PriceHistory = serde_json::from_value(json!({"data": [], "meta": meta})).expect("prices");
        assert_eq!(
            prices(&history),
            "no prices of GME in 14 days; some days could not be fetched\n"
        );
        history.meta.complete = true;
        let point = json!({"date": "2026-01-05", "close": 24.5});
        history.data.push(serde_json::from_value(point).expect("a point"));
        assert!(
            prices(&history).ends_with("  24.50\n  GME, 14 days\n"),
            "{}",
            prices(&history)
        );
    }

    #[test]
    fn a_period_without_the_index_has_dashes() {
        let period = json!({
            "id": 1, "subreddit": "stocks", "portfolio_id": 1, "period_start": "2026-01-05",
            "period_end": "2026-02-04", "instrument_type": "stock", "signal_type": "quality", "status": "active",
            "portfolio_return_pct": 1.25, "sp500_return_pct": null, "relative_performance": null,
            "beat_benchmark": null, "total_positions_closed": 2, "winning_positions": 1, "losing_positions": 1,
            "avg_return_pct": -0.5, "signal_accuracy_pct": 50.0, "value_at_period_start": 100_000.0,
            "created_at": "2026-01-05T20:00:00Z"
        });
        let meta = json!({"timestamp": "2026-01-05T20:00:00Z", "version": "0", "request_id": "r", "total": 1,
                          "portfolio_id": 1});
        let list: EvaluationPeriodList =
            serde_json::from_value(json!({"data": [period], "meta": meta})).expect("periods");
        let text = periods(&list);
        let row: Vec<_> = text.lines().nth(1).expect("a row").split_whitespace().collect();
        assert_eq!(
            row,
            [
                "2026-01-05",
                "2026-02-04",
                "active",
                "+1.25",
                "-",
                "-",
                "2",
                "1",
                "1",
                "-0.50"
            ]
        );
    }
}
