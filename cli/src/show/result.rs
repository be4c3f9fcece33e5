//! What a run found.

use std::fmt::Write as _;

use super::section;
use super::signals::table as signal_table;
use crate::api::types::{AnalysisResult, ExitSummary, PortfolioValue, PositionSummary, RunResult, TickerSummary};
use crate::figures::{dollars, signed, time};
use crate::table::Table;

/// Tickers that are shown; the rest is counted.
const TICKERS: usize = 15;

/// A result with its tables.
#[must_use]
pub fn result(answer: &RunResult) -> String {
    let found = &answer.result;
    let mut text = head(answer);
    let signals = format!("Signals ({})", found.signals.len());
    text += &section(&signals, &signal_table(&found.signals));
    text += &section(&ticker_heading(found.tickers.len()), &tickers(&found.tickers));
    text += &section("Positions opened", &positions(&found.positions_opened));
    text += &section("Exits", &exits(&found.exits));
    text += &predictions(found);
    text += &section("Portfolios", &portfolios(&found.portfolios));
    text
}

fn head(answer: &RunResult) -> String {
    let (found, counts) = (&answer.result, &answer.result.counts);
    let mut text = format!(
        "r/{} at {} ({} result {} of run {})\n",
        found.subreddit,
        time(found.market_now),
        answer.result_kind,
        answer.result_id,
        answer.run_id
    );
    let _ = writeln!(
        text,
        "  {} posts, {} comments read, {} selected, {} annotated ({} by earlier runs)",
        counts.posts,
        counts.comments_fetched,
        counts.comments_selected,
        counts.comments_annotated,
        counts.comments_reused
    );
    if let Some(usage) = &found.model_usage {
        let _ = writeln!(
            text,
            "  language model: {} calls, {} dollars",
            usage.calls,
            dollars(usage.cost)
        );
    }
    text
}

fn ticker_heading(number: usize) -> String {
    if number > TICKERS {
        format!("Tickers (the first {TICKERS} of {number})")
    } else {
        format!("Tickers ({number})")
    }
}

fn tickers(all: &[TickerSummary]) -> Table {
    let mut table = Table::new(&["TICKER", "#MENTIONS", "#BULLISH", "#BEARISH", "#NEUTRAL", "#SENTIMENT"]);
    for one in all.iter().take(TICKERS) {
        let numbers = [one.mentions, one.bullish, one.bearish, one.neutral].map(|number| number.to_string());
        let [mentions, bullish, bearish, neutral] = numbers;
        let sentiment = signed(one.sentiment_score);
        table.row([one.ticker.clone(), mentions, bullish, bearish, neutral, sentiment]);
    }
    table
}

fn positions(all: &[PositionSummary]) -> Table {
    let mut table = Table::new(&[
        "#ID",
        "PORTFOLIO",
        "TICKER",
        "KIND",
        "SIDE",
        "#UNITS",
        "#PRICE",
        "#COST",
    ]);
    for one in all {
        table.row([
            one.id.to_string(),
            one.portfolio.clone(),
            one.ticker.clone(),
            one.instrument_type.clone(),
            one.direction.clone(),
            one.quantity.to_string(),
            dollars(one.entry_price),
            dollars(one.position_size),
        ]);
    }
    table
}

fn exits(all: &[ExitSummary]) -> Table {
    let mut table = Table::new(&[
        "#POSITION",
        "PORTFOLIO",
        "TICKER",
        "WHY",
        "DAY",
        "#UNITS",
        "#PRICE",
        "#PROFIT",
    ]);
    for one in all {
        table.row([
            one.position_id.to_string(),
            one.portfolio.clone(),
            one.ticker.clone(),
            one.exit_reason.clone(),
            one.exit_date.to_string(),
            one.quantity.to_string(),
            dollars(one.exit_price),
            dollars(one.realized_pnl),
        ]);
    }
    table
}

fn predictions(found: &AnalysisResult) -> String {
    let all = &found.predictions;
    if all.created + all.tracking + all.resolved + all.expired == 0 {
        return String::new();
    }
    let (created, tracking, resolved, expired) = (all.created, all.tracking, all.resolved, all.expired);
    format!("\nPredictions\n  {created} created, {tracking} tracked, {resolved} resolved, {expired} expired\n")
}

fn portfolios(all: &[PortfolioValue]) -> Table {
    let mut table = Table::new(&["PORTFOLIO", "#VALUE", "#CASH"]);
    for one in all {
        table.row([
            one.name.clone(),
            dollars(one.current_value),
            dollars(one.cash_available),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sample() -> RunResult {
        let id = "0198c0de-0000-7000-8000-000000000001";
        let found = json!({
            "subreddit": "stocks", "market_now": "2026-01-05T20:00:00.000000Z",
            "counts": {"posts": 2, "comments_fetched": 30, "comments_selected": 9, "comments_annotated": 9,
                       "comments_reused": 1},
            "tickers": [{"ticker": "GME", "mentions": 7, "bullish": 5, "bearish": 1, "neutral": 1,
                         "sentiment_score": 0.456}],
            "signals": [{"id": 3, "subreddit": "stocks", "ticker": "GME", "signal_type": "quality",
                         "signal_date": "2026-01-05", "prediction": "bullish", "confidence": 0.874,
                         "comment_count": 4, "sentiment_score": 0.61, "has_reasoning": true, "is_emergence": null,
                         "prior_7d_mentions": 0, "distinct_users": 3}],
            "positions_opened": [], "exits": [],
            "predictions": {"created": 0, "tracking": 0, "resolved": 0, "expired": 0},
            "portfolios": [{"name": "stocks_quality", "current_value": 100_000.0, "cash_available": 95_000.5}],
            "warnings_count": 0,
        });
        let answer = json!({
            "result_id": id, "requested_result_id": id, "job_id": id, "run_id": 1, "result_kind": "final",
            "result_seq": 2, "schema_version": 1, "created_at": "2026-01-05T20:00:09.000000Z", "result": found,
        });
        serde_json::from_value(answer).expect("a result")
    }

    #[test]
    fn a_result_has_a_table_for_each_list_that_is_not_empty() {
        let text = result(&sample());
        for part in [
            "Signals (1)",
            "  GME            7        5        1        1      +0.46\n",
            "95,000.50",
        ] {
            assert!(text.contains(part), "{part:?} is not in\n{text}");
        }
        assert!(
            text.contains("30 comments read, 9 selected, 9 annotated (1 by earlier runs)"),
            "{text}"
        );
        for absent in ["Exits", "Positions", "Predictions", "language model"] {
            assert!(!text.contains(absent), "{absent:?} is in\n{text}");
        }
    }

    #[test]
    fn a_long_list_of_tickers_is_cut_and_says_so() {
        let many = vec![sample().result.tickers.remove(0); 20];
        assert_eq!(tickers(&many).to_string().lines().count(), TICKERS + 1);
        assert_eq!(ticker_heading(20), "Tickers (the first 15 of 20)");
    }
}
